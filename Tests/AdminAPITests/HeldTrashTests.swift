import AdminModel
import Administration
import Foundation
import Metadata
import OCI
import RegistryTesting
import Testing

@testable import AdminAPI

/// Deleting and restoring where tags are held, or nothing may be changed.
@Suite("The trash under rules, locks and read-only")
struct HeldTrashTests {
    private static let digests = ["ab", "cd"].map { "sha256:" + String(repeating: $0, count: 32) }
    private static let moment = Timestamp(microseconds: 1_700_000_000_000_000)
    private static let repository = "/api/v1/repositories/team%2Fapp"

    /// An office with two manifests in `team/app`, of which the first has the tag `v1`.
    private func furnished() async throws -> TestAdministration {
        let office = try await TestAdministration()
        let name = try RepositoryName("team/app")
        try await office.facts.write { facts in
            let app = try facts.ensureRepository(name, at: Self.moment)
            for (number, text) in Self.digests.enumerated() {
                let fact = ManifestFact(
                    digest: try Digest(text),
                    mediaType: .imageManifest,
                    artifactType: nil,
                    subject: nil,
                    byteCount: Int64(2 + number),
                    pushedAt: Self.moment,
                    pushedBy: "user:alice"
                )
                let bytes = Array("{}".utf8) + Array(repeating: UInt8(ascii: " "), count: number)
                try facts.insertManifest(fact, bytes: bytes, edges: [], in: app)
            }
            try facts.moveTag(Tag("v1"), to: Digest(Self.digests[0]), in: app, at: Self.moment, by: "user:alice")
        }
        return office
    }

    /// Deletes `v1`, and lets it come to point to the second manifest where that is wanted.
    private func delete(_ office: TestAdministration, movingOn: Bool = false) async throws {
        let name = try RepositoryName("team/app")
        try await office.facts.write { facts in
            guard let app = try facts.repository(name) else { return }
            let (tag, moment) = (try Tag("v1"), Self.moment)
            try facts.deleteTag(tag, in: app, at: moment, by: "user:alice", keeping: .seconds(60))
            guard movingOn else { return }
            try facts.moveTag(tag, to: Digest(Self.digests[1]), in: app, at: moment, by: "user:alice")
        }
    }

    private func rule(_ office: TestAdministration, _ body: String) async throws {
        let answer = try await office.send("PUT", "/api/v1/projects/team/tag-rules/held", body)
        try #require(answer.status == 200, "\(answer.text)")
    }

    private func demandHeld(_ answer: TestResponse, _ words: String) {
        #expect(answer.status == 409 && answer.text.contains(words), "\(answer.status) \(answer.text)")
    }

    @Test("an immutable tag comes back where it is absent, and is not moved by force")
    func immutable() async throws {
        let office = try await furnished()
        try await delete(office)
        try await rule(office, #"{"kind":"immutable"}"#)
        #expect(try await office.send("POST", "/api/v1/trash/1/restore", as: "alice", "{}").status == 200)
        try await delete(office, movingOn: true)
        let forced = try await office.send("POST", "/api/v1/trash/2/restore", as: "alice", #"{"movesTags":true}"#)
        demandHeld(forced, "may not move")
        #expect(try await office.send("GET", "/api/v1/trash/2").status == 200)
    }

    @Test("a repository with a locked or immutable tag is not deleted, and is past broken glass, which is noted")
    func wholeRepository() async throws {
        let office = try await furnished()
        let tag = #"{"repository":"team/app","tag":"v1","reason":"so"}"#
        #expect(try await office.send("POST", "/api/v1/tag-locks", tag).status < 300)
        demandHeld(try await office.send("DELETE", Self.repository), "may not be deleted")
        demandHeld(try await office.send("DELETE", "/api/v1/projects/team?withRepositories=true"), "may not be deleted")
        let unlocked = "/api/v1/tag-locks?repository=team/app&tag=v1"
        #expect(try await office.send("DELETE", unlocked).status == 204)
        try await rule(office, #"{"kind":"immutable"}"#)
        demandHeld(try await office.send("DELETE", Self.repository), "may not be deleted")
        #expect(try await office.send("POST", "/api/v1/tag-glass", tag).status < 300)
        #expect(try await office.send("DELETE", Self.repository).status == 200)
        let actions = try await office.audit().map(\.action)
        #expect(Set(actions.suffix(2)) == ["tag.override", "repository.delete"], "\(actions)")
        // It comes back: what is immutable may be made where it is absent.
        #expect(try await office.send("POST", "/api/v1/trash/1/restore", "{}").status == 200)
    }

    @Test("a protected tag comes back only for whom the rule lets make it, alone or with its repository")
    func protected() async throws {
        let office = try await furnished()
        try await delete(office)
        try await rule(office, #"{"kind":"protected","roles":["reader"]}"#)
        demandHeld(try await office.send("POST", "/api/v1/trash/1/restore", as: "alice", "{}"), "may not be made")
        try await rule(office, #"{"kind":"protected"}"#)
        #expect(try await office.send("POST", "/api/v1/trash/1/restore", as: "alice", "{}").status == 200)
        let gone = try await office.send("DELETE", Self.repository, as: "alice")
        let entry = try JSONDecoder().decode(TrashEntry.self, from: Data(gone.body))
        try await rule(office, #"{"kind":"protected","roles":["reader"]}"#)
        let path = "/api/v1/trash/\(entry.id)/restore"
        demandHeld(try await office.send("POST", path, as: "alice", "{}"), "may not be made")
        let left = try await office.facts.read { try $0.repositories(after: nil, limit: 9) }
        #expect(left == [])
    }

    @Test("glass that was broken where a repository was holds no more where it comes back")
    func glass() async throws {
        let office = try await furnished()
        let tag = #"{"repository":"team/app","tag":"v1","reason":"so"}"#
        #expect(try await office.send("POST", "/api/v1/tag-glass", as: "alice", tag).status < 300)
        let gone = try await office.send("DELETE", Self.repository, as: "alice")
        let entry = try JSONDecoder().decode(TrashEntry.self, from: Data(gone.body))
        _ = try await office.local.create(NewProject(name: "prod"))
        let rule = try await office.send("PUT", "/api/v1/projects/prod/tag-rules/held", #"{"kind":"protected"}"#)
        try #require(rule.status == 200, "\(rule.text)")
        _ = try await office.local.setMember("user:alice", of: "prod", MemberRoles(roles: ["writer"]))
        let way = #"{"repository":"prod/x"}"#
        demandHeld(
            try await office.send("POST", "/api/v1/trash/\(entry.id)/restore", as: "alice", way),
            "may not be made"
        )
        #expect(try await office.send("POST", "/api/v1/trash/\(entry.id)/restore", as: "alice", "{}").status == 200)
        let guards = try await office.facts.read { facts in
            let app = try #require(try facts.repository(RepositoryName("team/app")))
            return try facts.tagGuards(.glass, in: app, after: nil, limit: 9)
        }
        #expect(guards == [])
    }

    @Test("a repository comes back elsewhere only for who may pull it, and a tag for who may tag")
    func rights() async throws {
        let office = try await furnished()
        func restore(_ id: String, without action: String?, to name: String? = nil) async throws {
            var policies = [AdminModel.Policy(repo: "**", actions: ["delete", "push", "pull"])]
            if let action { policies.append(AdminModel.Policy(effect: .deny, repo: "**", actions: [action])) }
            let token = try await office.management("alice").create(NewToken(policies: policies)).secret
            let limited = office.management(try await office.login("alice", token))
            _ = try await limited.restore(id, RestoreRequest(repository: name))
        }
        try await delete(office)
        await #expect(throws: Refused.self) { try await restore("1", without: "tag") }
        try await restore("1", without: "pull")
        let gone = try await office.send("DELETE", Self.repository, as: "alice")
        let entry = try JSONDecoder().decode(TrashEntry.self, from: Data(gone.body))
        for action in ["pull", "tag"] {
            await #expect(throws: Refused.self) { try await restore("\(entry.id)", without: action, to: "team/other") }
        }
        try await restore("\(entry.id)", without: nil, to: "team/other")
    }

    @Test("nothing that is read-only is deleted, restored or purged, and the reason is told")
    func readOnly() async throws {
        let office = try await furnished()
        try await delete(office)
        #expect(try await office.send("PUT", "/api/v1/read-only/team", #"{"reason":"moving house"}"#).status == 200)
        demandHeld(try await office.send("DELETE", Self.repository), "moving house")
        demandHeld(try await office.send("POST", "/api/v1/trash/1/restore", "{}"), "moving house")
        demandHeld(try await office.send("DELETE", "/api/v1/trash/1"), "moving house")
        #expect(try await office.send("DELETE", "/api/v1/read-only/team").status == 204)
        #expect(try await office.send("DELETE", "/api/v1/trash/1").status == 204)
    }
}
