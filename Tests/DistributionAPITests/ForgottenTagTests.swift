import DistributionAPI
import Foundation
import Logging
import Metadata
import OCI
import Testing

@testable import RegistryTesting

/// What clients are told of where tags pointed longer ago than is kept.
@Suite struct ForgottenTagTests {
    private static let image = SampleManifest.index(of: [])
    private static let other = SampleManifest.index(of: [], extra: #","annotations":{"a":"b"}"#)
    private static let day = Duration.seconds(86_400)
    private static let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))

    /// Runs `body` with a registry that keeps fifteen days; `prod` moved forty, thirty, twenty and ten days ago, `gone`
    /// was deleted thirty days ago, and so was `back`, which was made anew now.
    private func run(_ body: (ResponderHarness) async throws -> Void) async throws {
        try await TestStores.with { stores in
            try await stores.facts.write { facts in
                let repository = try facts.ensureRepository(RepositoryName("team/app"), at: Self.now)
                for image in [Self.image, Self.other] {
                    let fact = ManifestFact(
                        digest: try image.name,
                        mediaType: .imageIndex,
                        artifactType: nil,
                        subject: nil,
                        byteCount: Int64(image.bytes.count),
                        pushedAt: Self.now,
                        pushedBy: "user:a"
                    )
                    try facts.insertManifest(fact, bytes: image.bytes, edges: [], in: repository)
                }
                for (days, image) in [(40, Self.image), (30, Self.other), (20, Self.image), (10, Self.other)] {
                    let moment = Self.now - Self.day * days
                    try facts.moveTag(Tag("prod"), to: try image.name, in: repository, at: moment, by: "user:a")
                }
                for tag in ["gone", "back"] {
                    let (made, moment) = (Self.now - Self.day * 40, Self.now - Self.day * 30)
                    try facts.moveTag(Tag(tag), to: try Self.image.name, in: repository, at: made, by: "user:a")
                    try facts.deleteTag(Tag(tag), in: repository, at: moment, by: "user:a")
                }
            }
            while let moves = try await stores.facts.read({ try $0.agedTagMoves(asOldAs: Self.day * 15, limit: 9) }) {
                _ = try await stores.facts.write { try $0.forgetTagMoves(before: moves, limit: 9) }
            }
            try await stores.facts.write { facts in
                let repository = try facts.ensureRepository(RepositoryName("team/app"), at: Self.now)
                try facts.moveTag(Tag("back"), to: try Self.image.name, in: repository, at: Self.now, by: "user:a")
            }
            let registry = DistributionResponder(
                registries: stores.host(),
                options: DistributionResponder.Options(),
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            try await body(ResponderHarness(responder: registry))
        }
    }

    private struct History: Decodable {
        struct Entry: Decodable {
            var version: Int
            var moved_at: String
            var forgotten_before: String?
        }

        var history: [Entry]
    }

    private static func history(_ tag: String, _ house: ResponderHarness, n: Int = 9) async throws -> TestResponse {
        try await house.send(TestRequest("GET", "/v2/team/app/_wharf/tags/\(tag)/history?n=\(n)"))
    }

    private static func entries(
        _ tag: String,
        _ house: ResponderHarness,
        n: Int = 9
    ) async throws -> [History.Entry] {
        let answer = try await history(tag, house, n: n)
        #expect(answer.status == 200)
        return try JSONDecoder().decode(History.self, from: Data(answer.body)).history
    }

    private static func text(_ days: Int) -> String {
        Moment(microseconds: (now - day * days).microseconds).description
    }

    @Test func `the oldest move that is kept says before when it is forgotten where the tag pointed`() async throws {
        try await run { house in
            let entries = try await Self.entries("prod", house)
            #expect(entries.map(\.version) == [4, 3])
            #expect(entries.map(\.forgotten_before) == [nil, Self.text(20)])
            #expect(entries.last?.moved_at == Self.text(20))
            // It is on the last page.
            let page = try await Self.entries("prod", house, n: 1)
            #expect(page.map(\.version) == [4] && page.map(\.forgotten_before) == [nil])
        }
    }

    @Test func `of a tag that is forgotten it is said since when there was none, and so where it came back`()
        async throws
    {
        try await run { house in
            let answer = try await Self.history("gone", house)
            #expect(try answer.summary == "404 MANIFEST_UNKNOWN")
            let message = try #require(try answer.refusal.errors.first?.message)
            #expect(
                message.contains("has had no tag gone since \(Self.text(30)), and what was before that is forgotten")
            )
            let entries = try await Self.entries("back", house)
            #expect(entries.map(\.version) == [1] && entries.map(\.forgotten_before) == [Self.text(30)])
        }
    }
}
