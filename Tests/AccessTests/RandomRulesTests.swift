import Access
import OCI
import RegistryTesting
import Selectors
import Testing

/// The rules and a plain reading of them, written apart, are asked the same, at random.
@Suite("Random rules")
struct RandomRulesTests {
    private static let roundCount = TestSeed.count(400, soaking: 20_000, of: "rounds of random rules")

    @Test("A decision is what a plain reading of the rules says, and its reason is one of theirs")
    func decisions() throws {
        var random = RandomAccess(seed: TestSeed.run)
        var seen: [String: Int] = [:]
        for _ in 0..<Self.roundCount {
            let (set, principal) = (try random.ruleSet(), try random.principal())
            let (rules, reference) = (set.rules, ReferenceRules(set: set))
            for name in RandomAccess.names {
                for action in Action.allCases {
                    let decision = rules.decide(principal, action, on: try RepositoryName(name))
                    let expected = reference.outcome(principal, action, on: name)
                    let what = "TEST_SEED=\(TestSeed.run): \(principal) \(action) \(name) under \(set)"
                    try #require(Self.outcome(of: decision) == expected, "\(what)")
                    try #require(Self.isGrounded(decision, principal, action, name, set), "\(what)")
                    seen[String(describing: expected).prefix { $0 != "(" }.description, default: 0] += 1
                }
            }
        }
        let outcomes = [
            "granted", "publicProject", "localAdministrator", "denied", "closed", "beyondLimit", "nothingAllows",
        ]
        for outcome in outcomes { #expect(seen[outcome, default: 0] > Self.roundCount, "\(outcome) came too seldom") }
    }

    @Test("A list that looks only at the prefixes misses nothing that is allowed")
    func prefixes() throws {
        var random = RandomAccess(seed: ~TestSeed.run)
        var narrowCount = 0
        for _ in 0..<Self.roundCount {
            let (set, principal) = (try random.ruleSet(), try random.principal())
            let rules = set.rules
            for action in Action.allCases {
                let prefixes = rules.prefixes(of: action, for: principal)
                let what = "TEST_SEED=\(TestSeed.run): \(prefixes) of \(action) for \(principal) under \(set)"
                for name in RandomAccess.names {
                    guard rules.decide(principal, action, on: try RepositoryName(name)).isAllowed else { continue }
                    try #require(prefixes.contains { name.hasPrefix($0) }, "\(name) is not in \(what)")
                }
                for (left, right) in zip(prefixes, prefixes.dropFirst()) {
                    try #require(left.utf8.lexicographicallyPrecedes(right.utf8) && !right.hasPrefix(left), "\(what)")
                }
                if !prefixes.contains("") { narrowCount += 1 }
            }
        }
        #expect(narrowCount > Self.roundCount)
    }

    private static func outcome(of decision: Decision) -> ReferenceRules.Outcome {
        switch decision.reason {
        case .granted: .granted
        case .publicProject(let name): .publicProject(name)
        case .localAdministrator: .localAdministrator
        case .denied: .denied
        case .addressNotAllowed(let name): .closed(name)
        case .beyondLimit: .beyondLimit
        case .nothingAllows: .nothingAllows
        }
    }

    /// Whether the grant that a decision names is there, is for the principal, and its policy says so.
    private static func isGrounded(
        _ decision: Decision,
        _ principal: Principal,
        _ action: Action,
        _ name: String,
        _ set: RuleSet
    ) -> Bool {
        let effect: Policy.Effect
        let (grant, policy): (Grant, Policy)
        switch decision.reason {
        case .granted(let found, let what): (effect, grant, policy) = (.allow, found, what)
        case .denied(let found, let what): (effect, grant, policy) = (.deny, found, what)
        case .publicProject, .localAdministrator, .addressNotAllowed, .beyondLimit, .nothingAllows: return true
        }
        return set.grants.contains(grant) && grant.subject.includes(principal) && policy.effect == effect
            && policy.actions.actions.contains(action) && policy.repositories.matches(name)
    }
}
