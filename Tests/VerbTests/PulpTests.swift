import Foundation
import RegistryTesting
import Testing

/// What is peculiar to a registry that many use, and how the commands get on with it.
@Suite("Pulp's registry")
struct PulpTests {
    /// It takes what has come for the whole blob when a connection ends, unless the blob is appended before its end.
    @Test("an image that is pushed over connections that are cut is whole, or is not there", arguments: 0..<2)
    func cut(round: Int) async throws {
        let seed = TestSeed.round(round)
        try await VerbParty.with(.pulp) { party in
            try await CuttingProxy.with(
                before: party.authority,
                cuts: 3,
                within: 12 << 20,
                rate: 16 << 20,
                seed: seed
            ) { proxy in
                let situation: Comment = "TEST_SEED=\(TestSeed.run), round \(round)"
                let secret = PulpRegistry.password + "\n"
                try await party.output(
                    "login",
                    proxy.authority,
                    "--user",
                    party.user,
                    "--password-stdin",
                    input: secret
                )
                let source = "oci:\(try await VerbParty.layout()):debian"
                let pushed = try await party.run(["push", source, "\(proxy.authority)/team/app:1", "--quiet"])
                #expect(proxy.cutCount > 0, situation)
                #expect(pushed.status == 0, "\(pushed) \(situation) \(proxy.log)")
                let image = "\(party.authority)/team/app:1"
                #expect(try await party.output("digest", image) == (try await party.output("digest", source)))
                // Every blob is read and compared.
                try await party.output("copy", image, "oci:\(party.folder.path)/out:1", "--quiet")
            }
        }
    }

    @Test("what broke off under another client is found out, and no image is pushed on it")
    func damaged() async throws {
        try await VerbParty.with(.pulp) { party in
            let source = "oci:\(try await VerbParty.layout()):debian"
            let layer = try await party.output("manifest", source, "--format", "layers[0].digest").dropLast()
            let size = try await party.output("manifest", source, "--format", "layers[0].size").dropLast()
            // All in one request, as the specification allows it, and only the beginning of the blob.
            let registry = "http://\(party.authority)"
            let begun = try await party.shell(
                """
                set -e
                scope=repository:team/app:pull,push
                answer=$(curl -sSf -u '\(party.user):\(party.password)' \\
                    "\(registry)/token/?service=\(party.authority)&scope=$scope")
                token=$(echo "$answer" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
                place=$(curl -sSf -o /dev/null -D - -X POST -H "Authorization: Bearer $token" -H 'Content-Length: 0' \\
                    \(registry)/v2/team/app/blobs/uploads/ | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
                printf 'the beginning' | curl -sSf -X PUT -H "Authorization: Bearer $token" --data-binary @- \\
                    -H 'Content-Type: application/octet-stream' "\(registry)$place?digest=\(layer)"
                """
            )
            try #require(begun.status == 0, "\(begun)")
            let image = "\(party.authority)/team/app:1"
            let pushed = try await party.run(["push", source, image, "--quiet"])
            #expect(pushed.status == 1, "\(pushed)")
            #expect(pushed.standardError.contains("\(layer)"))
            #expect(pushed.standardError.contains("keeps 13 bytes under this digest, where there are \(size)"))
            #expect(try await party.run(["digest", image]).status == 3)
        }
    }

    @Test("referrers lie under a tag, since it has no list of them")
    func referrers() async throws {
        try await VerbParty.with(.pulp) { party in
            let image = try await party.pushImage()
            let digest = String(try await party.output("digest", image).dropLast())
            let report = "\(party.folder.path)/report.txt"
            try "all is well\n".write(toFile: report, atomically: true, encoding: .utf8)
            try await party.output("attach", image, "\(report):text/plain", "--artifact-type", "text/x-report")
            let tags = try await party.lines("list", "\(party.authority)/team/app", "--format", "name")
            #expect(tags == ["1", digest.replacing(":", with: "-")])
        }
    }

    @Test("doctor finds nothing in the way")
    func doctor() async throws {
        try await VerbParty.with(.pulp) { party in
            let image = try await party.pushImage()
            let result = try await party.run(["doctor", image])
            #expect(result.status == 0, "\(result)")
            #expect(result.standardOutput.contains("Blobs lie at http://127.0.0.1:"))
        }
    }
}
