import AdminModel
import Foundation
import Metadata
import OCI
import RegistryTesting
import Testing

@testable import AdminAPI

/// The trash over the API.
@Suite("Requests for the trash")
struct TrashRequestTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)
    private static let moment = Timestamp(microseconds: 1_700_000_000_000_000)

    /// An office with a manifest in `team/app` that has the tags `v1` and `v2`.
    private func furnished() async throws -> TestAdministration {
        let office = try await TestAdministration()
        let (name, digest) = (try RepositoryName("team/app"), try Digest(Self.digest))
        try await office.facts.write { facts in
            let app = try facts.ensureRepository(name, at: Self.moment)
            let fact = ManifestFact(
                digest: digest,
                mediaType: .imageManifest,
                artifactType: nil,
                subject: nil,
                byteCount: 2,
                pushedAt: Self.moment,
                pushedBy: "user:alice"
            )
            try facts.insertManifest(fact, bytes: Array("{}".utf8), edges: [], in: app)
            for tag in [try Tag("v1"), try Tag("v2")] {
                try facts.moveTag(tag, to: digest, in: app, at: Self.moment, by: "user:alice")
            }
        }
        return office
    }

    private func deleteTag(_ name: String, _ office: TestAdministration) async throws {
        let (repository, tag) = (try RepositoryName("team/app"), try Tag(name))
        try await office.facts.write { facts in
            guard let app = try facts.repository(repository) else { return }
            try facts.deleteTag(tag, in: app, at: Self.moment, by: "user:alice", keeping: .seconds(60))
        }
    }

    private func decode<Value: Decodable>(_ response: TestResponse, _ type: Value.Type) throws -> Value {
        try #require(response.status == 200, "\(response.text)")
        return try JSONDecoder().decode(type, from: Data(response.body))
    }

    @Test("list, read and restore: with what came back, and an entry in the audit")
    func restore() async throws {
        let office = try await furnished()
        for tag in ["v1", "v2"] { try await deleteTag(tag, office) }
        let path = "/api/v1/trash?repository=team/app"
        let page = try decode(try await office.send("GET", path + "&limit=1", as: "alice"), Page<TrashEntry>.self)
        #expect(page.items.map(\.tag) == ["v2"])
        let next = try #require(page.next)
        let rest = try await office.send("GET", "\(path)&limit=1&after=\(next)", as: "alice")
        #expect(try decode(rest, Page<TrashEntry>.self).items.map(\.tag) == ["v1"])
        let entry = page.items[0]
        #expect((entry.kind, entry.repository, entry.digest) == ("tag", "team/app", Self.digest))
        #expect(try decode(try await office.send("GET", "/api/v1/trash/\(entry.id)"), TrashEntry.self) == entry)
        let answer = try await office.send("POST", "/api/v1/trash/\(entry.id)/restore", as: "alice", "{}")
        let restored = try decode(answer, RestoredEntry.self)
        #expect(restored == RestoredEntry(entry: entry, repository: "team/app", tags: ["v2"]))
        let noted = try #require(try await office.audit().last)
        #expect((noted.action, noted.target, noted.principal) == ("trash.restore", "team/app:v2", "user:alice"))
        #expect(try await office.send("POST", "/api/v1/trash/\(entry.id)/restore", "{}").status == 404)
    }

    @Test("restore what cannot be: 409 with the way out, and 422 for a wish that does not fit")
    func refused() async throws {
        let office = try await furnished()
        try await deleteTag("v1", office)
        _ = try await office.send("DELETE", "/api/v1/repositories/team%2Fapp")
        let within = try await office.send("POST", "/api/v1/trash/1/restore", "{}")
        #expect(within.status == 409 && within.text.contains("restore the entry 2 first"))
        let odd = try await office.send("POST", "/api/v1/trash/2/restore", #"{"tag":"v3"}"#)
        #expect(odd.status == 422)
        #expect(try await office.send("POST", "/api/v1/trash/2/restore", #"{"tag":"-"}"#).status == 400)
        let moved = try await office.send("POST", "/api/v1/trash/2/restore", #"{"repository":"team/old"}"#)
        #expect(try decode(moved, RestoredEntry.self).repository == "team/old")
        let other = try await office.send("POST", "/api/v1/trash/1/restore", #"{"repository":"team/new"}"#)
        #expect(other.status == 422)
        let tag = try await office.send("POST", "/api/v1/trash/1/restore", #"{"tag":"v2-old"}"#)
        #expect(try decode(tag, RestoredEntry.self).repository == "team/old")
    }

    @Test("delete a repository: the entry, 404 afterwards; purged it does not come back")
    func repository() async throws {
        let office = try await furnished()
        let path = "/api/v1/repositories/team%2Fapp"
        let question = try await office.send("POST", path + "/deletion-estimate", as: "alice", "{}")
        #expect(
            try decode(question, DeletionEstimate.self)
                == DeletionEstimate(manifestCount: 1, blobCount: 0, byteCount: 2, trashSeconds: 604_800)
        )
        let part = #"{"manifests":["\#(Self.digest)"]}"#
        let some = try await office.send("POST", path + "/deletion-estimate", part)
        #expect(try decode(some, DeletionEstimate.self).byteCount == 2)
        #expect(try await office.send("POST", path + "/deletion-estimate", #"{"manifests":["x"]}"#).status == 400)
        #expect(try await office.send("DELETE", path, as: "bob").status == 403)
        let entry = try decode(try await office.send("DELETE", path, as: "alice"), TrashEntry.self)
        #expect((entry.kind, entry.repository, entry.deletedBy) == ("repository", "team/app", "user:alice"))
        #expect(try await office.send("DELETE", path).status == 404)
        #expect(try await office.send("POST", path + "/deletion-estimate", "{}").status == 404)
        #expect(try await office.send("DELETE", "/api/v1/trash/\(entry.id)", as: "alice").status == 204)
        let late = try await office.send("POST", "/api/v1/trash/\(entry.id)/restore", "{}")
        #expect(late.status == 409 && late.text.contains("being purged"))
        #expect(try await office.audit().map(\.action).suffix(2) == ["repository.delete", "trash.purge"])
    }

    @Test("delete a project with its repositories: each is an entry, with that of the project")
    func project() async throws {
        let office = try await furnished()
        try await office.facts.write { facts in
            for name in ["team", "team/web/x", "teams/app", "teal/app"] {
                _ = try facts.ensureRepository(RepositoryName(name), at: Self.moment)
            }
        }
        let path = "/api/v1/projects/team?withRepositories=true"
        #expect(try await office.send("DELETE", path, as: "bob").status == 403)
        #expect(try await office.send("DELETE", path, as: "alice").status == 204)
        let trash = try decode(try await office.send("GET", "/api/v1/trash"), Page<TrashEntry>.self)
        #expect(trash.items.map(\.repository).sorted() == ["team", "team", "team/app", "team/web/x"])
        let whole = try #require(trash.items.first { $0.kind == "project" })
        #expect(trash.items.allSatisfy { $0.within == ($0.kind == "project" ? nil : whole.id) })
        let left = try await office.facts.read { try $0.repositories(after: nil, limit: 9) }
        #expect(left.map(\.description) == ["teal/app", "teams/app"])
        #expect(try await office.send("GET", "/api/v1/projects/team").status == 404)
        #expect(try await office.audit().map(\.action).suffix(2) == ["repository.delete", "project.delete"])
    }

    @Test("who may not sees no difference between what is there and what is not")
    func unseen() async throws {
        let office = try await furnished()
        try await deleteTag("v1", office)
        for (method, end) in [("GET", ""), ("POST", "/restore"), ("DELETE", "")] {
            let body: String? = method == "POST" ? "{}" : nil
            let answers = [
                try await office.send(method, "/api/v1/trash/1\(end)", as: "bob", body),
                try await office.send(method, "/api/v1/trash/7\(end)", as: "bob", body),
            ]
            #expect(answers.map(\.status) == [403, 403])
            let problems = try answers.map { try JSONDecoder().decode(ProblemBody.self, from: Data($0.body)).error }
            #expect(problems[0] == problems[1])
        }
        #expect(try await office.send("GET", "/api/v1/trash", as: "alice").status == 403)
        #expect(try await office.send("GET", "/api/v1/trash/01").status == 404)
    }
}
