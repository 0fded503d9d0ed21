public import OCI

/// Where a tag points.
public struct TagFact: Sendable, Hashable {
    /// The manifest.
    public var digest: Digest
    /// Counts the moves and deletions of this name, from 1; it goes on after a deletion.
    public var version: Int64
    /// When it was moved here.
    public var movedAt: Timestamp
    /// The id of who moved it.
    public var movedBy: String
}

/// One move or deletion of a tag.
public struct TagEvent: Sendable, Hashable {
    /// Its number among those of the same name, from 1.
    public var version: Int64
    /// Where the tag pointed before; nil when there was none.
    public var old: Digest?
    /// Where it pointed then; nil for a deletion.
    public var new: Digest?
    /// When.
    public var at: Timestamp
    /// The id of who did it.
    public var by: String
}

/// What must hold of a tag at the moment when it is changed; nil stands for no such tag.
public enum TagExpectation: Sendable, Hashable {
    /// It points to one of these.
    case oneOf(Set<Digest?>)
    /// It points to none of these.
    case noneOf(Set<Digest?>)

    /// No condition.
    public static let anything = TagExpectation.noneOf([])
    /// There is no such tag.
    public static let absent = TagExpectation.oneOf([nil])

    /// It points to this manifest.
    public static func digest(_ digest: Digest) -> TagExpectation {
        .oneOf([digest])
    }
}
