import AdminModel
import Administration
import Foundation
import Identity
import Metadata
import OCI
import RegistryTesting
import Testing

@testable import AdminAPI

/// Projects in the trash, over the API.
@Suite("Requests for projects in the trash")
struct TrashProjectTests {
    private static let moment = Timestamp(microseconds: 1_700_000_000_000_000)
    private static let project = "/api/v1/projects/team?withRepositories=true"

    /// An office whose project `team` has two repositories, roles, a rule and a block of addresses.
    private func furnished() async throws -> TestAdministration {
        let office = try await TestAdministration()
        let local = office.local
        for name in ["team/app", "team/web"] { try await make(name, office) }
        _ = try await local.setProject("team", ProjectChange(isPublic: true, addresses: ["127.0.0.0/8"]))
        _ = try await local.setRole("own", RolePolicies(policies: []))
        _ = try await local.setGroup("staff", GroupMembers(members: ["bob"]))
        _ = try await local.create(NewRobot(name: "ci"))
        for (subject, role) in [("user:bob", "reader"), ("group:staff", "writer"), ("robot:ci", "own")] {
            _ = try await local.setMember(subject, of: "team", MemberRoles(roles: [role]))
        }
        let tags = NamePatterns(include: ["v*"], exclude: [])
        _ = try await local.setTagRule("held", of: "team", TagRuleChange(kind: .immutable, tags: tags))
        return office
    }

    private func make(_ name: String, _ office: TestAdministration) async throws {
        try await office.facts.write { _ = try $0.ensureRepository(RepositoryName(name), at: Self.moment) }
    }

    private func decode<Value: Decodable>(_ response: TestResponse, _ type: Value.Type) throws -> Value {
        try #require(response.status == 200, "\(response.text)")
        return try JSONDecoder().decode(type, from: Data(response.body))
    }

    private func whole(_ office: TestAdministration) async throws -> TrashEntry {
        let page = try decode(try await office.send("GET", "/api/v1/trash?repository=team"), Page<TrashEntry>.self)
        return try #require(page.items.first { $0.kind == "project" })
    }

    private func restore(
        _ entry: TrashEntry,
        _ office: TestAdministration,
        as name: String = "admin",
        body: String = "{}"
    ) async throws -> TestResponse {
        try await office.send("POST", "/api/v1/trash/\(entry.id)/restore", as: name, body)
    }

    @Test("a project comes back with what it said, its roles, rules and repositories, and the audit says which")
    func back() async throws {
        let office = try await furnished()
        let before = try await office.send("GET", "/api/v1/projects/team").text
        let members = try await office.send("GET", "/api/v1/projects/team/members").text
        let rules = try await office.send("GET", "/api/v1/projects/team/tag-rules").text
        #expect(try await office.send("DELETE", Self.project, as: "alice").status == 204)
        #expect(try await office.management("bob").explain("user:bob", "pull", on: "team/app").isAllowed == false)
        let entry = try await whole(office)
        #expect((entry.repository, entry.deletedBy, entry.within) == ("team", "user:alice", nil))
        let restored = try decode(try await restore(entry, office), RestoredEntry.self)
        #expect((restored.repositoryCount, restored.roleCount) == (2, 4))
        #expect(restored.keptRepositories == [] && restored.lostRoles == [])
        #expect(try await office.send("GET", "/api/v1/projects/team").text == before)
        #expect(try await office.send("GET", "/api/v1/projects/team/members").text == members)
        #expect(try await office.send("GET", "/api/v1/projects/team/tag-rules").text == rules)
        #expect(try await office.management("bob").explain("user:bob", "pull", on: "team/app").isAllowed)
        #expect(try await restore(entry, office).status == 404)
        let noted = try await office.audit().suffix(3)
        #expect(noted.map(\.action) == ["trash.restore", "trash.restore", "trash.restore"])
        #expect(noted.map(\.target) == ["project:team", "team/web", "team/app"])
        let details = try #require(noted.first?.details)
        for part in ["group:staff writer", "user:bob reader", "robot:ci own", "user:alice administrator", "rules"] {
            #expect(details.contains(part), "\(details)")
        }
    }

    @Test("who lost their account, and a role that is gone, get nothing back, and both are named nowhere again")
    func lost() async throws {
        let office = try await furnished()
        #expect(try await office.send("DELETE", Self.project).status == 204)
        let entry = try await whole(office)
        let local = office.local
        try await local.deleteUser("bob")
        try await local.deleteRole("own")
        _ = try await local.setRole("own", RolePolicies(policies: []))
        _ = try await local.create(NewUser(name: "bob", password: TestAdministration.password))
        let restored = try decode(try await restore(entry, office), RestoredEntry.self)
        #expect(restored.roleCount == 2)
        let members = try await local.members(of: "team", after: nil, limit: 10).items
        #expect(members.map(\.subject) == ["group:staff", "user:alice"])
        #expect(try await office.management("bob").explain("user:bob", "push", on: "team/app").isAllowed == false)
    }

    @Test("restoring hands out roles: only who manages the project or everything may, and by no limited credential")
    func authority() async throws {
        let office = try await furnished()
        #expect(try await office.send("DELETE", Self.project, as: "alice").status == 204)
        let entry = try await whole(office)
        // It was a role in the project by which she managed it.
        #expect(try await restore(entry, office, as: "alice").status == 403)
        let local = office.local
        _ = try await local.setMember("user:bob", of: nil, MemberRoles(roles: ["maintainer"]))
        #expect(try await restore(entry, office, as: "bob").status == 403)
        #expect(try await office.send("DELETE", "/api/v1/trash/\(entry.id)", as: "bob").status == 403)
        let one = try decode(try await office.send("GET", "/api/v1/trash?repository=team/app"), Page<TrashEntry>.self)
        #expect(try await restore(try #require(one.items.first), office, as: "bob").status == 200)
        let policies = [AdminModel.Policy(repo: "**", actions: ["manage", "delete", "push"])]
        let token = try await office.management("admin").create(NewToken(policies: policies)).secret
        let limited = office.management(try await office.login("admin", token))
        await #expect(throws: Refused.self) { _ = try await limited.restore("\(entry.id)", RestoreRequest()) }
        let restored = try decode(try await restore(entry, office), RestoredEntry.self)
        #expect(restored.repositoryCount == 1)
    }

    @Test("a project of the name stands in the way, and a repository stays where there is another")
    func taken() async throws {
        let office = try await furnished()
        #expect(try await office.send("DELETE", Self.project).status == 204)
        let entry = try await whole(office)
        #expect(try await restore(entry, office, body: #"{"repository":"other"}"#).status == 422)
        _ = try await office.local.create(NewProject(name: "team"))
        let refused = try await restore(entry, office)
        #expect(refused.status == 409 && refused.text.contains("there is a project team meanwhile"))
        #expect(try await office.send("DELETE", "/api/v1/projects/team").status == 204)
        try await make("team/app", office)
        let restored = try decode(try await restore(entry, office), RestoredEntry.self)
        #expect((restored.repositoryCount, restored.keptRepositories) == (1, ["team/app"]))
        _ = try await office.local.deleteRepository("team/app")
        let rest = try decode(try await restore(entry, office), RestoredEntry.self)
        #expect((rest.repositoryCount, rest.roleCount) == (1, nil))
        #expect(try await restore(entry, office).status == 404)
    }

    @Test("what a rule keeps, a robot and a denial keep the project; without its repositories any rule does")
    func held() async throws {
        let office = try await furnished()
        let rule = try await office.send("DELETE", "/api/v1/projects/team")
        #expect(rule.status == 409 && rule.text.contains("the rule of tags held"))
        let digest = try Digest("sha256:" + String(repeating: "ab", count: 32))
        try await office.facts.write { facts in
            let web = try facts.ensureRepository(RepositoryName("team/web"), at: Self.moment)
            let fact = ManifestFact(
                digest: digest,
                mediaType: .imageManifest,
                artifactType: nil,
                subject: nil,
                byteCount: 2,
                pushedAt: Self.moment,
                pushedBy: "user:alice"
            )
            try facts.insertManifest(fact, bytes: Array("{}".utf8), edges: [], in: web)
            try facts.moveTag(Tag("v1"), to: digest, in: web, at: Self.moment, by: "user:alice")
        }
        let held = try await office.send("DELETE", Self.project)
        #expect(held.status == 409 && held.text.contains("held"), "\(held.text)")
        #expect(try await office.send("GET", "/api/v1/projects/team").status == 200)
        // What has gone until then comes back, and the project is as it was.
        let entry = try await whole(office)
        let restored = try decode(try await restore(entry, office), RestoredEntry.self)
        #expect((restored.repositoryCount, restored.roleCount) == (1, nil))
        try await office.local.deleteTagRule("held", of: "team")
        _ = try await office.local.create(NewRobot(name: "ci", project: "team"))
        #expect(try await office.send("DELETE", Self.project).text.contains("the robot team+ci"))
    }

    @Test("purged it does not come back, and nothing of it is left")
    func purged() async throws {
        let office = try await furnished()
        #expect(try await office.send("DELETE", Self.project).status == 204)
        let entry = try await whole(office)
        #expect(try await office.send("DELETE", "/api/v1/trash/\(entry.id)").status == 204)
        let late = try await restore(entry, office)
        #expect(late.status == 409 && late.text.contains("being purged"))
        while try await office.facts.write({ try $0.purgeDueTrash().rows }) > 0 {}
        let trash = try decode(try await office.send("GET", "/api/v1/trash"), Page<TrashEntry>.self)
        #expect(trash.items.isEmpty)
        #expect(try await office.audit().map(\.target).last == "project:team")
    }
}
