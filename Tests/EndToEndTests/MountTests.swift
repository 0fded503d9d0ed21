import RegistryTesting
import Testing

extension InteropTests {
    @Suite("Layers that are already there")
    struct Mounts {
        @Test("docker pushes an image to a second repository without sending its layers again")
        func dockerMounts() async throws {
            let parties = try Parties.current
            let docker = DockerClient(parties: parties)
            let first = try await docker.pushTestImage(to: parties.reference("mounts/first"))
            try await docker.loadTestImage(as: parties.reference("mounts/second"))
            let output = try await docker.docker("push", parties.reference("mounts/second"))
            #expect(try output.digest(after: "digest: ") == first)
            #expect(!output.contains("Pushed"), "\(output)")
            let mounted = output.split(separator: "\n").filter { $0.contains("Mounted from") }
            #expect(mounted.count == parties.images.debian.layers.count, "\(output)")

            let stored = try await RegistryReader(parties: parties).image("mounts/first")
            let pulled = try await docker.pull(parties.reference("mounts/second"))
            #expect(pulled == PulledImage(digest: first, config: stored.config, layers: .diffs(stored.diffs)))
        }

        @Test("docker pushes an image again and is told that every layer exists")
        func dockerAgain() async throws {
            let parties = try Parties.current
            let docker = DockerClient(parties: parties)
            let first = try await docker.pushTestImage(to: parties.reference("mounts/again"))
            let output = try await docker.docker("push", parties.reference("mounts/again"))
            #expect(try output.digest(after: "digest: ") == first)
            let exist = output.split(separator: "\n").filter { $0.contains("Layer already exists") }
            #expect(exist.count == parties.images.debian.layers.count, "\(output)")
        }
    }
}
