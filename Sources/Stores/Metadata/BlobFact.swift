public import OCI

/// A blob that the installation holds: one copy, whichever repositories link it.
public struct BlobFact: Sendable, Hashable {
    /// The digest of the bytes.
    public var digest: Digest
    /// The size in bytes.
    public var byteCount: Int64
    /// Where the bytes lie in the blob store.
    public var key: String
    /// When the bytes came to be stored.
    public var storedAt: Timestamp

    /// States where a blob lies.
    public init(digest: Digest, byteCount: Int64, key: String, storedAt: Timestamp) {
        self.digest = digest
        self.byteCount = byteCount
        self.key = key
        self.storedAt = storedAt
    }
}

/// A blob as one repository may read it.
public struct LinkedBlob: Sendable, Hashable {
    /// The blob.
    public var blob: BlobFact
    /// The repository that links it.
    public var repository: RepositoryID
    /// When a push or a mount made the link, or something renewed it.
    public var linkedAt: Timestamp
}

/// What needs a blob of a repository.
public enum BlobNeed: Sendable, Hashable {
    /// Nothing.
    case none
    /// Only manifests that are in the trash.
    case trash
    /// A manifest that can be pulled.
    case live
}
