public import OCI

/// What a quota is of.
public enum QuotaScope: Sendable, Hashable, CustomStringConvertible {
    /// All that is stored.
    case installation
    /// All repositories at a name or below it.
    case project(String)
    /// One repository.
    case repository(RepositoryName)

    /// As it is kept: nothing, `project:team`, `repository:team/app`.
    public var description: String {
        switch self {
        case .installation: ""
        case .project(let name): "project:\(name)"
        case .repository(let name): "repository:\(name)"
        }
    }

    /// Reads what is kept; nil for what is none.
    public init?(_ text: String) {
        if text.isEmpty {
            self = .installation
        } else if text.hasPrefix("project:") {
            self = .project(String(text.dropFirst("project:".count)))
        } else if text.hasPrefix("repository:"), let name = try? RepositoryName(text.dropFirst("repository:".count)) {
            self = .repository(name)
        } else {
            return nil
        }
    }

    /// As a sentence names it.
    public var phrase: String {
        switch self {
        case .installation: "the installation"
        case .project(let name): "the project \(name)"
        case .repository(let name): "the repository \(name)"
        }
    }

    /// Every scope that a repository is in, from the widest on.
    static func containing(_ repository: RepositoryName) -> [QuotaScope] {
        var (scopes, name): ([QuotaScope], String) = ([.installation], "")
        for component in repository.components {
            name += name.isEmpty ? "\(component)" : "/\(component)"
            scopes.append(.project(name))
        }
        return scopes + [.repository(repository)]
    }
}

/// What can be limited.
public enum QuotaMeasure: Sendable, Hashable, CaseIterable {
    /// Bytes: each blob once in a scope, and each manifest once in each repository.
    case bytes
    /// Tags.
    case tags
    /// Repositories.
    case repositories
}

/// So much of each measure.
public struct QuotaAmounts: Sendable, Hashable {
    /// Bytes.
    public var bytes: Int64
    /// Tags.
    public var tags: Int64
    /// Repositories.
    public var repositories: Int64

    /// So much of each.
    public init(bytes: Int64 = 0, tags: Int64 = 0, repositories: Int64 = 0) {
        (self.bytes, self.tags, self.repositories) = (bytes, tags, repositories)
    }

    /// Of one measure.
    public subscript(_ measure: QuotaMeasure) -> Int64 {
        get {
            switch measure {
            case .bytes: bytes
            case .tags: tags
            case .repositories: repositories
            }
        }
        set {
            switch measure {
            case .bytes: bytes = newValue
            case .tags: tags = newValue
            case .repositories: repositories = newValue
            }
        }
    }

    /// Nothing of any.
    static let none = QuotaAmounts()

    static func + (left: QuotaAmounts, right: QuotaAmounts) -> QuotaAmounts {
        left.combined(with: right, +)
    }

    static func - (left: QuotaAmounts, right: QuotaAmounts) -> QuotaAmounts {
        left.combined(with: right, -)
    }

    /// What is made of each measure by itself.
    func map(_ body: (QuotaMeasure) -> Int64) -> QuotaAmounts {
        QuotaAmounts(bytes: body(.bytes), tags: body(.tags), repositories: body(.repositories))
    }

    private func combined(with other: QuotaAmounts, _ body: (Int64, Int64) -> Int64) -> QuotaAmounts {
        map { body(self[$0], other[$0]) }
    }

    var arguments: [SQLValue] { [.integer(bytes), .integer(tags), .integer(repositories)] }
}

/// How much there may be; nil where nothing says so.
public struct QuotaLimits: Sendable, Hashable {
    /// Bytes.
    public var bytes: Int64?
    /// Tags.
    public var tags: Int64?
    /// Repositories.
    public var repositories: Int64?

    /// The most there may be of anything: sums of many stay numbers.
    public static let most: Int64 = 1 << 60

    /// States limits.
    public init(bytes: Int64? = nil, tags: Int64? = nil, repositories: Int64? = nil) {
        (self.bytes, self.tags, self.repositories) = (bytes, tags, repositories)
    }

    /// Of one measure.
    public subscript(_ measure: QuotaMeasure) -> Int64? {
        switch measure {
        case .bytes: bytes
        case .tags: tags
        case .repositories: repositories
        }
    }

    /// What is left; nothing where there is no limit, less than nothing where there is more than may be.
    func room(beside used: QuotaAmounts) -> QuotaAmounts {
        used.map { measure in self[measure].map { $0 - used[measure] } ?? 0 }
    }

    var arguments: [SQLValue] { [bytes, tags, repositories].map { $0.map(SQLValue.integer) ?? .null } }
}

/// What the database calls a quota: a number that is never given twice.
public struct QuotaID: Sendable, Hashable, Comparable {
    let number: Int64

    /// The earlier is the smaller.
    public static func < (left: QuotaID, right: QuotaID) -> Bool {
        left.number < right.number
    }
}

/// A quota with what is used of it.
public struct QuotaFact: Sendable, Hashable {
    /// What the database calls it.
    public var id: QuotaID
    /// What it is of.
    public var scope: QuotaScope
    /// How much there may be.
    public var limits: QuotaLimits
    /// From which part of a limit on it is warned, in percent.
    public var warnPercent: Int64
    /// Whether what only the trash needs counts.
    public var countsTrash: Bool
    /// Whether all that was there before is counted, so that the limits hold.
    public var isCounted: Bool
    /// The repository that was counted last, while it is counted.
    public var position: String
    /// What is used, as far as it is counted.
    public var used: QuotaAmounts
    /// Since when it is used to more than is warned from.
    public var warnedAt: Timestamp?

    /// The measure of which the largest part is used, with that part in percent; nil without limits.
    public var fullest: (measure: QuotaMeasure, percent: Int64)? {
        let parts = QuotaMeasure.allCases.compactMap { measure in
            limits[measure].map { (measure: measure, percent: Self.percent(used[measure], of: $0)) }
        }
        return parts.max { $0.percent < $1.percent }
    }

    private static func percent(_ used: Int64, of limit: Int64) -> Int64 {
        guard limit > 0 else { return used > 0 ? 1000 : 100 }
        return Int64(clamping: Int(Double(used) / Double(limit) * 100))
    }
}
