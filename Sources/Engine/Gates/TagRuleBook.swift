public import Guarding
public import Metadata
import Synchronization

/// The rules that a server has read lately, so that the patterns of each are read once.
public final class TagRuleBook: Sendable {
    private let known = Mutex<[TagRuleFact: TagRule]>([:])
    /// The most rules that are remembered; beyond it the book begins anew.
    private static let ruleCountMax = 2000

    /// An empty one.
    public init() {}

    /// The rule of a row.
    ///
    /// One that this program cannot read, since a newer one has written it, holds all tags of its project: what it
    /// would let move is not known.
    public func rule(_ fact: TagRuleFact) -> TagRule {
        if let rule = known.withLock({ $0[fact] }) { return rule }
        let kind = TagRule.Kind(rawValue: fact.kind)
        let read = kind.flatMap { try? TagRuleTerms(reading: fact.terms).rule($0, fact.name, of: fact.project) }
        let rule = read ?? TagRule(project: fact.project, name: fact.name, kind: .immutable)
        known.withLock { known in
            if known.count >= Self.ruleCountMax { known = [:] }
            known[fact] = rule
        }
        return rule
    }
}
