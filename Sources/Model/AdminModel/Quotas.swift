/// Whether a quota counts what only the trash needs.
public enum QuotaTrash: String, Codable, Hashable, Sendable, CaseIterable {
    /// Until it is purged, since its bytes are on disks until then.
    case counted
    /// What is deleted makes room at once; what comes back has to find it.
    case free
}

/// How much there may be in the installation, a project or a repository, and how much there is.
public struct Quota: Codable, Hashable, Sendable {
    /// What it is of: `installation`, `project:team` or `repository:team/app`.
    public var scope: String
    /// How many bytes there may be; any number without it.
    public var bytes: Int64?
    /// How many tags there may be; any number without it.
    public var tags: Int64?
    /// How many repositories there may be; any number without it.
    public var repositories: Int64?
    /// From which part of a limit on it is warned, in percent.
    public var warnPercent: Int64
    /// Whether what only the trash needs counts.
    public var trash: QuotaTrash
    /// How many bytes there are: each blob once, each manifest once in each repository.
    public var usedBytes: Int64
    /// How many tags there are.
    public var usedTags: Int64
    /// How many repositories there are.
    public var usedRepositories: Int64
    /// Whether all that was there before the quota is counted; until then nothing is refused.
    public var isCounted: Bool
    /// The repository up to which is counted, while not all is.
    public var countedUpTo: String?
    /// Since when it is used to more than is warned from.
    public var warnedAt: Instant?

    /// States the values.
    public init(
        scope: String,
        bytes: Int64? = nil,
        tags: Int64? = nil,
        repositories: Int64? = nil,
        warnPercent: Int64,
        trash: QuotaTrash = .counted,
        usedBytes: Int64,
        usedTags: Int64,
        usedRepositories: Int64,
        isCounted: Bool,
        countedUpTo: String? = nil,
        warnedAt: Instant? = nil
    ) {
        self.scope = scope
        self.bytes = bytes
        self.tags = tags
        self.repositories = repositories
        self.warnPercent = warnPercent
        self.trash = trash
        self.usedBytes = usedBytes
        self.usedTags = usedTags
        self.usedRepositories = usedRepositories
        self.isCounted = isCounted
        self.countedUpTo = countedUpTo
        self.warnedAt = warnedAt
    }
}

/// How much there is to be at most.
public struct QuotaChange: Codable, Hashable, Sendable {
    /// How many bytes; any number without it.
    public var bytes: Int64?
    /// How many tags; any number without it.
    public var tags: Int64?
    /// How many repositories; any number without it.
    public var repositories: Int64?
    /// From which part of a limit on it is warned, in percent; 80 without it.
    public var warnPercent: Int64?
    /// Whether what only the trash needs counts; it does without it.
    public var trash: QuotaTrash?

    /// States the values.
    public init(
        bytes: Int64? = nil,
        tags: Int64? = nil,
        repositories: Int64? = nil,
        warnPercent: Int64? = nil,
        trash: QuotaTrash? = nil
    ) {
        self.bytes = bytes
        self.tags = tags
        self.repositories = repositories
        self.warnPercent = warnPercent
        self.trash = trash
    }
}
