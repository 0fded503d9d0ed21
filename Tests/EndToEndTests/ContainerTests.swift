import RegistryTesting
import Testing

extension InteropTests {
    @Suite("Containers of pulled images")
    struct Containers {
        @Test("A container runs from a pulled image", arguments: [Client.ctr, .docker, .podman, .buildah])
        func run(engine: Client) async throws {
            let parties = try Parties.current
            // Pushed by a client of another family, so that its layers were compressed by a stranger.
            let pusher = engine == .podman || engine == .buildah ? Client.docker : .podman
            _ = try await parties.pushes.digest(pusher, parties)
            let runner = try #require(engine.client(parties) as? any ContainerRunner)
            // The last layer brings the platform's name and hides a folder of the first one.
            let script = "echo hello; cat /etc/platform; test -e /usr/share/doc || echo no doc; ls /etc/os-release"
            let output = try await runner.run(script, in: parties.reference(pusher.repository))
            #expect(output == "hello\n\(TestImages.native)\nno doc\n/etc/os-release\n")
        }
    }
}
