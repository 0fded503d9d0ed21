public import OCI

/// Something that was deleted and can be brought back.
public struct TrashFact: Sendable, Hashable {
    /// What was deleted.
    public enum Kind: String, Sendable, CaseIterable {
        /// A tag alone.
        case tag
        /// A manifest, with the tags that pointed to it.
        case manifest
        /// A repository, with all that is in it.
        case repository
        /// A project: what it says, the roles and rules in it, and the repositories that went with it.
        case project
    }

    /// Its number: later deletions have higher ones.
    public var id: Int64
    /// What was deleted.
    public var kind: Kind
    /// The number of the repository; of a project, that of an empty one that stands for it.
    public var repository: RepositoryID
    /// The name of the repository, or of the project; of one that is deleted itself, the one that it had.
    public var name: RepositoryName
    /// The tag, where it is one.
    public var tag: Tag?
    /// The manifest, or the one that the tag pointed to.
    public var digest: Digest?
    /// The size of the manifest's own bytes.
    public var byteCount: Int64?
    /// When it was deleted, by the clock of the database.
    public var deletedAt: Timestamp
    /// The id of who deleted it.
    public var deletedBy: String
    /// From when on it is purged; nil where that has begun, and nothing can be brought back.
    public var purgeAt: Timestamp?
    /// The number of the deletion of the repository, where that is in the trash itself.
    public var repositoryEntry: Int64?
    /// The number of the deletion of the project that a repository went with.
    public var projectEntry: Int64?

    /// The number of the deletion of the repository that it went with, if it is not that deletion itself.
    public var isWithin: Int64? { kind == .repository || kind == .project ? nil : repositoryEntry }
}

/// How something comes back from the trash.
public struct TrashReturn: Sendable, Hashable {
    /// The name that a tag gets in place of its own.
    public var tag: Tag?
    /// The name that a repository gets in place of its own.
    public var name: RepositoryName?
    /// Whether tags move that point elsewhere meanwhile.
    public var movesTags: Bool

    /// States how.
    public init(tag: Tag? = nil, name: RepositoryName? = nil, movesTags: Bool = false) {
        (self.tag, self.name, self.movesTags) = (tag, name, movesTags)
    }
}

/// What came back from the trash.
public struct TrashRestored: Sendable, Hashable {
    /// What it was.
    public var entry: TrashFact
    /// The repository that it is in, or is.
    public var name: RepositoryName
    /// The tags that point again where they did.
    public var tags: [Tag] = []
    /// The tags that were left where they point meanwhile.
    public var keptTags: [Tag] = []
}

/// Why nothing comes back.
public enum TrashRefusal: Error, Sendable, Hashable {
    /// There is no such entry.
    case missing
    /// It is being purged.
    case purging
    /// The repository is in the trash itself, by this entry.
    case within(Int64)
    /// The tag points elsewhere meanwhile.
    case taken(Tag, Digest)
    /// The manifest of the tag is in the trash, too, by this entry.
    case manifestTrashed(Int64)
    /// The manifest of the tag is gone.
    case manifestGone(Digest)
    /// There is a repository of the name meanwhile.
    case nameTaken(RepositoryName)
    /// There is a project of the name meanwhile.
    case projectTaken(String)
}

/// What a deletion would free.
public struct DeletionOutlook: Sendable, Hashable {
    /// How many manifests would go.
    public var manifestCount = 0
    /// How many bytes these have themselves, each counted once, of those that nothing else has.
    public var manifestByteCount: Int64 = 0
    /// How many blobs nothing would need any more, in the whole installation.
    public var blobCount = 0
    /// Their size together, each counted once.
    public var blobByteCount: Int64 = 0

    /// All that would be free.
    public var byteCount: Int64 { manifestByteCount + blobByteCount }
}
