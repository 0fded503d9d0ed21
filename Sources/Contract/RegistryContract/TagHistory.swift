public import OCI

/// One move or deletion of a tag.
public struct TagHistoryEntry: Sendable, Hashable {
    /// Its number among those of the same tag, from 1; it goes on after a deletion.
    ///
    /// Versions order the moves: the clocks of those who made them may differ.
    public var version: Int64
    /// Where the tag pointed from then on; nil for a deletion.
    public var digest: Digest?
    /// Where it pointed before; nil when there was none.
    public var previous: Digest?
    /// When it was moved.
    public var movedAt: Moment
    /// The id of who moved it; nil where the caller may not know.
    public var movedBy: String?
    /// Of the oldest that is kept: the moment before which it is forgotten where the tag pointed; nil of all others,
    /// and where nothing is forgotten.
    public var forgottenBefore: Moment?

    /// Describes a move or a deletion.
    public init(
        version: Int64,
        digest: Digest?,
        previous: Digest?,
        movedAt: Moment,
        movedBy: String?,
        forgottenBefore: Moment? = nil
    ) {
        self.version = version
        self.digest = digest
        self.previous = previous
        self.movedAt = movedAt
        self.movedBy = movedBy
        self.forgottenBefore = forgottenBefore
    }
}

extension RegistryLister {
    /// Refuses: for registries that keep no history.
    public func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        throw RegistryError(.unsupported, "This registry keeps no history of tags.")
    }
}
