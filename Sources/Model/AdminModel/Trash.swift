/// Something that was deleted and can be brought back.
public struct TrashEntry: Codable, Hashable, Sendable {
    /// The number of the deletion; later ones have higher ones.
    public var id: Int64
    /// `tag`, `manifest`, `repository` or `project`.
    public var kind: String
    /// The repository, or the project; of one that is deleted itself, the name that it had.
    public var repository: String
    /// The tag, where it is one.
    public var tag: String?
    /// The manifest, or the one that the tag pointed to.
    public var digest: String?
    /// When it was deleted.
    public var deletedAt: Instant
    /// Who deleted it, such as `user:alice`.
    public var deletedBy: String
    /// From when on it is purged; not given where that has begun, and nothing can be brought back.
    public var purgeAt: Instant?
    /// The number of the deletion that this went with: of the repository that it is in, or of its project.
    public var within: Int64?

    /// States the values.
    public init(
        id: Int64,
        kind: String,
        repository: String,
        tag: String? = nil,
        digest: String? = nil,
        deletedAt: Instant,
        deletedBy: String,
        purgeAt: Instant? = nil,
        within: Int64? = nil
    ) {
        self.id = id
        self.kind = kind
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.deletedAt = deletedAt
        self.deletedBy = deletedBy
        self.purgeAt = purgeAt
        self.within = within
    }
}

/// How something comes back from the trash.
public struct RestoreRequest: Codable, Hashable, Sendable {
    /// The name that a tag gets in place of its own.
    public var tag: String?
    /// The name that a repository gets in place of its own.
    public var repository: String?
    /// Whether tags move that point elsewhere meanwhile.
    public var movesTags: Bool?

    /// States the values.
    public init(tag: String? = nil, repository: String? = nil, movesTags: Bool? = nil) {
        self.tag = tag
        self.repository = repository
        self.movesTags = movesTags
    }
}

/// What came back from the trash.
public struct RestoredEntry: Codable, Hashable, Sendable {
    /// What it was.
    public var entry: TrashEntry
    /// The repository that it is in, or is; of a project, its name.
    public var repository: String
    /// The tags that point again where they did.
    public var tags: [String]
    /// The tags that were left where they point meanwhile.
    public var keptTags: [String]
    /// Of a project: how many of its repositories came back.
    public var repositoryCount: Int?
    /// Of a project: those of which there is another of the name, and which stay in the trash; the first hundred.
    public var keptRepositories: [String]?
    /// Of a project: how many roles in it somebody has again; not given where it was back before.
    public var roleCount: Int?
    /// Of a project: the roles that nobody got back, such as `user:alice developer`; the first hundred.
    public var lostRoles: [String]?

    /// States the values.
    public init(
        entry: TrashEntry,
        repository: String,
        tags: [String] = [],
        keptTags: [String] = [],
        repositoryCount: Int? = nil,
        keptRepositories: [String]? = nil,
        roleCount: Int? = nil,
        lostRoles: [String]? = nil
    ) {
        self.entry = entry
        self.repository = repository
        self.tags = tags
        self.keptTags = keptTags
        self.repositoryCount = repositoryCount
        self.keptRepositories = keptRepositories
        self.roleCount = roleCount
        self.lostRoles = lostRoles
    }
}

/// What would be deleted.
public struct DeletionQuestion: Codable, Hashable, Sendable {
    /// The digests of manifests; not given for the whole repository.
    public var manifests: [String]?

    /// States the values.
    public init(manifests: [String]? = nil) {
        self.manifests = manifests
    }
}

/// What a deletion would free, once it is purged: exact at the moment of the answer.
public struct DeletionEstimate: Codable, Hashable, Sendable {
    /// How many manifests would go.
    public var manifestCount: Int
    /// How many blobs nothing would need any more, in the whole installation.
    public var blobCount: Int
    /// How many bytes would be free: of these blobs and of the manifests, each counted once.
    public var byteCount: Int64
    /// How many seconds all of it would stay in the trash; 0 where it would be gone at once.
    public var trashSeconds: Int64

    /// States the values.
    public init(manifestCount: Int, blobCount: Int, byteCount: Int64, trashSeconds: Int64) {
        self.manifestCount = manifestCount
        self.blobCount = blobCount
        self.byteCount = byteCount
        self.trashSeconds = trashSeconds
    }
}
