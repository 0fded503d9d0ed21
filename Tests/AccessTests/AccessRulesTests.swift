import Access
import OCI
import Selectors
import Testing

@Suite("Who may do what")
struct AccessRulesTests {
    static let alice = Principal(kind: .user, name: "alice", groups: ["staff"])
    static let robot = Principal(kind: .robot, name: "alice")

    /// The actions that a principal may do with a repository, in their order.
    static func allowed(_ rules: AccessRules, _ principal: Principal, on name: String) throws -> String {
        let repository = try RepositoryName(name)
        let actions = Action.allCases.filter { rules.decide(principal, $0, on: repository).isAllowed }
        return actions.map(\.rawValue).joined(separator: " ")
    }

    static func role(_ name: String, _ effect: Policy.Effect, _ pattern: String, _ actions: ActionSet) throws -> Role {
        Role(name: name, policies: [Policy(effect, try Glob(pattern), actions)])
    }

    @Test("Without rules nobody may do anything, but the administrator of the machine everything")
    func nothing() throws {
        let rules = AccessRules(grants: [])
        for principal in [Self.alice, Self.robot, .anonymous] {
            #expect(try Self.allowed(rules, principal, on: "team/app") == "")
            #expect(try rules.decide(principal, .pull, on: RepositoryName("a")).reason == .nothingAllows)
        }
        #expect(try Self.allowed(rules, .local, on: "a") == Action.allCases.map(\.rawValue).joined(separator: " "))
        #expect(try rules.decide(.local, .manage, on: RepositoryName("a")).reason == .localAdministrator)
    }

    @Test("Not even a denial for everyone stops the administrator of the machine")
    func localAdministrator() throws {
        let rules = AccessRules(roles: [try Self.role("no", .deny, "*", .all)], grants: [Grant(.anyone, role: "no")])
        #expect(try rules.decide(.local, .delete, on: RepositoryName("a")).isAllowed)
    }

    @Test(
        "The built-in roles give what they say",
        arguments: [
            ("lister", "list"), ("reader", "list pull"), ("writer", "list pull push tag overwrite scan sign"),
            ("maintainer", "list pull push tag overwrite delete scan sign"),
            ("administrator", "list pull push tag overwrite delete scan sign manage"), ("unknown", ""),
        ]
    )
    func builtIn(role: String, actions: String) throws {
        let rules = AccessRules(grants: [Grant(.user("alice"), role: role)])
        #expect(try Self.allowed(rules, Self.alice, on: "team/app") == actions)
        #expect(try Self.allowed(rules, Self.robot, on: "team/app") == "")
    }

    @Test("A denial beats what allows, in whichever role and order either stands")
    func denial() throws {
        let no = try Self.role("no", .deny, "team/secret", [.pull, .push])
        let mixed = Role(name: "mixed", policies: no.policies + Role.writer.policies)
        let both = [Grant(.user("alice"), role: "reader"), Grant(.group("staff"), role: "no")]
        for grants in [both, both.reversed(), [Grant(.anyone, role: "mixed")]] {
            let rules = AccessRules(roles: [no, mixed], grants: grants)
            let decision = try rules.decide(Self.alice, .pull, on: RepositoryName("team/secret"))
            let denying = grants.first { $0.role != "reader" }
            #expect(try decision.reason == .denied(#require(denying), no.policies[0]))
            #expect(try rules.decide(Self.alice, .list, on: RepositoryName("team/secret")).isAllowed)
            #expect(try rules.decide(Self.alice, .pull, on: RepositoryName("team/secret/x")).isAllowed)
        }
    }

    @Test("A role of one's own replaces the built-in one of its name")
    func ownRole() throws {
        let own = try Self.role("administrator", .allow, "team/**", .list)
        let rules = AccessRules(roles: [own], grants: [Grant(.user("alice"), role: "administrator")])
        #expect(try Self.allowed(rules, Self.alice, on: "team/app") == "list")
        #expect(try Self.allowed(rules, Self.alice, on: "team") == "")
    }

    @Test("A grant is for a user, a robot, a group, who has logged in, or anyone")
    func subjects() throws {
        let guest = Principal(kind: .user, name: "guest")
        let member = Principal(kind: .robot, name: "build", groups: ["staff"])
        let all = [Self.alice, guest, Self.robot, member, .anonymous]
        let expected: [(Subject, [Principal])] = [
            (.user("alice"), [Self.alice]), (.robot("alice"), [Self.robot]), (.group("staff"), [Self.alice, member]),
            (.group("alice"), []), (.user(""), []), (.authenticated, [Self.alice, guest, Self.robot, member]),
            (.anyone, all),
        ]
        for (subject, principals) in expected {
            let rules = AccessRules(grants: [Grant(subject, role: "reader")])
            let allowed = try all.filter { try rules.decide($0, .pull, on: RepositoryName("a")).isAllowed }
            #expect(allowed == principals, "\(subject)")
        }
    }

    @Test("A role held in a project counts there and below, and not beside it")
    func inProject() throws {
        let projects = [Project(name: "team", isPublic: false), Project(name: "team/inner", isPublic: false)]
        let grants = [Grant(.anyone, role: "reader", project: "team")]
        let rules = AccessRules(grants: grants, projects: projects)
        for name in ["team", "team/a", "team/a/b", "team/inner", "team/inner/a"] {
            #expect(try Self.allowed(rules, .anonymous, on: name) == "list pull", "\(name)")
        }
        for name in ["team0", "team-a", "team.b/c", "tea", "a/team", "other"] {
            #expect(try Self.allowed(rules, .anonymous, on: name) == "", "\(name)")
        }
        let withoutProject = AccessRules(grants: grants)
        #expect(try Self.allowed(withoutProject, .anonymous, on: "team/a") == "")
    }

    @Test("A denial held in a project does not reach beyond it")
    func denialInProject() throws {
        let rules = AccessRules(
            roles: [try Self.role("no", .deny, "*", .all)],
            grants: [Grant(.anyone, role: "reader"), Grant(.anyone, role: "no", project: "team")],
            projects: [Project(name: "team", isPublic: true)]
        )
        #expect(try Self.allowed(rules, Self.alice, on: "team/a") == "")
        #expect(try Self.allowed(rules, Self.alice, on: "team-a") == "list pull")
    }

    @Test("Everyone may list and pull in a public project; of nested ones the longest name decides")
    func publicProjects() throws {
        let rules = AccessRules(
            grants: [],
            projects: [
                Project(name: "team", isPublic: true), Project(name: "team/inner", isPublic: false),
                Project(name: "team/inner/open", isPublic: true), Project(name: "private", isPublic: false),
            ]
        )
        for name in ["team", "team/a", "team/a/b", "team/inner0", "team/inner/open", "team/inner/open/a"] {
            #expect(try Self.allowed(rules, .anonymous, on: name) == "list pull", "\(name)")
        }
        for name in ["team/inner", "team/inner/a", "private/a", "team0", "team-a/b", "other"] {
            #expect(try Self.allowed(rules, .anonymous, on: name) == "", "\(name)")
        }
        let reason = try rules.decide(Self.alice, .pull, on: RepositoryName("team/inner/open/a")).reason
        #expect(reason == .publicProject("team/inner/open"))
        #expect(rules.project(of: "team/inner/a")?.name == "team/inner")
        #expect(rules.project(of: "other/a") == nil)
    }

    @Test("Each of the limits must allow what the owner may do, and none may deny it")
    func limits() throws {
        let rules = AccessRules(grants: [Grant(.user("alice"), role: "writer")])
        func allowed(_ limits: [[Policy]], on name: String) throws -> String {
            try Self.allowed(rules, Principal(kind: .user, name: "alice", limits: limits), on: name)
        }
        let reading = Policy(.allow, try Glob("team/**"), [.list, .pull, .delete])
        let pulling = Policy(.allow, .everything, [.pull, .push])
        let notSecret = Policy(.deny, try Glob("team/secret"), .pull)
        #expect(try allowed([], on: "team/a") == "list pull push tag overwrite scan sign")
        #expect(try allowed([[]], on: "team/a") == "")
        #expect(try allowed([[reading]], on: "team/a") == "list pull")
        #expect(try allowed([[reading]], on: "other/a") == "")
        #expect(try allowed([[reading], [pulling]], on: "team/a") == "pull")
        #expect(try allowed([[reading, pulling]], on: "team/a") == "list pull push")
        #expect(try allowed([[reading, notSecret]], on: "team/secret") == "list")
        #expect(try allowed([[notSecret]], on: "team/a") == "")
        let limited = Principal(kind: .user, name: "alice", limits: [[reading]])
        #expect(try rules.decide(limited, .push, on: RepositoryName("team/a")).reason == .beyondLimit)
        #expect(try rules.decide(limited, .delete, on: RepositoryName("team/a")).reason == .nothingAllows)
    }

    @Test("A limit also holds for what a public project gives")
    func limitInPublicProject() throws {
        let rules = AccessRules(grants: [], projects: [Project(name: "team", isPublic: true)])
        let limited = Principal(kind: .user, name: "alice", limits: [[Policy(.allow, .everything, .list)]])
        #expect(try Self.allowed(rules, limited, on: "team/a") == "list")
    }

    @Test("A decision says in a sentence what decided")
    func sentences() throws {
        let no = Role(name: "no", policies: [Policy(.deny, try Glob("team/**"), [.delete, .push])])
        let rules = AccessRules(
            roles: [no],
            grants: [Grant(.group("staff"), role: "no", project: "team"), Grant(.user("alice"), role: "reader")],
            projects: [Project(name: "team", isPublic: true)]
        )
        let limited = Principal(kind: .user, name: "alice", limits: [[]])
        let expected: [(Principal, Action, String)] = [
            (Self.alice, .pull, "allowed by the role reader, which user:alice has: allow list, pull on *"),
            (
                Self.alice, .push,
                "denied by the role no, which group:staff has in the project team: deny push, delete on team/**"
            ),
            (.anonymous, .list, "allowed because the project team is public"),
            (.anonymous, .push, "denied because nothing allows it"),
            (limited, .pull, "denied because the credential in use is limited to less"),
            (.local, .manage, "allowed because the caller is the administrator of the machine"),
        ]
        for (principal, action, sentence) in expected {
            let decision = rules.decide(principal, action, on: try RepositoryName("team/app"))
            #expect(decision.description == sentence)
            #expect(decision.isAllowed == sentence.hasPrefix("allowed"))
        }
    }

    @Test("The prefixes are as long as the rules let them be")
    func prefixes() throws {
        let roles = try ["team/*", "team/app/**", "tools", "a-*", "**/x"].map { pattern in
            try Self.role(pattern, .allow, pattern, .list)
        }
        let projects = ["team", "tools", "other"].map { Project(name: $0, isPublic: $0 == "other") }
        func prefixes(_ grants: Grant...) -> [String] {
            AccessRules(roles: roles, grants: grants, projects: projects).prefixes(of: .list, for: Self.alice)
        }
        #expect(prefixes() == ["other"])
        #expect(prefixes(Grant(.user("bob"), role: "reader")) == ["other"])
        #expect(prefixes(Grant(.anyone, role: "reader")) == [""])
        #expect(prefixes(Grant(.anyone, role: "**/x")) == [""])
        #expect(prefixes(Grant(.anyone, role: "reader", project: "team")) == ["other", "team"])
        #expect(prefixes(Grant(.anyone, role: "team/*", project: "team")) == ["other", "team/"])
        #expect(prefixes(Grant(.anyone, role: "team/*", project: "tools")) == ["other"])
        let several = ["tools", "team/app/**", "team/*", "a-*"].map { Grant(.anyone, role: $0) }
        let rules = AccessRules(roles: roles, grants: several)
        #expect(rules.prefixes(of: .list, for: Self.alice) == ["a-", "team/", "tools"])
        #expect(rules.prefixes(of: .pull, for: Self.alice) == [])
        #expect(rules.prefixes(of: .pull, for: .local) == [""])
    }
}
