public import Access
import Guarding
public import Metadata
public import OCI
public import RegistryContract

/// What a tag goes through on its way to elsewhere, inside of the transaction that moves, deletes or restores it.
///
/// What holds the tag is read by that transaction: so a rule or a lock holds at every server from the moment of its
/// commit on, and nothing that a server remembers of it can be old. The registry and the management ask the same gate:
/// by whatever way somebody comes, the verdict, its sentence and the entry of the audit are the same.
public struct TagGate: Sendable {
    let rules: TagRuleBook
    let standing: TagStanding
    private let principal: String
    private let address: String
    private let requestID: String
    private let moment: Timestamp

    /// The gate for a caller of the registry.
    public init(rules: TagRuleBook, standing: TagStanding, caller: Caller, moment: Timestamp) {
        (self.rules, self.standing, self.moment) = (rules, standing, moment)
        (principal, address, requestID) = (caller.id, caller.address, caller.requestID)
    }

    /// The gate for a principal, from an address, in a request.
    public init(
        rules: TagRuleBook,
        principal: Principal,
        from address: String,
        request: String,
        at moment: Timestamp,
        rulesNow: @escaping @Sendable () -> AccessRules?
    ) {
        (self.rules, self.moment) = (rules, moment)
        standing = TagStanding(of: principal, rulesNow: rulesNow)
        (self.principal, self.address, requestID) = (principal.description, address, request)
    }

    /// Lets a tag move to a manifest, or go where that is nil; what it does past broken glass is noted for the audit.
    ///
    /// Throws ``TagRefusal`` where something holds it. The transaction must end with it.
    public func pass(
        _ tag: Tag,
        in repository: RepositoryName,
        to target: Digest?,
        _ outlook: TagOutlook,
        _ facts: Facts
    ) throws {
        try pass(TagStep(tag, in: repository, from: outlook.target(of: tag), to: target), outlook, facts)
    }

    /// The same for a tag of which nothing was asked before.
    public func pass(
        _ tag: Tag,
        in repository: RepositoryID,
        named name: RepositoryName,
        to target: Digest?,
        _ facts: Facts
    ) throws {
        try pass(tag, in: name, to: target, try facts.outlook(on: [tag], in: repository, named: name), facts)
    }

    func pass(_ step: TagStep, _ outlook: TagOutlook, _ facts: Facts) throws {
        let guards = TagGuards(
            rules: outlook.rules.map(rules.rule),
            lock: outlook.word(.lock, of: step.tag).map { TagWord(by: $0.setBy, reason: $0.reason) },
            glass: outlook.word(.glass, of: step.tag).map { TagWord(by: $0.setBy, reason: $0.reason) }
        )
        switch guards.judge(step, isExempt: isExempt) {
        case .free: return
        case .held(let hold): throw TagRefusal(step, hold)
        case .broken(let hold, let glass): try facts.append(entry(step, past: hold, glass))
        }
    }

    /// Whether a rule that protects lets through who comes here.
    func isExempt(from rule: TagRule) -> Bool {
        standing.isOne(of: rule.roles, in: rule.project)
    }

    private func entry(_ step: TagStep, past hold: TagGuards.Hold, _ glass: TagWord) -> AuditFact {
        let places = [("from", step.from), ("to", step.to)].compactMap { name, digest in
            digest.map { #""\#(name)":"\#($0)""# }
        }
        return AuditFact(
            at: moment,
            principal: principal,
            address: address,
            requestID: requestID,
            action: "tag.override",
            target: "\(step.repository):\(step.tag)",
            outcome: .allowed,
            reason: "\(glass.by) broke the glass of \(hold): \(glass.reason)",
            details: "{\(places.joined(separator: ","))}"
        )
    }
}

/// Why a tag stays where it is, as a sentence for who would have moved it.
public struct TagRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
    /// Where the tag points; nil for nowhere.
    public let target: Digest?

    /// What is told to those who may not read in a repository.
    public static func unseen(in repository: RepositoryName) -> String {
        "a rule or a lock holds a tag of \(repository)"
    }

    init(_ sentence: String) {
        (description, target) = (sentence, nil)
    }

    init(_ step: TagStep, _ hold: TagGuards.Hold) {
        let place = step.from.map { "points to \($0) and" } ?? "is not there and"
        let verb = step.to == nil ? "be deleted" : step.from == nil ? "be made by you" : "move"
        description = "the tag \(step.tag) of \(step.repository) \(place) may not \(verb): \(hold) holds it"
        target = step.from
    }
}
