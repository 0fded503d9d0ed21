import RegistryTesting
import Testing

@Suite("What a copy changes, and would change")
struct DryRunTests {
    private static let kinds: [VerbParty.Kind] = [.guardedWharf, .distribution]

    @Test(
        "a dry run of push, copy and promote says what would change, and changes nothing",
        arguments: Self.kinds
    )
    func look(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let source = "oci:\(try await VerbParty.layout()):debian"
            let digest = try await party.output("digest", source)
            let tested = "\(party.authority)/test/app:1"
            var commands = [["push", source, tested, "--quiet"]]
            commands.append(["copy", tested, "\(party.authority)/prod/app:1", "--quiet"])
            commands.append(["promote", tested, "\(party.authority)/prod/app:stable"])
            commands.append([
                "copy", "\(party.authority)/test/app", "\(party.authority)/all/app", "--all-tags", "--quiet",
            ])
            for command in commands {
                let target = command.first { $0.contains("/prod/") || $0.contains("/all/") } ?? tested
                let isThere = target.contains("/all/") ? "\(target):1" : target
                let before = try await party.run(["digest", isThere])
                #expect(before.status == 3)
                // Twice, since the first would show if it changed something.
                for _ in 1...2 { #expect(try await changes(of: command + ["--dry-run"], party) == "true\n") }
                #expect(try await party.run(["digest", isThere]).status == 3)
                #expect(try await changes(of: command, party) == "true\n")
                #expect(try await party.output("digest", isThere) == digest)
                #expect(try await changes(of: command + ["--dry-run"], party) == "false\n")
                #expect(try await changes(of: command, party) == "false\n")
            }
            let table = try await party.output("promote", tested, "\(party.authority)/prod/app:2", "--dry-run")
            #expect(table == "target:   \(party.authority)/prod/app:2\ndigest:   \(digest)changes:  yes\n")
        }
    }

    @Test("a tag that points elsewhere would move", arguments: Self.kinds)
    func moved(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let target = "\(party.authority)/team/app:2"
            let multi = "oci:\(try await VerbParty.layout()):multi"
            try await party.output("copy", multi, target, "--quiet")
            let standing = try await party.output("digest", target)
            #expect(try await changes(of: ["promote", image, target, "--dry-run"], party) == "true\n")
            let platform = ["copy", multi, target, "--platform", "linux/arm64", "--quiet"]
            #expect(try await changes(of: platform + ["--dry-run"], party) == "true\n")
            #expect(try await party.output("digest", target) == standing)
            #expect(try await changes(of: ["promote", image, target], party) == "true\n")
            #expect(try await changes(of: platform, party) == "true\n")
            #expect(try await changes(of: platform + ["--dry-run"], party) == "false\n")
        }
    }

    @Test("a tag that is given anew is no change", arguments: Self.kinds)
    func tagged(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            #expect(try await changes(of: ["tag", image, "2"], party) == "true\n")
            #expect(try await changes(of: ["tag", image, "2", "3"], party) == "false\ntrue\n")
        }
    }

    @Test("a dry run into files is refused, and writes none")
    func files() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            for target in ["oci:\(party.folder.path)/out", "oci-archive:\(party.folder.path)/out"] {
                let result = try await party.run(["copy", image, target, "--dry-run"])
                #expect(result.status == 64)
                #expect(result.standardError.contains("--dry-run looks at registries"))
            }
            let artifact = ["push", "/etc/hostname", "\(party.authority)/team/file:1", "--artifact-type", "text/plain"]
            #expect(try await party.run(artifact + ["--dry-run"]).status == 64)
            #expect(try await party.run(["digest", "\(party.authority)/team/file:1"]).status == 3)
        }
    }

    private func changes(of command: [String], _ party: VerbParty) async throws -> String {
        let result = try await party.run(command + ["--format", "changed"])
        try #require(result.status == 0, "\(command): \(result)")
        return result.standardOutput
    }
}
