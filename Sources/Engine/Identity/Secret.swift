/// What only one party may know: a password, a token, a key.
///
/// It prints as `<redacted>`, wherever it is printed, and is compared in a time that does not depend on its bytes.
public struct Secret: Sendable {
    /// The bytes, for what must have them.
    public let bytes: [UInt8]

    /// Keeps bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Keeps the bytes of a text.
    public init(_ text: some StringProtocol) {
        self.init(Array(text.utf8))
    }

    /// A new one that nobody can guess: 32 random bytes as 64 hexadecimal digits, after a prefix that says what it is.
    public static func random(prefix: String = "") -> Secret {
        var generator = SystemRandomNumberGenerator()
        let words = (0..<4).map { _ in generator.next() as UInt64 }
        let digits = words.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return Secret(prefix + digits.joined())
    }
}

extension Secret: Equatable {
    /// Looks at all bytes of both; only whether the lengths are equal can be told from the time.
    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.bytes.count == right.bytes.count else { return false }
        return zip(left.bytes, right.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of what it is.
    public var description: String { "<redacted>" }
    /// Nothing of what it is.
    public var debugDescription: String { "<redacted>" }
    /// Nothing of what it is.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
