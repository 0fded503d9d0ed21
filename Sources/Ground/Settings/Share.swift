/// A part of a whole, such as `0.01` for one of a hundred.
public struct Share: Sendable, Hashable, Comparable {
    /// The part, where 1 is all.
    public let value: Double

    /// That part.
    public init(_ value: Double) {
        self.value = value
    }

    /// Whether it is less.
    public static func < (left: Share, right: Share) -> Bool { left.value < right.value }
}

extension Share: SettingValue {
    static let placeholder = "SHARE"
    static let expected = "a number such as 0.01"
    static let schema: [JSONText.Member] = [("type", ["number", "string"])]

    /// Reads digits with at most one point and six digits behind it; no exponent, and nothing that is no number.
    init?(settingText: String) {
        guard settingText.utf8.count <= 12, settingText.wholeMatch(of: #/[0-9]+(\.[0-9]{1,6})?/#) != nil,
            let value = Double(settingText)
        else { return nil }
        self.init(value)
    }

    /// Without a point where it is whole, and never with an exponent.
    var settingText: String {
        let millionths = Int((value * 1_000_000).rounded())
        let (whole, part) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
        guard part != 0 else { return "\(whole)" }
        let digits = String(part + 1_000_000).dropFirst()
        return "\(whole)." + digits.reversed().drop { $0 == "0" }.reversed()
    }
}
