public import OCI

/// An upload in progress, up to what is durable of it.
public struct UploadFact: Sendable, Hashable {
    /// The id that the client holds.
    public var id: String
    /// The repository that it is meant for, which an upload alone does not make.
    public var repository: RepositoryName
    /// Where its bytes lie in the blob store, and will for ever.
    public var key: String
    /// How many bytes are durable: the committed offset.
    public var byteCount: Int64
    /// The hash of these bytes so far, in its own encoding.
    public var hashState: [UInt8]
    /// The algorithm of that hash.
    public var algorithm: Digest.Algorithm
    /// The parts that an object store has of it, in the store's own encoding; nil where there are no parts.
    public var parts: [UInt8]?
    /// When it began.
    public var startedAt: Timestamp
    /// When it last moved on.
    public var touchedAt: Timestamp
    /// The id of who began it.
    public var startedBy: String

    /// States how far an upload has come.
    public init(
        id: String,
        repository: RepositoryName,
        key: String,
        byteCount: Int64,
        hashState: [UInt8],
        algorithm: Digest.Algorithm,
        parts: [UInt8]? = nil,
        startedAt: Timestamp,
        touchedAt: Timestamp,
        startedBy: String
    ) {
        self.id = id
        self.repository = repository
        self.key = key
        self.byteCount = byteCount
        self.hashState = hashState
        self.algorithm = algorithm
        self.parts = parts
        self.startedAt = startedAt
        self.touchedAt = touchedAt
        self.startedBy = startedBy
    }
}
