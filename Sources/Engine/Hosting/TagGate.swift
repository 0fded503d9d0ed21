import Guarding
import Metadata
import OCI
import RegistryContract
import Synchronization

/// What a tag goes through on its way to elsewhere, inside of the transaction that moves or deletes it.
///
/// What holds the tag is read by that transaction: so a rule or a lock holds at every server from the moment of its
/// commit on, and nothing that a server remembers of it can be old.
struct TagGate: Sendable {
    let rules: RuleBook
    let standing: TagStanding
    let caller: Caller
    let moment: Timestamp

    /// Lets a tag move to a manifest, or go where that is nil; what it does past broken glass is noted for the audit.
    ///
    /// Throws ``RegistryError/Code/tagGuarded`` where something holds it. The transaction must end with it.
    func pass(
        _ tag: Tag,
        in repository: RepositoryName,
        to target: Digest?,
        _ outlook: TagOutlook,
        _ facts: Facts
    ) throws {
        let step = TagStep(tag, in: repository, from: outlook.target(of: tag), to: target)
        let guards = TagGuards(
            rules: outlook.rules.map(rules.rule),
            lock: outlook.word(.lock, of: tag).map { TagWord(by: $0.setBy, reason: $0.reason) },
            glass: outlook.word(.glass, of: tag).map { TagWord(by: $0.setBy, reason: $0.reason) }
        )
        switch guards.judge(step, isExempt: { standing.isOne(of: $0.roles, in: $0.project) }) {
        case .free: return
        case .held(let hold): throw refusal(of: step, hold)
        case .broken(let hold, let glass): try facts.append(entry(step, past: hold, glass))
        }
    }

    private func refusal(of step: TagStep, _ hold: TagGuards.Hold) -> RegistryError {
        let place = step.from.map { "points to \($0) and" } ?? "is not there and"
        let verb = step.to == nil ? "be deleted" : step.from == nil ? "be made by you" : "move"
        return RegistryError(
            .tagGuarded,
            "the tag \(step.tag) of \(step.repository) \(place) may not \(verb): \(hold) holds it",
            digests: step.from.map { [$0] } ?? []
        )
    }

    private func entry(_ step: TagStep, past hold: TagGuards.Hold, _ glass: TagWord) -> AuditFact {
        let places = [("from", step.from), ("to", step.to)].compactMap { name, digest in
            digest.map { #""\#(name)":"\#($0)""# }
        }
        return AuditFact(
            at: moment,
            principal: caller.id,
            address: caller.address,
            requestID: caller.requestID,
            action: "tag.override",
            target: "\(step.repository):\(step.tag)",
            outcome: .allowed,
            reason: "\(glass.by) broke the glass of \(hold): \(glass.reason)",
            details: "{\(places.joined(separator: ","))}"
        )
    }
}

/// The rules that a server has read lately, so that the patterns of each are read once.
final class RuleBook: Sendable {
    private let known = Mutex<[TagRuleFact: TagRule]>([:])
    /// The most rules that are remembered; beyond it the book begins anew.
    private static let ruleCountMax = 2000

    /// The rule of a row.
    ///
    /// One that this program cannot read, since a newer one has written it, holds all tags of its project: what it
    /// would let move is not known.
    func rule(_ fact: TagRuleFact) -> TagRule {
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
