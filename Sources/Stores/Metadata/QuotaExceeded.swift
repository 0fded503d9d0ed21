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
    /// Whether what only the trash needs counts.
    public var countsTrash = true
    /// What could be freed of what is used, where that are bytes.
    public var freeable = QuotaFreeable()

    /// How much more there may be.
    public var left: Int64 { max(0, limit - used) }
}

/// Bytes that count in a quota, and that no image needs any more.
public struct QuotaFreeable: Sendable, Hashable {
    /// Bytes that nothing needs: they go by themselves, when their grace is over.
    public var unneeded: Int64 = 0
    /// Bytes that only the trash needs.
    public var trashed: Int64 = 0
    /// Whether there may be more, since not all was looked at.
    public var isPart = false
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
        let until = countsTrash ? "which counts until it is collected" : "which does not count in the trash"
        let last = "delete what is not needed, \(until), or ask for a larger quota"
        let ways = freeing + [last]
        return "the quota of \(scope.phrase) is used up: \(room), \(wanted); \(ways.joined(separator: "; "))"
    }

    /// What could be freed, and how.
    private var freeing: [String] {
        let least = freeable.isPart ? "at least " : ""
        var ways: [String] = []
        if freeable.unneeded > 0 {
            ways.append("\(least)\(phrase(freeable.unneeded)) are needed by nothing any more and go by themselves")
        }
        if freeable.trashed > 0 { ways.append("\(least)\(phrase(freeable.trashed)) are only in the trash: purge it") }
        return ways
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
