public import OCI

/// What a tag does that is pushed or deleted; nil is nowhere.
public struct TagStep: Hashable, Sendable {
    /// The tag.
    public let tag: Tag
    /// Where it is.
    public let repository: RepositoryName
    /// Where it points.
    public let from: Digest?
    /// Where it is to point.
    public let to: Digest?

    /// States a step.
    public init(_ tag: Tag, in repository: RepositoryName, from: Digest?, to: Digest?) {
        self.tag = tag
        self.repository = repository
        self.from = from
        self.to = to
    }
}

/// Somebody's word about one tag: it is locked, or its glass is broken.
public struct TagWord: Hashable, Sendable {
    /// Who said it.
    public let by: String
    /// Why.
    public let reason: String

    /// States who, and why.
    public init(by: String, reason: String) {
        self.by = by
        self.reason = reason
    }
}

/// Everything that holds a tag where it is, at the moment when it would move or go.
public struct TagGuards: Hashable, Sendable {
    /// What holds a tag.
    public enum Hold: Hashable, Sendable {
        /// A lock, whatever roles somebody has.
        case lock(TagWord)
        /// A rule.
        case rule(TagRule)
    }

    /// What becomes of a step.
    public enum Verdict: Hashable, Sendable {
        /// Nothing holds the tag.
        case free
        /// Something does.
        case held(Hold)
        /// Something would, were it not for the glass that somebody has broken.
        case broken(Hold, TagWord)
    }

    /// The rules of the projects around the repository.
    public var rules: [TagRule]
    /// The lock, where there is one.
    public var lock: TagWord?
    /// Who broke the glass, for as long as it is broken.
    public var glass: TagWord?

    /// States the guards of a tag.
    public init(rules: [TagRule], lock: TagWord? = nil, glass: TagWord? = nil) {
        self.rules = rules
        self.lock = lock
        self.glass = glass
    }

    /// Decides what becomes of a step.
    ///
    /// - Parameters:
    ///   - step: what the tag is to do.
    ///   - isExempt: whether who does it is one of those whom a rule that protects names.
    /// - Returns: the verdict; a push of what the tag already points to is free, whatever there is.
    public func judge(_ step: TagStep, isExempt: (TagRule) -> Bool) -> Verdict {
        guard step.from != step.to, let hold = hold(on: step, isExempt) else { return .free }
        return glass.map { .broken(hold, $0) } ?? .held(hold)
    }

    private func hold(on step: TagStep, _ isExempt: (TagRule) -> Bool) -> Hold? {
        if let lock, step.from != nil { return .lock(lock) }
        let covering = rules.filter { $0.covers(step.tag, in: step.repository) }
        let immutable = covering.first { $0.kind == .immutable && step.from != nil }
        return (immutable ?? covering.first { $0.kind == .protected && !isExempt($0) }).map(Hold.rule)
    }
}

extension TagGuards.Hold: CustomStringConvertible {
    /// As a sentence names it.
    public var description: String {
        switch self {
        case .lock(let lock): "the lock of \(lock.by) (\(lock.reason))"
        case .rule(let rule): rule.description
        }
    }
}
