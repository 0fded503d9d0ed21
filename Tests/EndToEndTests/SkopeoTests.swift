import Foundation
import RegistryTesting
import Testing

extension InteropTests {
    @Suite("skopeo's commands")
    struct Skopeo {
        /// Pushes the test image under some tags of a repository.
        private func push(_ tags: String..., to repository: String) async throws -> SkopeoClient {
            let parties = try Parties.current
            let skopeo = SkopeoClient(parties: parties)
            for tag in tags {
                _ = try await skopeo.pushTestImage(to: parties.reference(repository, tag: tag))
            }
            return skopeo
        }

        @Test("list-tags shows every tag, in order")
        func listTags() async throws {
            let skopeo = try await push("v2", "latest", "v10", "V1", to: "skopeo/tags")
            let repository = skopeo.parties.registry.authority + "/skopeo/tags"
            struct List: Decodable { var Tags: [String] }
            let printed = try await skopeo.skopeo("list-tags", "--tls-verify=false", "docker://\(repository)")
            #expect(
                try JSONDecoder().decode(List.self, from: Data(printed.utf8)).Tags == ["V1", "latest", "v10", "v2"]
            )
        }

        @Test("inspect shows what was pushed")
        func inspect() async throws {
            let skopeo = try await push("1", to: "skopeo/inspect")
            struct Inspection: Decodable, Equatable {
                var Digest: String
                var RepoTags: [String]
                var Architecture: String
                var Labels: [String: String]
                var Layers: [String]
            }
            let images = skopeo.parties.images
            let printed = try await skopeo.skopeo(
                "inspect",
                "--tls-verify=false",
                "docker://\(skopeo.parties.reference("skopeo/inspect"))"
            )
            let expected = Inspection(
                Digest: images.debian.digest,
                RepoTags: ["1"],
                Architecture: TestImages.native,
                Labels: ["platform": TestImages.native],
                Layers: images.debian.layers
            )
            #expect(try JSONDecoder().decode(Inspection.self, from: Data(printed.utf8)) == expected)
        }

        @Test("delete removes an image, which nobody can pull after that")
        func delete() async throws {
            let skopeo = try await push("1", to: "skopeo/delete")
            let reference = "docker://" + skopeo.parties.reference("skopeo/delete")
            _ = try await skopeo.skopeo("delete", "--tls-verify=false", reference)
            let again = try await skopeo.parties
                .command(.skopeo, ["inspect", "--tls-verify=false", reference]).run()
            #expect(again.status != 0)
            #expect(again.standardError.contains("manifest unknown"))
            let answer = try await RegistryReader(parties: skopeo.parties).manifest("skopeo/delete")
            #expect(answer.status == 404)
        }
    }
}
