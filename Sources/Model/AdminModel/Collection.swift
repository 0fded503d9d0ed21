/// What the garbage collection has before it.
public struct CollectionStatus: Codable, Hashable, Sendable {
    /// Blobs of repositories that wait to be looked at whether a manifest needs them.
    public var linkCount: Int64
    /// Since when the one waits that waits the longest.
    public var oldestSince: Instant?
    /// Blobs that no repository has, and that are kept a while longer.
    public var blobCount: Int64
    /// The size of these together, in bytes: what will be free.
    public var byteCount: Int64
    /// Files or objects that are no blob any more and are about to be removed.
    public var keyCount: Int64
    /// The size of these together, in bytes.
    public var keyByteCount: Int64
    /// Beyond how many each of these is not counted.
    public var countMax: Int64
    /// For how long a blob of a repository stays that no manifest there needs, in seconds.
    public var graceSeconds: Int64
    /// For how long a blob stays that no repository has, in seconds.
    public var quarantineSeconds: Int64
    /// The last run; not given where there was none that is remembered.
    public var lastRun: Job?

    /// States the values.
    public init(
        linkCount: Int64,
        oldestSince: Instant? = nil,
        blobCount: Int64,
        byteCount: Int64,
        keyCount: Int64,
        keyByteCount: Int64,
        countMax: Int64,
        graceSeconds: Int64,
        quarantineSeconds: Int64,
        lastRun: Job? = nil
    ) {
        self.linkCount = linkCount
        self.oldestSince = oldestSince
        self.blobCount = blobCount
        self.byteCount = byteCount
        self.keyCount = keyCount
        self.keyByteCount = keyByteCount
        self.countMax = countMax
        self.graceSeconds = graceSeconds
        self.quarantineSeconds = quarantineSeconds
        self.lastRun = lastRun
    }
}

/// Why something is kept, or when it goes.
public struct DigestFate: Codable, Hashable, Sendable {
    /// The digest.
    public var digest: String
    /// `blob` or `manifest`.
    public var kind: String
    /// `kept`, `waiting` or `unnoticed`.
    ///
    /// Something needs what is kept. Nothing needs what is waiting, and it goes unless something comes to. The same is
    /// so of what is unnoticed, which only a survey will find.
    public var state: String
    /// Its size in bytes; not given for a manifest.
    public var byteCount: Int64?
    /// When it came; not given for a manifest.
    public var storedAt: Instant?
    /// Before when it does not go; not given where it is kept, or nobody has noticed it.
    public var goesAt: Instant?
    /// The first repositories that have it.
    public var holdings: [DigestHolding]
    /// All of it as a sentence.
    public var sentence: String

    /// States the values.
    public init(
        digest: String,
        kind: String,
        state: String,
        byteCount: Int64? = nil,
        storedAt: Instant? = nil,
        goesAt: Instant? = nil,
        holdings: [DigestHolding],
        sentence: String
    ) {
        self.digest = digest
        self.kind = kind
        self.state = state
        self.byteCount = byteCount
        self.storedAt = storedAt
        self.goesAt = goesAt
        self.holdings = holdings
        self.sentence = sentence
    }
}

/// A repository that has a blob or manifest.
public struct DigestHolding: Codable, Hashable, Sendable {
    /// Its name.
    public var repository: String
    /// The first manifests there that need it; none where it waits to be looked at.
    public var manifests: [String]
    /// The first tags of the manifest itself, or of the first of those that need the blob.
    public var tags: [String]
    /// When the repository has it no longer, if no manifest comes to need it; not given where one does.
    public var endsAt: Instant?

    /// States the values.
    public init(repository: String, manifests: [String] = [], tags: [String] = [], endsAt: Instant? = nil) {
        self.repository = repository
        self.manifests = manifests
        self.tags = tags
        self.endsAt = endsAt
    }
}
