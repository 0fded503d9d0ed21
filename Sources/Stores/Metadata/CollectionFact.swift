public import OCI

/// For how long what seems to be garbage stays.
public struct CollectionPatience: Sendable, Hashable {
    /// For how long a link stays that no manifest needs: a push may take so long, from its first blob on.
    public var grace: Duration
    /// For how long the bytes of a blob stay that no repository links, and a client may rely on what it was told.
    public var quarantine: Duration

    /// States both.
    public init(grace: Duration = .seconds(86_400), quarantine: Duration = .seconds(86_400)) {
        self.grace = grace
        self.quarantine = quarantine
    }
}

/// A link that is to be looked at.
public struct LinkLook: Sendable, Hashable {
    /// Whose it is.
    public let repository: RepositoryID
    /// What it links.
    public let digest: Digest
    /// Whether a manifest of the repository needs the blob.
    public let isNeeded: Bool
    /// Whether it is noted that the link is to be looked at.
    public let isMarked: Bool

    /// Where a survey is that has come to it.
    public var place: SurveyPlace { .link(repository: repository.number, digest: digest) }
}

/// How far a survey has come.
public enum SurveyPlace: Sendable, Hashable, LosslessStringConvertible {
    /// All links up to that of a repository, by its number, to a blob.
    case link(repository: Int64, digest: Digest)
    /// All links, and all blobs up to one.
    case blob(Digest)

    /// Reads what ``description`` gives.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let last = words.last, let digest = try? Digest(String(last)) else { return nil }
        switch (words.first, words.count) {
        case ("link", 3):
            guard let number = Int64(words[1]) else { return nil }
            self = .link(repository: number, digest: digest)
        case ("blob", 2): self = .blob(digest)
        default: return nil
        }
    }

    /// In one line.
    public var description: String {
        switch self {
        case .link(let repository, let digest): "link \(repository) \(digest)"
        case .blob(let digest): "blob \(digest)"
        }
    }
}

/// A blob, as a survey sees it.
public struct BlobLook: Sendable, Hashable {
    /// Which.
    public let digest: Digest
    /// Whether a repository links it, or it is known that none does.
    public let isKnown: Bool
}

/// What came of looking at some links.
public struct LinkLooks: Sendable, Hashable {
    /// How many were looked at.
    public var count = 0
    /// Those that were removed.
    public var removed: [LinkLook] = []
    /// Since when the last of them was idle.
    public var last: Timestamp?
}

/// Bytes in the store that no blob names.
public struct DoomedKey: Sendable, Hashable {
    /// Where they lie.
    public let key: String
    /// The digest that is a part of their name; nil where nobody knows whether there are any: of an upload that was
    /// given up.
    public let digest: Digest?
    /// How many there are, as far as that is known.
    public let byteCount: Int64
}

/// What came of looking at blobs that no repository links.
public struct BlobLooks: Sendable, Hashable {
    /// How many were looked at.
    public var count = 0
    /// Those that are no blobs any more.
    public var taken: [DoomedKey] = []
    /// Since when the last of them had no link.
    public var last: Timestamp?
}

/// Why a blob is kept, or when it goes.
public struct BlobFate: Sendable, Hashable {
    /// A repository that links it.
    public struct Link: Sendable, Hashable {
        /// Its name.
        public let repository: RepositoryName
        /// For how long the link waits to be looked at; nil when it was found to be needed and nothing has changed.
        public let idleFor: Duration?
        /// Some of the manifests there that need it, with what they need it as.
        public let holders: [Edge]
        /// The first tags of the first of these.
        public let tags: [Tag]
        /// Whether these manifests are in the trash, or the repository is.
        public let isInTrash: Bool
    }

    /// Its size in bytes.
    public let byteCount: Int64
    /// When it came.
    public let storedAt: Timestamp
    /// For how long no repository has linked it, as far as that was noted.
    public let unlinkedFor: Duration?
    /// Some of the links: of those in whose repositories a manifest needs it, or of all where there are none.
    public let links: [Link]
    /// For how long the link is idle that became so last.
    ///
    /// Nil where one is needed, where nobody has noted it of some, or where there are more than can be looked at.
    public let idleFor: Duration?
}

/// Where a manifest stands.
public struct ManifestStanding: Sendable, Hashable {
    /// A repository that has it.
    public let repository: RepositoryName
    /// The first tags that point to it there.
    public let tags: [Tag]
    /// The deletion by which it, or its repository, is in the trash; nil where it is not.
    public let trash: Deletion?

    /// What brought something to the trash.
    public struct Deletion: Sendable, Hashable {
        /// The number of the entry.
        public let entry: Int64
        /// From when on it is purged; nil where that has begun.
        public let purgeAt: Timestamp?
    }
}

/// What is on its way out, counted to a bound.
public struct CollectionTotals: Sendable, Hashable {
    /// Links that are to be looked at.
    public let idleLinkCount: Int64
    /// Since when the oldest of them waits.
    public let oldestIdleSince: Timestamp?
    /// Blobs that no repository links, of the first that are noted.
    public let blobCount: Int64
    /// Their size together, in bytes.
    public let byteCount: Int64
    /// Files or objects that are no blob any more and wait to be removed.
    public let keyCount: Int64
    /// Their size together, in bytes.
    public let keyByteCount: Int64
}
