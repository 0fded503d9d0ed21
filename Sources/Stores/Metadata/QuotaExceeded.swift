/// Something would be more than a quota lets be.
public struct QuotaExceeded: Error, Sendable, Hashable {
    /// Whose quota.
    public var scope: QuotaScope
    /// What there would be too much of.
    public var measure: QuotaMeasure
    /// How much there may be.
    public var limit: Int64
    /// How much there is.
    public var used: Int64
    /// How much more was to come.
    public var wanted: Int64

    /// How much more there may be.
    public var left: Int64 { max(0, limit - used) }
}

extension QuotaExceeded {
    /// What is used, what is left, and what to do, for people.
    public var sentence: String {
        let room = "\(phrase(used)) of \(phrase(limit)) are used"
        let wanted =
            switch measure {
            case .bytes: "this needs \(phrase(wanted)) and \(phrase(left)) are left"
            case .tags: "this needs \(wanted) more and \(left) are left"
            case .repositories: "this would make one more and \(left) are left"
            }
        return "the quota of \(scope.phrase) is used up: \(room), \(wanted); delete what is not needed, which counts "
            + "until it is collected, or ask for a larger quota"
    }

    /// A number of the measure, for people.
    private func phrase(_ number: Int64) -> String {
        switch measure {
        case .tags: "\(number) tags"
        case .repositories: "\(number) repositories"
        case .bytes:
            if number < 10_000 { "\(number) bytes" } else { Self.size(number) }
        }
    }

    /// A size with one digit behind the point, rounded down, and its bytes.
    private static func size(_ byteCount: Int64) -> String {
        let units = [(Int64(1) << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        guard let (unit, name) = units.first(where: { byteCount >= $0.0 }) else { return "\(byteCount) bytes" }
        return "\(byteCount / unit).\(byteCount % unit * 10 / unit) \(name) (\(byteCount) bytes)"
    }
}
