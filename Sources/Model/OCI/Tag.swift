/// A name that a person gave to a manifest (distribution specification, "Pulling manifests").
///
/// Grammar: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
public struct Tag: Hashable, Sendable {
    /// The longest tag, in bytes.
    public static let byteCountMax = 128

    /// Why a text is not a tag.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes at all.
        case empty
        /// Longer than ``Tag/byteCountMax``.
        case tooLong
        /// A character outside the grammar, or one that a tag may not begin with.
        case character
    }

    /// The tag itself.
    public let description: String

    /// Reads a tag.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        let bytes = text.utf8
        guard let first = bytes.first else { throw .empty }
        guard bytes.count <= Self.byteCountMax else { throw .tooLong }
        guard first != ASCII.dot, first != ASCII.dash, bytes.allSatisfy(Self.isAllowed) else { throw .character }
        description = text
    }

    init(known: String) {
        description = known
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == ASCII.underscore || byte == ASCII.dot || byte == ASCII.dash
    }
}

extension Tag: CustomStringConvertible {}

extension Tag: Comparable {
    /// Bytewise order, as every list of tags is sorted.
    public static func < (left: Tag, right: Tag) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
