import OCI
import RegistryTesting
import Testing

/// The history of a tag, which is wharf's extension of the API.
@Suite struct TagHistory {
    /// The body of the answer.
    private struct History: Decodable, Equatable {
        struct Entry: Decodable, Equatable {
            var version: Int
            var digest: String?
            var previous: String?
            var moved_at: String
            var moved_by: String?
        }

        var name: String
        var tag: String
        var history: [Entry]
    }

    private static let path = "/v2/team/app/_wharf/tags/prod/history"

    /// Two images one after the other, and the deletion of the tag.
    private static func move(_ client: Client) async throws -> [String] {
        let first = try await client.push(SampleImage(seed: 1), to: "team/app", tag: "prod").manifest
        let second = try await client.push(SampleImage(seed: 2), to: "team/app", tag: "prod").manifest
        #expect(try await client.delete("/v2/team/app/manifests/prod").status == 202)
        return [first.digest, second.digest]
    }

    @Test(.requires("wharf-tag-history"), arguments: Harness.allCases)
    func `each move of a tag is told, the newest first, and stays when the tag is deleted`(harness: Harness)
        async throws
    {
        try await harness.withClient { client in
            let digests = try await Self.move(client)
            let response = try await client.get(Self.path)
            #expect(response.status == 200)
            #expect(response[header: "Content-Type"] == "application/json")
            #expect(response[header: "Link"] == nil)
            let found = try response.decoded(History.self)
            #expect([found.name, found.tag] == ["team/app", "prod"])
            #expect(found.history.map(\.version) == [3, 2, 1])
            #expect(found.history.map(\.digest) == [nil, digests[1], digests[0]])
            #expect(found.history.map(\.previous) == [digests[1], digests[0], nil])
            #expect(found.history.allSatisfy { Moment($0.moved_at) != nil && $0.moved_by != nil })
            #expect(response.text.contains(#""digest":null,"previous":"sha256:"#))
        }
    }

    @Test(.requires("wharf-tag-history-paged"), arguments: Harness.allCases, [1, 2, 3, 100])
    func `following Link gives each move once`(harness: Harness, n: Int) async throws {
        try await harness.withClient { client in
            _ = try await Self.move(client)
            let pages = try await client.followLinks(from: "\(Self.path)?n=\(n)") {
                try $0.decoded(History.self).history.map(\.version)
            }
            #expect(pages.flatMap { $0 } == [3, 2, 1])
            #expect(pages.dropLast().allSatisfy { $0.count == n })
            let rest = try await client.get("\(Self.path)?last=3").decoded(History.self)
            #expect(rest.history.map(\.version) == [2, 1])
            #expect(try await client.get("\(Self.path)?last=1").decoded(History.self).history == [])
            #expect(try await client.get("\(Self.path)?last=v3").decoded(History.self).history == [])
            #expect(try await client.get("\(Self.path)?n=x").status == 400)
        }
    }

    @Test(.requires("wharf-tag-history-unknown"), arguments: Harness.allCases)
    func `where there never was such a tag or repository, the answer is 404`(harness: Harness) async throws {
        try await harness.withClient { client in
            _ = try await Self.move(client)
            let never = try await client.get("/v2/team/app/_wharf/tags/never/history")
            #expect(Refusal(never) == Refusal(404, "MANIFEST_UNKNOWN"))
            let nowhere = try await client.get("/v2/team/none/_wharf/tags/prod/history")
            #expect(Refusal(nowhere) == Refusal(404, "NAME_UNKNOWN"))
            #expect(try await client.head(Self.path).status == 200)
            let deleted = try await client.delete(Self.path)
            #expect(deleted.status == 405 && deleted[header: "Allow"] == "GET, HEAD")
        }
    }
}
