import Foundation
import RegistryTesting
import Testing

extension InteropTests {
    @Suite("Artifacts that are no images")
    struct Artifacts {
        /// Writes a file of the run and returns its path.
        private func file(_ parties: Parties, _ name: String, _ content: String) throws -> String {
            let path = parties.fresh(name)
            try content.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        @Test(
            "oras pushes files with a config of its own type and pulls the same bytes",
            arguments: [[], ["--chunked"]]
        )
        func orasArtifact(flags: [String]) async throws {
            let parties = try Parties.current
            let oras = OrasClient(parties: parties)
            let config = try file(parties, "config", #"{"kind":"a test"}"#)
            let text = try file(parties, "text", String(repeating: "A line of text.\n", count: 200_000))
            let small = try file(parties, "small", "x")
            let reference = parties.reference("artifacts/oras", tag: flags.isEmpty ? "whole" : "chunked")
            let pushed = try await oras.oras(
                ["push"] + flags + [
                    reference, "\(config):application/vnd.example.config+json", "\(text):text/plain",
                    "\(small):application/octet-stream",
                ]
            ).digest()
            let sums = try await Command("sha256sum", [config, text, small]).output()
                .split(separator: "\n").map { "sha256:" + $0.prefix(64) }
            let pulled = try await oras.pull(reference)
            #expect(pulled == PulledImage(digest: pushed, config: sums[0], layers: .blobs(Array(sums[1...]))))

            let copy = try await SkopeoClient(parties: parties).pull(reference)
            #expect(copy == pulled)
        }

        @Test("An artifact that oras attaches to an image is one of its referrers")
        func orasReferrer() async throws {
            let parties = try Parties.current
            let repository = "artifacts/referrers"
            let image = try await SkopeoClient(parties: parties).pushTestImage(to: parties.reference(repository))
            let reader = RegistryReader(parties: parties)
            let size = try await reader.manifest(repository).body.count
            let config = try file(parties, "config", "{}")
            let report = try file(parties, "report", "all is well\n")
            let attached = try await OrasClient(parties: parties).oras([
                "push", "--subject", "\(image):\(size):application/vnd.oci.image.manifest.v1+json",
                parties.reference(repository, tag: "report"), "\(config):application/vnd.example.report",
                "\(report):text/plain",
            ]).digest()
            let answer = try await reader.get("/v2/\(repository)/referrers/\(image)")
            try #require(answer.status == 200)
            #expect(try JSONDecoder().decode(Index.self, from: answer.body).manifests.map(\.digest) == [attached])
        }

        @Test("umoci unpacks what was pulled, and its changed image goes back in")
        func umociChanges() async throws {
            let parties = try Parties.current
            let (skopeo, folder) = (SkopeoClient(parties: parties), parties.fresh("umoci"))
            let (reference, layout) = (parties.reference("artifacts/umoci"), "\(folder)/layout")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            _ = try await skopeo.pushTestImage(to: reference)
            _ = try await skopeo.skopeo(
                "copy",
                "--quiet",
                "--src-tls-verify=false",
                "docker://\(reference)",
                "oci:\(layout):base"
            )

            _ = try await umoci(parties, "unpack", "--image", "\(layout):base", "\(folder)/bundle")
            let root = "\(folder)/bundle/rootfs"
            #expect(try String(contentsOfFile: "\(root)/etc/platform", encoding: .utf8) == TestImages.native + "\n")
            #expect(!FileManager.default.fileExists(atPath: "\(root)/usr/share/doc"))
            try "changed\n".write(toFile: "\(root)/etc/change", atomically: true, encoding: .utf8)
            _ = try await umoci(parties, "repack", "--image", "\(layout):changed", "\(folder)/bundle")

            let changed = parties.reference("artifacts/umoci", tag: "changed")
            _ = try await skopeo.skopeo(
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                "oci:\(layout):changed",
                "docker://\(changed)"
            )
            let output = try await CtrClient(parties: parties).run("cat /etc/change /etc/platform", in: changed)
            #expect(output == "changed\n\(TestImages.native)\n")
        }

        @Test("An image without any layer, as umoci makes a new one, goes in and out")
        func umociEmpty() async throws {
            let parties = try Parties.current
            let (skopeo, layout) = (SkopeoClient(parties: parties), parties.fresh("umoci"))
            _ = try await umoci(parties, "init", "--layout", layout)
            _ = try await umoci(parties, "new", "--image", "\(layout):empty")
            let reference = parties.reference("artifacts/empty")
            _ = try await skopeo.skopeo(
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                "oci:\(layout):empty",
                "docker://\(reference)"
            )
            let stored = try await RegistryReader(parties: parties).image("artifacts/empty")
            let expected = PulledImage(digest: stored.digest, config: stored.config, layers: .blobs([]))
            #expect(try await skopeo.pull(reference) == expected)
        }

        private func umoci(_ parties: Parties, _ arguments: String...) async throws -> String {
            try await parties.command(.umoci, arguments).output()
        }
    }
}
