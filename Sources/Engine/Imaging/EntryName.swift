/// A path in an image, or what a link in it points to: bytes, mostly UTF-8.
///
/// Not a String: two names that look alike in Unicode are two files.
public struct EntryName: Hashable, Sendable {
    /// The bytes; of a path, its components with `/` between them, neither at the beginning nor at the end.
    public var bytes: [UInt8]

    /// Takes bytes as they are.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the bytes of a text.
    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The components of a path.
    var components: [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "/"))
    }
}

extension EntryName: CustomStringConvertible {
    /// The text, with U+FFFD for what is no UTF-8.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension EntryName: Comparable {
    /// Bytewise order.
    public static func < (left: EntryName, right: EntryName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
