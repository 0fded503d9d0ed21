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
                #expect(forbidden.status == 1, "\(forbidden)")
                #expect(forbidden.standardError.contains("blocks outer.example/team/app"), "\(forbidden)")
                let own = "[[registry]]\nlocation = \"\(party.authority)\"\ninsecure = true\nblocked = true\n"
                #expect(try await Self.both("\(party.authority)/plain/app:1", own, party) == nil)
            }
        }
    }

    @Test("what is blocked is asked for nothing, as with skopeo, and the file that says so is named")
    func blocked() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let (host, layout) = (party.authority, "oci:\(try await VerbParty.layout()):debian")
            let file = try Self.write("[[registry]]\nlocation = \"\(host)\"\nblocked = true\n", party)
            for words in [
                ["digest", image], ["digest", image, "--no-mirrors"], ["list", "\(host)/team/app"], ["list", host],
                ["push", layout, image, "--quiet"], ["copy", layout, image, "--dry-run"], ["tag", image, "2"],
                ["ping", host], ["ratelimit", image], ["login", host, "--user", "a"],
            ] {
                let result = try await party.run(words)
                #expect(result.status == 1 && result.standardError.contains("\(file) blocks \(host)"), "\(result)")
            }
            for words in [
                ["list-tags", "docker://\(host)/team/app"], ["copy", layout, "docker://\(image)"],
                ["delete", "docker://\(image)"],
            ] {
                let environment = ["HOME": party.folder.path]
                let theirs = try await Command("skopeo", ["--insecure-policy"] + words, environment: environment).run()
                #expect(theirs.status != 0 && theirs.standardError.contains("is blocked in"), "\(theirs)")
            }
            // So is what another name leads to.
            _ = try Self.write(
                "[[registry]]\nlocation = \"\(host)\"\nblocked = true\n[[registry]]\nprefix = \"outer.example\"\n"
                    + "location = \"\(host)\"\ninsecure = true\n",
                party
            )
            let led = try await party.run(["digest", "outer.example/team/app:1"])
            #expect(led.status == 1 && led.standardError.contains("\(file) blocks http"), "\(led)")
        }
    }

    @Test("sync passes over what is blocked below a path, and does the rest")
    func blockedSync() async throws {
        try await VerbParty.with(.wharf) { party in
            for name in ["team/app:1", "other/app:1"] { _ = try await party.pushImage(to: name) }
            let host = party.authority
            let file = try Self.write("[[registry]]\nlocation = \"\(host)/team\"\nblocked = true\n", party)
            let plan = "\(party.folder.path)/sync.yaml"
            try """
            sync:
              - from: \(host)
                repositories: [team/app, other/app]
                to: ["\(host)/copies/{repository}"]

            """.write(toFile: plan, atomically: true, encoding: .utf8)
            let result = try await party.run(["sync", plan, "--keep-going", "--quiet"])
            #expect(result.status == 2 && result.standardError.contains("\(file) blocks \(host)/team/app"), "\(result)")
            #expect(try await party.run(["digest", "\(host)/copies/other/app:1"]).status == 0)
            #expect(try await party.run(["digest", "\(host)/copies/team/app:1"]).status == 3)
            // Without going on, the same code.
            #expect(try await party.run(["sync", plan, "--quiet"]).status == 2)
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
