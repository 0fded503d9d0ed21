import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("The history of tags, asked for over the network")
struct TagHistoryTests {
    private static func digest(_ digit: String) -> String { "sha256:" + String(repeating: digit, count: 64) }

    private static func entry(_ version: Int, _ digest: String?, _ previous: String?, by actor: String? = nil) -> String
    {
        let texts = [digest, previous].map { text in text.map { "\"\($0)\"" } ?? "null" }
        let by = actor.map { #","moved_by":"\#($0)""# } ?? ""
        return #"{"version":\#(version),"digest":\#(texts[0]),"previous":\#(texts[1]),"#
            + #""moved_at":"2026-11-0\#(version)T12:00:00.000001Z"\#(by)}"#
    }

    private static func answer(_ entries: [String]) -> String {
        #"{"name":"team/app","tag":"prod","history":[\#(entries.joined(separator: ","))]}"#
    }

    private static func history(
        _ test: TestClient,
        before version: Int64? = nil,
        limit: Int = 10
    ) async throws -> Page<TagHistoryEntry> {
        try await test.client.tagHistory(of: Tag("prod"), in: .app, before: version, limit: limit)
    }

    @Test("Moves are read with all that is told of them")
    func entries() async throws {
        let (a, b) = (Self.digest("a"), Self.digest("b"))
        let text = Self.answer([
            Self.entry(3, nil, b), Self.entry(2, b, a, by: "user:\\u202ealice"), Self.entry(1, a, nil),
        ])
        try await TestClient.run(against: { _, _ in .json(200, text) }) { test, server in
            let page = try await Self.history(test)
            #expect(page.hasMore == false)
            #expect(page.elements.map(\.version) == [3, 2, 1])
            #expect(page.elements.map { $0.digest?.description } == [nil, b, a])
            #expect(page.elements.map { $0.previous?.description } == [b, a, nil])
            // A name may not turn the line around on a terminal.
            #expect(page.elements.map(\.movedBy) == [nil, "user:?alice", nil])
            #expect(page.elements[2].movedAt == Moment("2026-11-01T12:00:00.000001Z"))
            #expect(server.asked.map(\.target) == ["/v2/team/app/_wharf/tags/prod/history?n=10"])
        }
    }

    @Test("Before when a history is forgotten is read")
    func forgotten() async throws {
        let a = Self.digest("a")
        let moment = "2026-11-02T00:00:00.000000Z"
        let oldest = Self.entry(3, a, nil).dropLast() + #","forgotten_before":"\#(moment)"}"#
        let text = Self.answer([Self.entry(4, nil, a), String(oldest)])
        try await TestClient.run(against: { _, _ in .json(200, text) }) { test, _ in
            let page = try await Self.history(test)
            #expect(page.elements.map(\.forgottenBefore) == [nil, Moment(moment)])
        }
    }

    @Test("The registry's own word for the next page is used, and a version where there is none")
    func pages() async throws {
        let a = Self.digest("a")
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.target.contains("opaque") { return .json(200, Self.answer([Self.entry(1, a, nil)])) }
            let link = ("Link", #"</v2/team/app/_wharf/tags/prod/history?opaque>; rel="next""#)
            return .json(200, Self.answer([Self.entry(3, nil, a), Self.entry(2, a, nil)]), [link])
        }
        try await TestClient.run(against: answer) { test, server in
            let first = try await Self.history(test, limit: 2)
            #expect(first.hasMore && first.elements.map(\.version) == [3, 2])
            let rest = try await Self.history(test, before: 2, limit: 2)
            #expect(!rest.hasMore && rest.elements.map(\.version) == [1])
            #expect(server.asked.last?.target == "/v2/team/app/_wharf/tags/prod/history?opaque")
            _ = try? await Self.history(test, before: 9, limit: 2)
            #expect(server.asked.contains { $0.target == "/v2/team/app/_wharf/tags/prod/history?n=2&last=9" })
        }
    }

    @Test(
        "A registry that knows no such request keeps no history",
        arguments: [
            (404, "404 page not found"), (405, #"{"errors":[{"code":"UNSUPPORTED"}]}"#),
            (404, #"{"errors":[{"code":"EXTENSION_UNKNOWN"}]}"#), (400, #"{"errors":[{"code":"NAME_INVALID"}]}"#),
            (404, "<html>nothing here</html>"),
        ]
    )
    func unsupported(status: Int, text: String) async throws {
        try await TestClient.run(against: { _, _ in .json(status, text) }) { test, _ in
            let error = try await refusal { _ = try await Self.history(test) }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("keeps no history of tags"), "\(error)")
        }
    }

    @Test("What is not there is told apart", arguments: [("NAME_UNKNOWN", true), ("MANIFEST_UNKNOWN", false)])
    func missing(code: String, isName: Bool) async throws {
        let text = #"{"errors":[{"code":"\#(code)"}]}"#
        try await TestClient.run(against: { _, _ in .json(404, text) }) { test, _ in
            let error = try await refusal { _ = try await Self.history(test) }
            #expect(error.code == (isName ? .nameUnknown : .manifestUnknown))
        }
    }

    @Test(
        "What is no history is an error",
        arguments: [
            "{}", #"{"history":null}"#, #"{"history":[{}]}"#, #"{"history":[{"version":0,"moved_at":"x"}]}"#,
            #"{"history":[{"version":1,"digest":"sha256:x","moved_at":"2026-11-01T12:00:00Z"}]}"#,
            #"{"history":[{"version":1e3,"digest":null,"moved_at":"2026-11-01T12:00:00Z"}]}"#, "[",
        ]
    )
    func unreadable(text: String) async throws {
        try await TestClient.run(against: { _, _ in .json(200, text) }) { test, _ in
            let error = try await refusal { _ = try await Self.history(test) }
            #expect(error.code == .unavailable && error.message.contains("cannot be read"))
        }
    }
}
