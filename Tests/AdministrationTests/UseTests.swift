import Access
import AdminModel
import Administration
import Identity
import Metadata
import OCI
import RegistryTesting
import Testing

/// What is in use does not go, and what denies does not vanish unseen.
@Suite("What is in use")
struct UseTests {
    static let denial = [AdminModel.Policy(effect: .deny, repo: "**", actions: ["delete"])]

    private func code(_ body: () async throws -> Void) async -> Problem.Code? {
        await #expect(throws: Problem.self) { try await body() }?.code
    }

    @Test("stays: a role that somebody has, everywhere or in a project", arguments: [nil, "team"])
    func role(project: String?) async throws {
        let local = try await TestAdministration().local
        _ = try await local.setRole("keeper", RolePolicies(policies: Self.denial))
        _ = try await local.setMember("user:bob", of: project, MemberRoles(roles: ["keeper"]))
        #expect(await code { try await local.deleteRole("keeper") } == .conflict)
        _ = try await local.setMember("user:bob", of: project, MemberRoles(roles: []))
        try await local.deleteRole("keeper")
        #expect(await code { try await local.deleteRole("keeper") } == .notFound)
    }

    @Test("stays: a group that has a role", arguments: [nil, "team"])
    func group(project: String?) async throws {
        let local = try await TestAdministration().local
        _ = try await local.setGroup("staff", GroupMembers(members: ["bob"]))
        _ = try await local.setMember("group:staff", of: project, MemberRoles(roles: ["reader"]))
        #expect(await code { try await local.deleteGroup("staff") } == .conflict)
        _ = try await local.setMember("group:staff", of: project, MemberRoles(roles: []))
        try await local.deleteGroup("staff")
    }

    @Test("stays: a project that has a robot, or a role in it that denies")
    func project() async throws {
        let office = try await TestAdministration()
        let local = office.local
        _ = try await local.create(NewRobot(name: "ci", project: "team"))
        #expect(await code { try await local.deleteProject("team") } == .conflict)
        try await local.deleteRobot("team+ci")
        _ = try await local.setRole("keeper", RolePolicies(policies: Self.denial))
        _ = try await local.setMember("user:bob", of: nil, MemberRoles(roles: ["maintainer"]))
        _ = try await local.setMember("user:bob", of: "team", MemberRoles(roles: ["keeper"]))
        #expect(await code { try await local.deleteProject("team") } == .conflict)
        #expect(try await local.explain("user:bob", "delete", on: "team/app").isAllowed == false)
        _ = try await local.setMember("user:bob", of: "team", MemberRoles(roles: []))
        try await local.deleteProject("team")
        #expect(try await local.explain("user:bob", "delete", on: "team/app").isAllowed)
    }

    @Test("is not named before it is there")
    func missing() async throws {
        let local = try await TestAdministration().local
        let attempts: [(String, @Sendable () async throws -> Void)] = [
            ("a group of a user", { _ = try await local.create(NewUser(name: "new", groups: ["none"])) }),
            ("a member of a group", { _ = try await local.setGroup("new", GroupMembers(members: ["none"])) }),
            ("a role", { _ = try await local.setMember("user:bob", of: "team", MemberRoles(roles: ["none"])) }),
            ("a user", { _ = try await local.setMember("user:none", of: nil, MemberRoles(roles: ["reader"])) }),
            ("a robot", { _ = try await local.setMember("robot:bob", of: nil, MemberRoles(roles: ["reader"])) }),
            ("a project of a robot", { _ = try await local.create(NewRobot(name: "new", project: "none")) }),
            ("a role of a robot", { _ = try await local.create(NewRobot(name: "new", roles: ["none"])) }),
            ("a user of a token", { _ = try await local.create(NewToken(user: "none")) }),
        ]
        for (what, attempt) in attempts {
            #expect(await code(attempt) == .unprocessable, "\(what)")
        }
        // Nothing of what was refused stays.
        #expect(try await local.users(after: nil, limit: 10).items.map(\.name) == ["admin", "alice", "bob"])
        #expect(try await local.groups(after: nil, limit: 10).items.isEmpty)
        #expect(try await local.robots(project: nil, after: nil, limit: 10).items.isEmpty)
        #expect(try await local.members(of: "none", after: nil, limit: 10, or: .notFound))
    }

    @Test("has no name twice: accounts of both kinds, projects, built-in roles")
    func names() async throws {
        let local = try await TestAdministration().local
        #expect(await code { _ = try await local.create(NewUser(name: "bob")) } == .conflict)
        #expect(await code { _ = try await local.create(NewRobot(name: "bob")) } == .conflict)
        #expect(await code { _ = try await local.create(NewProject(name: "team")) } == .conflict)
        for name in ["lister", "reader", "writer", "maintainer", "administrator"] {
            #expect(await code { _ = try await local.setRole(name, RolePolicies(policies: [])) } == .conflict)
            #expect(await code { try await local.deleteRole(name) } == .conflict)
        }
    }

    static let badNames = [
        "", " ", "-a", ".a", "a b", "a:b", "a/b", "a+b", "ä", "a\n", "a\u{0}", String(repeating: "a", count: 129), "*",
        "@a",
    ]

    @Test("is not called what cannot be typed", arguments: badNames)
    func badName(_ name: String) async throws {
        let local = try await TestAdministration().local
        #expect(await code { _ = try await local.create(NewUser(name: name)) } == .invalid)
        #expect(await code { _ = try await local.setGroup(name, GroupMembers(members: [])) } == .invalid)
        #expect(await code { _ = try await local.setRole(name, RolePolicies(policies: [])) } == .invalid)
        #expect(await code { _ = try await local.create(NewRobot(name: name)) } == .invalid)
        #expect(
            await code { _ = try await local.setMember("user:" + name, of: nil, MemberRoles(roles: ["reader"])) } != nil
        )
    }

    @Test(
        "is denied by a role that denies the managing of everything, however that is written",
        arguments: ["*", "**"]
    )
    func deniedManagement(pattern: String) async throws {
        let office = try await TestAdministration()
        let denial = [AdminModel.Policy(effect: .deny, repo: pattern, actions: ["manage"])]
        _ = try await office.local.setRole("suspended", RolePolicies(policies: denial))
        _ = try await office.local.setMember("user:admin", of: nil, MemberRoles(roles: ["administrator", "suspended"]))
        await #expect(throws: Refused.self) {
            try await office.management("admin").users(after: nil, limit: 10)
        }
    }
}

extension Management {
    /// Whether members are not there.
    fileprivate func members(of project: String, after last: String?, limit: Int, or code: Problem.Code) async throws
        -> Bool
    {
        do {
            _ = try await members(of: project, after: last, limit: limit)
            return false
        } catch let problem as Problem {
            return problem.code == code
        }
    }
}
