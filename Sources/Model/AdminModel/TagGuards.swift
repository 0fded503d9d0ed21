/// A lock by hand: the tag neither moves nor goes until it is taken away.
public struct TagLock: Codable, Hashable, Sendable {
    /// The repository.
    public var repository: String
    /// The tag.
    public var tag: String
    /// Why.
    public var reason: String
    /// When it was locked.
    public var lockedAt: Instant
    /// Who locked it.
    public var lockedBy: String

    /// States the values.
    public init(repository: String, tag: String, reason: String, lockedAt: Instant, lockedBy: String) {
        self.repository = repository
        self.tag = tag
        self.reason = reason
        self.lockedAt = lockedAt
        self.lockedBy = lockedBy
    }
}

/// A tag to be locked.
public struct NewTagLock: Codable, Hashable, Sendable {
    /// The repository.
    public var repository: String
    /// The tag, which must be there.
    public var tag: String
    /// Why.
    public var reason: String

    /// States the values.
    public init(repository: String, tag: String, reason: String) {
        self.repository = repository
        self.tag = tag
        self.reason = reason
    }
}

/// Broken glass: for a while neither rules nor a lock hold the tag.
public struct TagGlass: Codable, Hashable, Sendable {
    /// The repository.
    public var repository: String
    /// The tag.
    public var tag: String
    /// Why.
    public var reason: String
    /// When it was broken.
    public var brokenAt: Instant
    /// Who broke it.
    public var brokenBy: String
    /// Until when nothing holds the tag.
    public var endsAt: Instant

    /// States the values.
    public init(
        repository: String,
        tag: String,
        reason: String,
        brokenAt: Instant,
        brokenBy: String,
        endsAt: Instant
    ) {
        self.repository = repository
        self.tag = tag
        self.reason = reason
        self.brokenAt = brokenAt
        self.brokenBy = brokenBy
        self.endsAt = endsAt
    }
}

/// Glass to be broken.
public struct NewTagGlass: Codable, Hashable, Sendable {
    /// The repository.
    public var repository: String
    /// The tag.
    public var tag: String
    /// Why.
    public var reason: String
    /// For how many seconds; a quarter of an hour without it.
    public var seconds: Int64?

    /// States the values.
    public init(repository: String, tag: String, reason: String, seconds: Int64? = nil) {
        self.repository = repository
        self.tag = tag
        self.reason = reason
        self.seconds = seconds
    }
}

/// What holds a tag where it is.
public struct TagExplanation: Codable, Hashable, Sendable {
    /// The repository.
    public var repository: String
    /// The tag.
    public var tag: String
    /// Where it points; not given where it is not there.
    public var digest: String?
    /// The rules that are about it, by project and name.
    public var rules: [TagRule]
    /// Its lock, where it has one.
    public var lock: TagLock?
    /// The glass that is broken now.
    public var glass: TagGlass?

    /// States the values.
    public init(
        repository: String,
        tag: String,
        digest: String?,
        rules: [TagRule],
        lock: TagLock?,
        glass: TagGlass?
    ) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.rules = rules
        self.lock = lock
        self.glass = glass
    }
}
