/// Somebody who has logged in, by kind and name, such as `user:alice` or `robot:team+ci`.
public struct LimitedPrincipal: Sendable, Hashable, CustomStringConvertible {
    /// As logs name it.
    public let description: String

    /// Nil for what has no kind, or no name.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["user", "robot"].contains(parts[0]), !parts[1].isEmpty else { return nil }
        description = text
    }
}

extension LimitedPrincipal: SettingValue {
    static let placeholder = "PRINCIPAL"
    static let expected = "user:NAME or robot:NAME"
    static let schema: [JSONText.Member] = [("type", "string"), ("pattern", "^(user|robot):.+$")]

    init?(settingText: String) { self.init(settingText) }

    var settingText: String { description }
}
