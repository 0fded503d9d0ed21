public import Access
import NetworkAddress
import Selectors

/// What ``Access/AccessRules`` are made from.
public struct RuleSet: Sendable {
    /// The roles of one's own.
    public var roles: [Role]
    /// Who has which.
    public var grants: [Grant]
    /// The parts of the names.
    public var projects: [Project]

    /// The rules.
    public var rules: AccessRules { AccessRules(roles: roles, grants: grants, projects: projects) }
}

/// Rules, callers and names at random, from so few words that they have to do with each other.
public struct RandomAccess: Sendable {
    /// Names of repositories, of which many begin alike.
    public static let names = [
        "a", "a/a", "tea", "tea/a", "teal", "teal/z", "team", "team-a", "team-a/b", "team.b", "team/a", "team/a/b",
        "team/b", "team/c/d/b", "team0", "team0/a", "team_x", "tean", "z/a/b", "zebra",
    ]
    /// The patterns that policies have.
    public static let patterns = [
        "*", "team", "team/*", "team/**", "team*", "team-*/**", "**/a", "te?m", "team/**/b", "team0", "*/a",
    ]
    /// The names of the projects.
    public static let projects = ["team", "team/a", "team/a/b", "team-a", "tea", "a", "z/a"]

    private var random: SeededGenerator

    /// Begins the sequence of `seed`.
    public init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// A few roles, grants and projects.
    public mutating func ruleSet() throws -> RuleSet {
        let roles = try ["own", "other", "reader"].filter { _ in chance(0.8) }.map { name in
            Role(name: name, policies: try policies(count: 1...3))
        }
        let grants = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            let role = one(of: ["own", "own", "other", "reader", "lister", "writer", "maintainer", "missing"])
            return Grant(subject(), role: role, project: chance(0.5) ? nil : one(of: Self.projects + ["missing"]))
        }
        let projects = Self.projects.filter { _ in chance(0.6) }
        return RuleSet(
            roles: roles,
            grants: grants,
            projects: projects.map { name in
                let addresses = chance(0.15) ? [AddressBlock("10.0.0.0/8")].compactMap(\.self) : []
                return Project(name: name, isPublic: chance(0.4), addresses: addresses)
            }
        )
    }

    /// A caller of any kind.
    public mutating func principal() throws -> Principal {
        if chance(0.05) { return .local }
        if chance(0.15) { return .anonymous }
        let groups = ["staff", "guests"].filter { _ in chance(0.5) }
        let limitCount = chance(0.6) ? 0 : Int.random(in: 1...2, using: &random)
        return Principal(
            kind: chance(0.7) ? .user : .robot,
            name: one(of: ["alice", "bob"]),
            groups: Set(groups),
            limits: try (0..<limitCount).map { _ in try policies(count: 0...3) },
            address: [nil, IPAddress("10.1.2.3"), IPAddress("192.0.2.1")][number(0...2)]
        )
    }

    /// Some of the names, in no order.
    public mutating func someNames() -> [String] {
        let share = Double.random(in: 0...1, using: &random)
        return Self.names.filter { _ in chance(share) }.shuffled(using: &random)
    }

    /// A number of a range.
    public mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    private mutating func policies(count: ClosedRange<Int>) throws -> [Policy] {
        try (0..<number(count)).map { _ in
            let some = Action.allCases.filter { _ in chance(0.5) }
            let actions = chance(0.2) ? ActionSet.all : ActionSet(some.map { ActionSet($0) })
            return Policy(chance(0.75) ? .allow : .deny, try Glob(one(of: Self.patterns)), actions)
        }
    }

    private mutating func subject() -> Subject {
        one(of: [
            .user("alice"), .user("bob"), .robot("alice"), .group("staff"), .group("guests"), .authenticated, .anyone,
        ])
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }
}
