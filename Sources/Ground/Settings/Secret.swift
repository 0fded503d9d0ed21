/// A text that is shown to no one: however it is printed, it is `<redacted>`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in its place.
    public static let redacted = "<redacted>"

    /// The text itself, for the one place that uses it.
    public let revealed: String

    /// A secret of that text.
    public init(_ text: String) {
        revealed = text
    }

    /// `<redacted>`.
    public var description: String { Self.redacted }

    /// `<redacted>`.
    public var debugDescription: String { Self.redacted }

    /// Nothing: `dump` and the printing of what holds a secret look in here.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: SettingValue {
    static let placeholder = "SECRET"
    static let expected = "a text that is not empty"
    static let isSecret = true

    init?(settingText: String) {
        guard !settingText.isEmpty else { return nil }
        self.init(settingText)
    }

    var settingText: String { revealed }
    var json: JSONText? { .string(Self.redacted) }
}
