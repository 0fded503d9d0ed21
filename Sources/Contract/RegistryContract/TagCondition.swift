public import OCI

/// What must hold of a tag at the moment of the commit: where it may point, or may not; nil stands for no such tag.
public enum TagCondition: Sendable, Hashable {
    /// It points to one of these.
    case oneOf(Set<Digest?>)
    /// It points to none of these.
    case noneOf(Set<Digest?>)

    /// Nothing.
    public static let none = TagCondition.noneOf([])
    /// The tag does not exist.
    public static let absent = TagCondition.oneOf([nil])
    /// The tag exists.
    public static let present = TagCondition.noneOf([nil])

    /// The tag points to this manifest.
    public static func pointsTo(_ digest: Digest) -> TagCondition {
        .oneOf([digest])
    }

    /// Whether it holds of a tag that points to a manifest, or of one that does not exist.
    public func holds(of target: Digest?) -> Bool {
        switch self {
        case .oneOf(let targets): targets.contains(target)
        case .noneOf(let targets): !targets.contains(target)
        }
    }

    /// What holds where this and another condition do.
    public func and(_ other: TagCondition) -> TagCondition {
        switch (self, other) {
        case (.oneOf(let left), _): .oneOf(left.filter(other.holds))
        case (_, .oneOf(let right)): .oneOf(right.filter(holds))
        case (.noneOf(let left), .noneOf(let right)): .noneOf(left.union(right))
        }
    }
}
