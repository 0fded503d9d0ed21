public import OCI

/// A blob whose bytes are to be read again.
public struct BlobToLookAt: Sendable, Hashable {
    /// The blob.
    public let blob: BlobFact
    /// When they were last read, or hashed on their way here.
    public let lookedAt: Timestamp
}

/// Content that is not what it was.
public struct DamageFact: Sendable, Hashable {
    /// What kind of content it is.
    public enum Kind: String, CaseIterable, Sendable, Hashable {
        /// A blob: it is not served.
        case blob
        /// A manifest, whose bytes are in the database.
        case manifest
    }

    /// Its digest.
    public let digest: Digest
    /// What kind of content it is.
    public let kind: Kind
    /// What is wrong with its bytes, as the end of a sentence.
    public let problem: String
    /// When it was found.
    public let foundAt: Timestamp
    /// When it was last looked at.
    public let lookedAt: Timestamp
}

extension DamageFact {
    /// Where a page of damage begins.
    public struct Place: Sendable, Hashable {
        let digest: String
        let kind: String

        /// Reads what ``text`` gives.
        public init?(_ text: String) {
            let words = text.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 2, (try? Digest(String(words[0]))) != nil, Kind(rawValue: String(words[1])) != nil
            else { return nil }
            (digest, kind) = (String(words[0]), String(words[1]))
        }

        init(_ damage: DamageFact) {
            (digest, kind) = (damage.digest.description, damage.kind.rawValue)
        }

        /// As a text without control characters.
        public var text: String { "\(digest) \(kind)" }
    }

    /// Behind this.
    public var place: Place { Place(self) }
}

/// An image that needs some content.
public struct NeedingImage: Sendable, Hashable {
    /// The repository.
    public let repository: RepositoryName
    /// The manifest there that names the content, or is it; nil for a repository that has the blob and no manifest that
    /// needs it.
    public let manifest: Digest?
    /// The first of the tags that point to the manifest, or to an index that names it.
    public let tags: [Tag]
}

/// What nobody may change, with the reason.
public struct ReadOnlyFact: Sendable, Hashable {
    /// The scope that is everything.
    public static let everything = "*"

    /// A project, with all repositories at or below its name; or ``everything``.
    public let scope: String
    /// Why, for whoever is refused.
    public let reason: String
    /// Since when.
    public let setAt: Timestamp
    /// Who has said so.
    public let setBy: String

    /// States it.
    public init(scope: String, reason: String, setAt: Timestamp, setBy: String) {
        (self.scope, self.reason, self.setAt, self.setBy) = (scope, reason, setAt, setBy)
    }
}
