import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("Lists of registries that page as they like")
struct ListTests {
    private func all(_ test: TestClient, limit: Int) async throws -> [String] {
        var found: [String] = []
        while true {
            let page = try await test.client.tags(in: .app, after: found.last, limit: limit)
            found += page.elements.map(\.description)
            guard page.hasMore, found.count < 100 else { return found }
        }
    }

    @Test("Tags that come in another order are given in the contract's, each once")
    func unordered() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.target.contains("next=2")
                ? .json(200, #"{"name":"x","tags":["a","10","c"]}"#)
                : .json(
                    200,
                    #"{"name":"x","tags":["c","b","9"]}"#,
                    [("Link", #"</v2/team/app/tags/list?next=2>; rel="next""#)]
                )
        }
        try await TestClient.run(against: answer) { test, server in
            let found1 = try await all(test, limit: 2)
            #expect(found1 == ["10", "9", "a", "b", "c"])
            // It is read once, and kept for its pages.
            #expect(server.asked.count == 2)
        }
    }

    @Test("Tags that a page names twice are given once")
    func twice() async throws {
        try await TestClient.run(against: { _, _ in .json(200, #"{"name":"x","tags":["b","a","a","b"]}"#) }) {
            test,
            _ in
            let found = try await all(test, limit: 10)
            #expect(found == ["a", "b"])
        }
    }

    @Test("A registry's own word for the next page is used")
    func cursor() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.target.contains("last=opaque")
                ? .json(200, #"{"name":"x","tags":["c","d"]}"#)
                : .json(
                    200,
                    #"{"name":"x","tags":["a","b"]}"#,
                    [("Link", "<http://\(asked.headers["host"] ?? "")/v2/team/app/tags/list?last=opaque>; rel=next")]
                )
        }
        try await TestClient.run(against: answer) { test, _ in
            let found2 = try await all(test, limit: 2)
            #expect(found2 == ["a", "b", "c", "d"])
        }
    }

    @Test("A registry that knows no pages gives all at once, of which a page is cut")
    func noPages() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            let names = ["a", "b", "c", "d", "e"]
            let last = asked.target.split(separator: "last=").dropFirst().first.map(String.init) ?? ""
            let rest = names.filter { $0 > last }.map { "\"\($0)\"" }.joined(separator: ",")
            return .json(200, #"{"name":"x","tags":[\#(rest)]}"#)
        }
        try await TestClient.run(against: answer) { test, _ in
            let found3 = try await all(test, limit: 2)
            #expect(found3 == ["a", "b", "c", "d", "e"])
        }
    }

    @Test("No tags are an empty list, also where the registry says null")
    func null() async throws {
        try await TestClient.run(against: { _, _ in .json(200, #"{"name":"x","tags":null}"#) }) { test, _ in
            let found4 = try await all(test, limit: 2)
            #expect(found4 == [])
        }
    }

    static let endless: [@Sendable (Asked, Int) -> String] = [
        { asked, _ in asked.target },
        { _, _ in "/v2/team/app/tags/list?last=same" },
        { _, number in "/v2/team/app/tags/list?last=\(number)" },
    ]

    @Test("Pages that lead nowhere end with an error", arguments: endless.indices)
    func endlessPages(kind: Int) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            let link = ("Link", "<\(Self.endless[kind](asked, number))>; rel=\"next\"")
            return .json(200, #"{"name":"x","tags":["b","a"]}"#, [link])
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await all(test, limit: 2) }
            #expect(error.code == .unavailable)
            #expect(error.message.contains("do not come to an end"))
            #expect(server.asked.count <= 3)
        }
    }

    @Test("Empty pages without end end with an error")
    func emptyPages() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, number in
            .json(200, #"{"name":"x","tags":[]}"#, [("Link", "</v2/team/app/tags/list?last=\(number)>; rel=next")])
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await all(test, limit: 2) }
            #expect(error.code == .unavailable)
            #expect(server.asked.count == 17)
        }
    }

    @Test("The next page is never asked of another server", arguments: ["http://localhost:1/x", "https://h.example/x"])
    func otherServer(link: String) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .json(200, #"{"name":"x","tags":["b","a"]}"#, [("Link", "<\(link)>; rel=next")])
        }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal { _ = try await all(test, limit: 2) }
            #expect(error.message.contains("another server"))
        }
    }

    @Test("Repositories of more than one page are read whole and put in order")
    func catalog() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.target.contains("last=")
                ? .json(200, #"{"repositories":["a-b"]}"#)
                : .json(200, #"{"repositories":["a","a/b"]}"#, [("Link", "</v2/_catalog?last=a/b>; rel=next")])
        }
        try await TestClient.run(against: answer) { test, _ in
            let page = try await test.client.repositories(after: nil, limit: 2)
            #expect(page.elements.map(\.description) == ["a", "a-b"])
            let rest = try await test.client.repositories(after: "a-b", limit: 2)
            #expect(rest.elements.map(\.description) == ["a/b"])
            #expect(!rest.hasMore)
        }
    }

    // MARK: Referrers

    private static let subject = RegistryRules.index(1)
    private static let first = RegistryRules.index(11)
    private static let second = RegistryRules.index(12)

    private static var index: SampleManifest {
        .index(of: [
            first.descriptor(extra: #","artifactType":"a/b""#), second.descriptor(extra: #","artifactType":"c/d""#),
        ])
    }

    @Test("Referrers come from the fallback tag where there is no API, and are filtered here")
    func fallback() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            let tag = Self.subject.digest.replacing(":", with: "-")
            guard asked.target.hasSuffix("/manifests/\(tag)") else {
                return .answer(404, [("Content-Type", "text/plain")], Array("404 page not found".utf8))
            }
            return .answer(200, [("Content-Type", Self.index.mediaType)], Self.index.bytes)
        }
        try await TestClient.run(against: answer) { test, _ in
            let all = try await test.client.referrers(
                to: Self.subject.name,
                artifactType: nil,
                in: .app,
                after: nil,
                limit: 10
            )
            #expect(all.elements.map(\.digest.description) == [Self.first.digest, Self.second.digest].sorted())
            let some = try await test.client.referrers(
                to: Self.subject.name,
                artifactType: "c/d",
                in: .app,
                after: nil,
                limit: 10
            )
            #expect(some.elements.map(\.digest.description) == [Self.second.digest])
        }
    }

    @Test("A filter that the registry passes over is applied here")
    func filter() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(200, [("Content-Type", Self.index.mediaType)], Self.index.bytes)
        }
        try await TestClient.run(against: answer) { test, server in
            let some = try await test.client.referrers(
                to: Self.subject.name,
                artifactType: "a/b",
                in: .app,
                after: nil,
                limit: 10
            )
            #expect(some.elements.map(\.digest.description) == [Self.first.digest])
            #expect(server.asked[0].target.contains("artifactType=a%2Fb"))
        }
    }
}
