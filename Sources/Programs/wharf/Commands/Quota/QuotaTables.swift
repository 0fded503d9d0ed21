import AdminModel

extension Quota: TableRow {
    static let columns = ["OF", "BYTES", "TAGS", "REPOSITORIES", "TRASH", "STATE"]
    var cells: [String] {
        [
            scope, Self.phrase(usedBytes, bytes), Self.phrase(usedTags, tags),
            Self.phrase(usedRepositories, repositories), trash.rawValue, state,
        ]
    }

    private var state: String {
        guard isCounted else { return countedUpTo.map { "counting, after \($0)" } ?? "counting" }
        return warnedAt == nil ? "counted" : "nearly used up"
    }

    /// Such as `12 of 100`.
    private static func phrase(_ used: Int64, _ limit: Int64?) -> String {
        limit.map { "\(used) of \($0)" } ?? "\(used)"
    }
}
