import Access
import AdminModel
import Foundation
import Identity
import Metadata
import OCI
import RegistryTesting
import Testing

@testable import AdminAPI

/// What is damaged, and what nobody may change, over the API.
@Suite("Requests about damage and read-only")
struct CareRequestTests {
    private func decoded<Value: Decodable>(_ office: TestAdministration, _ path: String) async throws -> Value {
        let answer = try await office.send("GET", "/api/v1/\(path)")
        #expect(answer.status == 200, "\(answer.text)")
        return try JSONDecoder().decode(Value.self, from: Data(answer.body))
    }

    @Test("say that everything or a project is read-only, show it, and end it; the server knows at once")
    func readOnly() async throws {
        let office = try await TestAdministration()
        for (scope, path) in [("*", "%2A"), ("team", "team"), ("team/sub", "team%2Fsub")] {
            let made = try await office.send("PUT", "/api/v1/read-only/\(path)", #"{"reason": "frozen: é"}"#)
            #expect(made.status == 200, "\(made.text)")
            let set = try JSONDecoder().decode(ReadOnly.self, from: Data(made.body))
            #expect((set.scope, set.reason) == (scope, "frozen: é"))
        }
        let page: Page<ReadOnly> = try await decoded(office, "read-only")
        #expect(page.items.map(\.scope) == ["*", "team", "team/sub"])
        let name = try RepositoryName("other/app")
        #expect(office.directory.snapshot.readOnly.rule(for: name)?.reason == "frozen: é")
        #expect(try await office.send("DELETE", "/api/v1/read-only/%2A").status == 204)
        #expect(try await office.send("DELETE", "/api/v1/read-only/%2A").status == 404)
        #expect(office.directory.snapshot.readOnly.rule(for: name) == nil)
        let entries = try await office.audit().filter { $0.action.hasPrefix("read-only.") }
        #expect(entries.map(\.action) == ["read-only.set", "read-only.set", "read-only.set", "read-only.delete"])
        #expect(entries.map(\.target) == ["installation", "project:team", "project:team/sub", "installation"])
        #expect(entries[0].details == #"{"reason":"frozen: é"}"#)
    }

    @Test(
        "are refused where they cannot be read",
        arguments: [
            ("PUT", "read-only/team", "{}", 400), ("PUT", "read-only/team", #"{"reason": ""}"#, 400),
            ("PUT", "read-only/team", #"{"reason": "a\u0000b"}"#, 400),
            ("PUT", "read-only/team", #"{"reason": "a", "scope": "*"}"#, 400),
            ("PUT", "read-only/Team", #"{"reason": "a"}"#, 400), ("PUT", "read-only/%2A%2A", #"{"reason": "a"}"#, 400),
            ("GET", "damage?after=x", nil, 422), ("GET", "damage?after=sha256:00%20blob", nil, 422),
        ] as [(String, String, String?, Int)]
    )
    func unreadable(method: String, path: String, body: String?, status: Int) async throws {
        let office = try await TestAdministration()
        let answer = try await office.send(method, "/api/v1/\(path)", body)
        #expect(answer.status == status, "\(answer.text)")
    }

    @Test("show what is damaged, a page at a time, without what is mended")
    func damage() async throws {
        let office = try await TestAdministration()
        let digests = (0..<5).map { SampleBlob("\($0)").digest }.sorted()
        try await office.facts.write { facts in
            for digest in digests { try facts.putDamage(Digest(digest), .manifest, "its bytes have changed") }
            // Of a blob that is not out of service.
            try facts.putDamage(Digest(digests[0]), .blob, "its bytes are missing")
        }
        var (found, path): ([String], String?) = ([], "damage?limit=2")
        while let next = path {
            let page: Page<Damage> = try await decoded(office, next)
            #expect(page.items.allSatisfy { $0.kind == "manifest" && $0.problem == "its bytes have changed" })
            found += page.items.map(\.digest)
            path = page.next.map {
                "damage?limit=2&after=\($0.replacing(" ", with: "%20").replacing(":", with: "%3A"))"
            }
        }
        #expect(found == digests)
    }
}
