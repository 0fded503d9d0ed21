import Foundation
import RegistryTesting
import Testing

/// What registries.conf says is done as podman does it: each is asked the same, and both must say the same.
@Suite("Names that registries.conf leads elsewhere")
struct RegistriesFileTests {
    private static func write(_ text: String, _ party: VerbParty) throws -> String {
        let folder = "\(party.folder.path)/.config/containers"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/registries.conf"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Whether podman pulls a name with the file, and the digest that it got.
    private static func podman(
        _ image: String,
        _ file: String,
        _ party: VerbParty
    ) async throws -> (digest: String?, said: String) {
        // Podman takes a folder of 50 characters at most, which that of the party is longer than.
        let store = "/tmp/podman-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: store) }
        let storage = ["--root", "\(store)/root", "--runroot", "\(store)/run", "--storage-driver", "vfs"]
        var environment: [String: String?] = ["CONTAINERS_REGISTRIES_CONF": file]
        for name in ["REGISTRY_AUTH_FILE", "DOCKER_CONFIG"] { environment.updateValue(nil, forKey: name) }
        let pulled = try await Command(
            "podman",
            storage + ["pull", "--quiet", image],
            environment: environment,
            timeout: .seconds(60)
        ).run()
        guard pulled.status == 0 else { return (nil, pulled.standardError) }
        let words = storage + ["image", "inspect", "--format", "{{.Digest}}", image]
        return (try await Command("podman", words, environment: environment).output(), "")
    }

    /// What wharf and podman both get.
    private static func both(_ image: String, _ text: String, _ party: VerbParty) async throws -> String? {
        let file = try write(text, party)
        let own = try await party.run(["digest", image])
        let theirs = try await podman(image, file, party)
        #expect((own.status == 0 ? own.standardOutput : nil) == theirs.digest, "\(own)\npodman: \(theirs.said)")
        return theirs.digest
    }

    @Test("a name is followed to its location, by the longest prefix, with its mirrors and with a star")
    func location() async throws {
        try await VerbParty.with(.wharf) { party in
            try await VerbParty.with(.wharf) { mirror in
                let image = try await party.pushImage(to: "inner/team/app:1")
                try await party.output("copy", image, "\(party.authority)/plain/app:1", "--quiet")
                let other = "\(mirror.authority)/copies/app:1"
                try await party.output("mutate", image, "--label", "a=b", "--to", other, "--quiet")
                let (first, second) = (
                    try await party.output("digest", image), try await party.output("digest", other)
                )
                #expect(first != second)
                let located = """
                    [[registry]]
                    prefix = "outer.example/team"
                    location = "\(party.authority)/inner/team"
                    insecure = true

                    [[registry]]
                    prefix = "outer.example"
                    location = "\(party.authority)"
                    insecure = true

                    """
                #expect(try await Self.both("outer.example/team/app:1", located, party) == first)
                #expect(try await Self.both("outer.example/plain/app:1", located, party) == first)
                #expect(try await Self.both("outer.example/teams/app:1", located, party) == nil)
                let mirrored = """
                    [[registry]]
                    prefix = "outer.example/team"
                    location = "\(party.authority)/inner/team"
                    insecure = true
                    [[registry.mirror]]
                    location = "\(mirror.authority)/copies"
                    insecure = true

                    """
                #expect(try await Self.both("outer.example/team/app:1", mirrored, party) == second)
                let digests = mirrored + "pull-from-mirror = \"digest-only\"\n"
                #expect(try await Self.both("outer.example/team/app:1", digests, party) == first)
                let star = """
                    [[registry]]
                    prefix = "*.example"
                    location = "\(party.authority)/inner"
                    insecure = true

                    """
                #expect(try await Self.both("deep.outer.example/team/app:1", star, party) == first)
                // A port stays where it is behind the host that the star is.
                let parts = party.authority.split(separator: ":")
                let host = "[[registry]]\nprefix = \"*.example\"\nlocation = \"\(parts[0])\"\ninsecure = true\n"
                #expect(try await Self.both("a.example:\(parts[1])/plain/app:1", host, party) == first)
                #expect(try await Self.both("outer.example/team/app:1", located + "blocked = true\n", party) == first)
                let blocked = located.replacing("insecure = true\n\n", with: "insecure = true\nblocked = true\n")
                // podman looks for what is blocked under the name that it asks by, and so forgets a location's rule.
                _ = try Self.write(blocked, party)
                let forbidden = try await party.run(["digest", "outer.example/team/app:1"])
                #expect(forbidden.status == 1 && forbidden.standardError.contains("forbids to pull"), "\(forbidden)")
                let own = "[[registry]]\nlocation = \"\(party.authority)\"\ninsecure = true\nblocked = true\n"
                #expect(try await Self.both("\(party.authority)/plain/app:1", own, party) == nil)
            }
        }
    }

    @Test("what is pushed goes to the registry of its own name, as with podman")
    func push() async throws {
        try await VerbParty.with(.wharf) { party in
            try await VerbParty.with(.wharf) { other in
                let image = try await party.pushImage()
                _ = try Self.write(
                    "[[registry]]\nprefix = \"\(party.authority)\"\nlocation = \"\(other.authority)\"\n",
                    party
                )
                try await party.output("push", "oci:\(try await VerbParty.layout()):debian", image, "--quiet")
                #expect(try await party.run(["digest", image]).status == 3, "reading goes elsewhere")
                #expect(try await party.run(["digest", image, "--no-mirrors"]).status == 0)
                #expect(try await other.run(["digest", "\(other.authority)/team/app:1"]).status == 3)
            }
        }
    }

    @Test("a file that podman refuses is refused")
    func refused() async throws {
        try await VerbParty.with(.wharf) { party in
            let text = """
                [[registry]]
                location = "\(party.authority)"
                insecure = true
                mirror-by-digest-only = true
                [[registry.mirror]]
                location = "mirror.example"
                pull-from-mirror = "all"

                """
            let image = try await party.pushImage()
            #expect(try await Self.both(image, text, party) == nil)
        }
    }
}
