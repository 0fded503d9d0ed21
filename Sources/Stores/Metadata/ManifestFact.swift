public import OCI

/// A manifest of a repository, without its bytes.
public struct ManifestFact: Sendable, Hashable {
    /// The digest of the bytes.
    public var digest: Digest
    /// What it was pushed as; the same bytes may be something else in another repository.
    public var mediaType: MediaType
    /// What a list of referrers shows and filters as its artifact type; nil when it has none.
    public var artifactType: String?
    /// The manifest that it refers to.
    public var subject: Digest?
    /// The size in bytes.
    public var byteCount: Int64
    /// When it was last pushed to the repository.
    public var pushedAt: Timestamp
    /// The id of who pushed it last.
    public var pushedBy: String

    /// States what is known of a manifest.
    public init(
        digest: Digest,
        mediaType: MediaType,
        artifactType: String?,
        subject: Digest?,
        byteCount: Int64,
        pushedAt: Timestamp,
        pushedBy: String
    ) {
        self.digest = digest
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.subject = subject
        self.byteCount = byteCount
        self.pushedAt = pushedAt
        self.pushedBy = pushedBy
    }
}

/// A manifest of a repository, with its bytes as they were pushed.
public struct StoredManifest: Sendable, Hashable {
    /// The repository.
    public var repository: RepositoryID
    /// What is known of it.
    public var fact: ManifestFact
    /// The bytes, verbatim.
    public var bytes: [UInt8]
}

/// What a client gets of a manifest: nothing else is read for it, since nothing is asked for more often.
public struct ManifestContent: Sendable, Hashable {
    /// The digest of the bytes.
    public var digest: Digest
    /// What it was pushed as.
    public var mediaType: MediaType
    /// The bytes, verbatim.
    public var bytes: [UInt8]
}

/// A place in the list of all manifests, which is ordered by repository and digest.
public struct ManifestPlace: Sendable, Hashable {
    /// The repository.
    public var repository: RepositoryID
    /// The digest.
    public var digest: Digest

    /// Names a place.
    public init(repository: RepositoryID, digest: Digest) {
        self.repository = repository
        self.digest = digest
    }
}

/// What a manifest names by digest.
public struct Edge: Sendable, Hashable {
    /// Why a manifest names something.
    public enum Kind: String, Sendable, CaseIterable {
        /// The config of an image or artifact.
        case config
        /// A layer of an image or artifact.
        case layer
        /// A child of an index.
        case manifest
        /// The manifest that it refers to.
        case subject
    }

    /// What is named: a blob, or a manifest.
    public var child: Digest
    /// Why.
    public var kind: Kind

    /// Names an edge.
    public init(child: Digest, kind: Kind) {
        self.child = child
        self.kind = kind
    }
}
