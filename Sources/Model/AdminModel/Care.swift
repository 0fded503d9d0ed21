/// Stored content that is damaged.
public struct Damage: Codable, Hashable, Sendable {
    /// `blob` or `manifest`.
    public var kind: String
    /// Its digest.
    public var digest: String
    /// What is wrong with it, as the end of a sentence.
    public var problem: String
    /// When it was found.
    public var foundAt: Instant
    /// When it was last looked at.
    public var lookedAt: Instant
    /// Some of the images that need it.
    public var images: [DamagedImage]

    /// States the values.
    public init(
        kind: String,
        digest: String,
        problem: String,
        foundAt: Instant,
        lookedAt: Instant,
        images: [DamagedImage] = []
    ) {
        self.kind = kind
        self.digest = digest
        self.problem = problem
        self.foundAt = foundAt
        self.lookedAt = lookedAt
        self.images = images
    }
}

/// An image that needs damaged content.
public struct DamagedImage: Codable, Hashable, Sendable {
    /// The repository.
    public var repository: String
    /// The digest of the manifest that needs the content, or is it; not given where the repository has the blob, and no
    /// manifest there needs it.
    public var manifest: String?
    /// The first of the tags that lead to the manifest.
    public var tags: [String]

    /// States the values.
    public init(repository: String, manifest: String? = nil, tags: [String] = []) {
        (self.repository, self.manifest, self.tags) = (repository, manifest, tags)
    }
}

/// What nobody may change.
public struct ReadOnly: Codable, Hashable, Sendable {
    /// The scope that is everything.
    public static let everything = "*"

    /// A project, or `*` for everything.
    public var scope: String
    /// Why, for whoever is refused.
    public var reason: String
    /// Since when.
    public var setAt: Instant
    /// Who has said so, such as `user:alice`.
    public var setBy: String

    /// States the values.
    public init(scope: String, reason: String, setAt: Instant, setBy: String) {
        (self.scope, self.reason, self.setAt, self.setBy) = (scope, reason, setAt, setBy)
    }
}

/// Why something is to be read-only.
public struct ReadOnlyReason: Codable, Hashable, Sendable {
    /// The reason, for whoever is refused.
    public var reason: String

    /// States the values.
    public init(reason: String) {
        self.reason = reason
    }
}
