/// Where bytes lie in a store: 128 random bits, as 32 lower-case hexadecimal digits.
public struct BlobKey: Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let description: String

    /// Makes a key that was never used before.
    public init(using random: inout some RandomNumberGenerator) {
        let bits: (UInt64, UInt64) = (random.next(), random.next())
        description = Self.digits(bits.0) + Self.digits(bits.1)
    }

    /// Makes a key that was never used before, from the system's randomness.
    public static func random() -> BlobKey {
        var generator = SystemRandomNumberGenerator()
        return BlobKey(using: &generator)
    }

    /// Reads a key that was recorded; nil when the text is none.
    public init?(_ text: some StringProtocol) {
        // As a String, of which the compiler knows how to read each byte: one is read for each blob that is opened.
        let text = String(text)
        guard text.utf8.count == 32, text.utf8.allSatisfy(Self.isDigit) else { return nil }
        description = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)
    }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
