/// So many in so long a time, such as `100/s` or `100/6h`.
public struct Rate: Sendable, Hashable {
    /// How many.
    public let count: Int
    /// In how long a time.
    public let window: Duration

    /// States both.
    public init(_ count: Int, per window: Duration) {
        self.count = count
        self.window = window
    }
}

/// So many bytes in so long a time, such as `50MiB/s`.
public struct ByteRate: Sendable, Hashable {
    /// How many.
    public let bytes: ByteCount
    /// In how long a time.
    public let window: Duration

    /// States both.
    public init(_ bytes: ByteCount, per window: Duration) {
        self.bytes = bytes
        self.window = window
    }
}

extension Rate: SettingValue {
    static let placeholder = "NUMBER/TIME"
    static let expected = "a number in a time of a second or more, such as 100/s, 6000/m or 100/6h"
    static let schema: [JSONText.Member] = [("type", "string"), ("pattern", "^[0-9]+/([0-9]*(s|m|h|d))+$")]

    init?(settingText: String) {
        guard let (quantity, window) = RateText.split(settingText), quantity.allSatisfy({ $0.isASCII && $0.isNumber }),
            let count = Int(quantity), count > 0
        else { return nil }
        self.init(count, per: window)
    }

    var settingText: String { "\(count)/\(RateText.text(window))" }
}

extension ByteRate: SettingValue {
    static let placeholder = "BYTES/TIME"
    static let expected = "a number of bytes in a time of a second or more, such as 50MiB/s, 10GB/h or 1TiB/30d"
    static let schema: [JSONText.Member] = [
        ("type", "string"), ("pattern", "^[0-9]+ ?(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?/([0-9]*(s|m|h|d))+$"),
    ]

    init?(settingText: String) {
        guard let (quantity, window) = RateText.split(settingText),
            let bytes = ByteCount(settingText: String(quantity)),
            bytes.bytes > 0
        else { return nil }
        self.init(bytes, per: window)
    }

    var settingText: String { "\(bytes)/\(RateText.text(window))" }
}

/// The form of a rate: a quantity, a slash, and a time, of which `s` is short for `1s`.
private enum RateText {
    private static let windowMax = Duration.seconds(366 * 86_400)

    static func split(_ text: String) -> (quantity: Substring, window: Duration)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[1].first else { return nil }
        let time = first.isLetter ? "1" + parts[1] : String(parts[1])
        guard let window = Duration(settingText: time), window >= .seconds(1), window <= windowMax else { return nil }
        return (parts[0], window)
    }

    static func text(_ window: Duration) -> String {
        let text = window.settingText
        return text.hasPrefix("1") && text.dropFirst().allSatisfy(\.isLetter) ? String(text.dropFirst()) : text
    }
}
