/// A duration as `30s`, `7d` or `1h30m`.
extension Duration: SettingValue {
    static let placeholder = "DURATION"
    static let expected = "a duration such as 500ms, 30s, 5m, 12h or 7d"
    static let schema: [JSONText.Member] = [("type", "string"), ("pattern", "^([0-9]+(ms|s|m|h|d))+$")]

    /// Milliseconds in a unit, largest first.
    private static let units: [(name: String, milliseconds: Int)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads one or more numbers, each with its unit; a number alone is refused, because no one knows what it means.
    init?(settingText: String) {
        var rest = settingText[...]
        var total = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let count = Int(digits), let unit = Self.units.first(where: { $0.name == name }) else { return nil }
            let (part, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, overflowed) = total.addingReportingOverflow(part)
            guard !overflow, !overflowed else { return nil }
            total = sum
        }
        self = .milliseconds(total)
    }

    /// With the largest unit that needs no fraction.
    var settingText: String {
        let milliseconds = Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
        for (name, size) in Self.units where milliseconds != 0 && milliseconds.isMultiple(of: size) {
            return "\(milliseconds / size)\(name)"
        }
        return "0s"
    }
}
