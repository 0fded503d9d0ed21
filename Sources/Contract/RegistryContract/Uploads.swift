/// The name of an upload: 128 random bits, so that knowing one is as good as a password for it.
public struct UploadID: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits in the groups of a UUID (RFC 9562).
    public let description: String

    /// Makes a new one (a UUID of version 4).
    public init(using random: inout some RandomNumberGenerator) {
        let high = (random.next() as UInt64) & ~0xF000 | 0x4000
        let low = (random.next() as UInt64) & ~(0b11 << 62) | (0b10 << 62)
        let digits = Self.digits(high) + Self.digits(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        description = text
    }

    /// Reads an id; nil when the text is none.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard text.utf8.count == 36 else { return nil }
        for (offset, byte) in text.utf8.enumerated() {
            let isAllowed =
                switch offset {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                default: (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)
                }
            guard isAllowed else { return nil }
        }
        description = text
    }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}

/// How far an upload has come.
public struct UploadStatus: Sendable, Hashable {
    /// Which upload.
    public var id: UploadID
    /// How many bytes are there: the next one goes to this offset.
    public var offset: Int64

    /// States how far an upload has come.
    public init(id: UploadID, offset: Int64) {
        self.id = id
        self.offset = offset
    }
}
