import Foundation
import RegistryTesting
import Testing

/// What a deletion frees, said before it is done.
@Suite("What a deletion frees")
struct FreedBytesTests {
    private struct Sizes: Decodable {
        struct Part: Decodable {
            var digest: String
            var size: Int
        }

        var config: Part
        var layers: [Part]
    }

    /// The bytes of an image: of its manifest, its config, and of its layers, each counted once.
    private static func sizes(_ image: String, _ party: VerbParty) async throws -> (own: Int, layers: Int) {
        let manifest = try await party.output("manifest", image)
        let sizes = try JSONDecoder().decode(Sizes.self, from: Data(manifest.utf8))
        let layers = Dictionary(sizes.layers.map { ($0.digest, $0.size) }) { first, _ in first }
        return (manifest.utf8.count + sizes.config.size, layers.values.reduce(0, +))
    }

    private static func plan(_ image: String, _ party: VerbParty) async throws -> String {
        let result = try await party.run(["delete", image, "--dry-run"])
        #expect(result.status == 0, "\(result)")
        return result.standardError
    }

    @Test("a wharf says it exactly to who has logged in, and counts what other images need as staying")
    func exact() async throws {
        try await VerbParty.with(.guardedWharf) { party in
            let image = try await party.pushImage()
            let (own, layers) = try await Self.sizes(image, party)
            let alone = try await Self.plan(image, party)
            #expect(
                alone.contains("That frees \(own + layers) bytes (") && alone.contains("1 manifest and"),
                "\(alone)"
            )
            let other = "\(party.authority)/team/app:other"
            try await party.output("mutate", image, "--created", "2025-01-02T00:00:00Z", "--to", other, "--quiet")
            let shared = try await Self.plan(image, party)
            #expect(shared.contains("That frees \(own) bytes (") && shared.contains("in the trash"), "\(shared)")
            try await party.output("digest", image)
        }
    }

    @Test(
        "elsewhere it says what the manifest names",
        arguments: [VerbParty.Kind.wharf, .distribution, .guardedDistribution]
    )
    func most(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let (own, layers) = try await Self.sizes(image, party)
            let plan = try await Self.plan(image, party)
            #expect(plan.contains("manifests name \(own + layers) bytes ("), "\(plan)")
            #expect(plan.contains(kind == .wharf ? "nobody has logged in" : "only a wharf server"), "\(plan)")
        }
    }
}
