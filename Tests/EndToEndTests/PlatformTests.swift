import Foundation
import RegistryTesting
import Testing

extension InteropTests {
    @Suite("Images of several platforms")
    struct Platforms {
        /// Pushes the index with all its images and returns the repository.
        private func pushIndex(_ parties: Parties, to repository: String = "platforms/skopeo") async throws -> String {
            _ = try await SkopeoClient(parties: parties).skopeo(
                "copy",
                "--quiet",
                "--all",
                "--dest-tls-verify=false",
                "oci:\(parties.images.layout):multi",
                "docker://\(parties.reference(repository))"
            )
            return repository
        }

        /// The digest of an index in the registry, and its images by architecture.
        private func index(
            _ parties: Parties,
            _ repository: String
        ) async throws -> (digest: String?, images: [String: String]) {
            let answer = try await RegistryReader(parties: parties).manifest(repository)
            let entries = try JSONDecoder().decode(Index.self, from: answer.body).manifests
            let images = entries.map { ($0.platform?.architecture ?? "", $0.digest) }
            return (answer.headers["docker-content-digest"], Dictionary(images) { first, _ in first })
        }

        @Test("skopeo copies an index with all its images in and out, digests equal")
        func skopeoAll() async throws {
            let parties = try Parties.current
            let repository = try await pushIndex(parties)
            #expect(try await index(parties, repository).digest == parties.images.multi)

            let out = parties.fresh("layout")
            _ = try await SkopeoClient(parties: parties).skopeo(
                "copy",
                "--quiet",
                "--all",
                "--src-tls-verify=false",
                "docker://\(parties.reference(repository))",
                "oci:\(out):multi"
            )
            let copied = try Data(contentsOf: URL(fileURLWithPath: "\(out)/index.json"))
            #expect(
                try JSONDecoder().decode(Index.self, from: copied).manifests.map(\.digest) == [parties.images.multi]
            )
            // Every blob that the copy has is the original's, and none is missing.
            let blobs = try Set(FileManager.default.contentsOfDirectory(atPath: "\(out)/blobs/sha256"))
            let originals = try FileManager.default.contentsOfDirectory(atPath: parties.images.layout + "/blobs/sha256")
            #expect(blobs == Set(originals))
        }

        @Test("docker reads back each platform of an index", arguments: [TestImages.native, TestImages.foreign])
        func dockerPull(architecture: String) async throws {
            let parties = try Parties.current
            let repository = try await pushIndex(parties)
            let manifest = try #require(try await index(parties, repository).images[architecture])
            let image = try await RegistryReader(parties: parties).image(repository, manifest)
            let pulled = try await DockerClient(parties: parties)
                .pull(parties.reference(repository), platform: "linux/\(architecture)")
            #expect(
                pulled
                    == PulledImage(digest: parties.images.multi, config: image.config, layers: .diffs(image.diffs))
            )
        }

        @Test("docker pushes a manifest list and reads both its images back")
        func dockerManifestList() async throws {
            let parties = try Parties.current
            let (docker, list) = (DockerClient(parties: parties), parties.reference("platforms/docker"))
            var images: [String] = []
            for architecture in [TestImages.native, TestImages.foreign] {
                images.append(parties.reference("platforms/docker", tag: architecture))
                _ = try await SkopeoClient(parties: parties).skopeo(
                    "--override-arch",
                    architecture,
                    "copy",
                    "--quiet",
                    "--format",
                    "v2s2",
                    "--dest-tls-verify=false",
                    "oci:\(parties.images.layout):multi",
                    "docker://\(images.last ?? "")"
                )
            }
            _ = try await docker.docker("manifest", "create", "--insecure", list, images[0], images[1])
            let pushed = try await docker.docker("manifest", "push", "--insecure", list).digest()
            let stored = try await index(parties, "platforms/docker")
            #expect(stored.digest == pushed)
            for architecture in [TestImages.native, TestImages.foreign] {
                let manifest = try #require(stored.images[architecture])
                let image = try await RegistryReader(parties: parties).image("platforms/docker", manifest)
                let pulled = try await docker.pull(list, platform: "linux/\(architecture)")
                #expect(
                    pulled == PulledImage(digest: pushed, config: image.config, layers: .diffs(image.diffs))
                )
            }
        }

        @Test("ctr pulls all platforms of an index and pushes them elsewhere with the same digest")
        func ctrAllPlatforms() async throws {
            let parties = try Parties.current
            let source = parties.reference(try await pushIndex(parties))
            let (ctr, namespace) = (CtrClient(parties: parties), CtrClient.namespace())
            _ = try await ctr.ctr(namespace, "images", "pull", "--plain-http", "--all-platforms", source)
            #expect(try await ctr.digest(namespace, of: source) == parties.images.multi)
            _ = try await ctr.ctr(
                namespace,
                "images",
                "push",
                "--plain-http",
                parties.reference("platforms/ctr"),
                source
            )
            #expect(try await index(parties, "platforms/ctr").digest == parties.images.multi)
        }

        @Test("buildah pushes a manifest list with all its images")
        func buildahManifestList() async throws {
            let parties = try Parties.current
            let source = parties.reference(try await pushIndex(parties))
            let (buildah, store) = (BuildahClient(parties: parties), parties.fresh("buildah"))
            let digest = parties.fresh("digest")
            _ = try await buildah.buildah(store, "manifest", "create", "list")
            _ = try await buildah.buildah(
                store,
                "manifest",
                "add",
                "--all",
                "--tls-verify=false",
                "list",
                "docker://\(source)"
            )
            _ = try await buildah.buildah(
                store,
                "manifest",
                "push",
                "--all",
                "--tls-verify=false",
                "--digestfile",
                digest,
                "list",
                "docker://\(parties.reference("platforms/buildah"))"
            )
            let stored = try await index(parties, "platforms/buildah")
            #expect(stored.digest == (try String(contentsOfFile: digest, encoding: .utf8).digest()))
            #expect(stored.images == (try await index(parties, "platforms/skopeo").images))
        }
    }
}
