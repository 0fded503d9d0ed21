import Foundation
import RegistryTesting
import Testing

@Suite("Taking away no more than was meant")
struct RemovalTests {
    private static func pushIndex(_ party: VerbParty) async throws -> (repository: String, child: String) {
        let repository = "\(party.authority)/team/multi"
        try await party.output("copy", "oci:\(try await VerbParty.layout()):multi", "\(repository):all", "--quiet")
        let child = try await party.output("digest", "\(repository):all", "--platform", "linux/arm64")
        return (repository, String(child.dropLast()))
    }

    @Test(
        "what an index is made of stays, unless it is forced",
        arguments: [VerbParty.Kind.wharf, .distribution]
    )
    func part(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let (repository, child) = try await Self.pushIndex(party)
            try await party.output("tag", "\(repository)@\(child)", "arm64")
            for image in ["\(repository):arm64", "\(repository)@\(child)"] {
                let refused = try await party.run(["delete", image])
                #expect(
                    refused.status == 1 && refused.standardError.contains("a part of \(repository):all"),
                    "\(refused)"
                )
            }
            #expect(
                try await party.output("delete", "\(repository)@\(child)", "--dry-run", "--format", "partOf") == "all\n"
            )
            try await party.output("copy", "\(repository):all", "oci:\(party.folder.path)/whole:1", "--quiet")
            // With the index itself, its parts may go.
            try await party.output("delete", "\(repository):all")
            try await party.output("delete", "\(repository):arm64")
            #expect(try await party.run(["digest", "\(repository)@\(child)"]).status == 3)
        }
    }

    @Test("what is forced is done")
    func forced() async throws {
        try await VerbParty.with(.wharf) { party in
            let (repository, child) = try await Self.pushIndex(party)
            try await party.output("delete", "\(repository)@\(child)", "--force")
            #expect(try await party.run(["digest", "\(repository)@\(child)"]).status == 3)
            // All of a repository has no index that stays.
            let other = "\(party.authority)/team/second"
            try await party.output("copy", "oci:\(try await VerbParty.layout()):multi", "\(other):all", "--quiet")
            try await party.output("delete", other, "--repository", "--yes")
            #expect(try await party.run(["digest", "\(other):all"]).status == 3)
        }
    }

    @Test("an image of a layout is deleted with its file")
    func layout() async throws {
        try await VerbParty.with(.wharf) { party in
            let layout = "\(party.folder.path)/layout"
            try await party.output("copy", "oci:\(try await VerbParty.layout()):debian", "oci:\(layout):1", "--quiet")
            let digest = try await party.output("digest", "oci:\(layout):1").dropLast()
            try await party.output("delete", "oci:\(layout):1")
            #expect(!FileManager.default.fileExists(atPath: "\(layout)/blobs/sha256/\(digest.dropFirst(7))"))
        }
    }

    /// Moves the tag `old` at the first deletion that it sees.
    private static let movingProxy = """
        moved = False
        class Handler(Passing):
            def pass_on(self):
                global moved
                if self.command == "DELETE" and not moved:
                    moved = True
                    new, text = self.ask("GET", "/v2/team/app/manifests/new", headers={"Accept": "*/*"})
                    self.ask("PUT", "/v2/team/app/manifests/old", text, {"Content-Type": new.getheader("Content-Type")})
                self.give(*self.fetch())
        """

    @Test(
        "a tag that is moved in the last moment stays where it is, with what it points to",
        arguments: [
            ["prune", "team/app", "--include", "old", "--yes"], ["delete", "team/app:old"], ["untag", "team/app:old@"],
        ]
    )
    func moved(command: [String]) async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage(to: "team/app:old")
            let old = try await party.output("digest", image)
            try await party.output(
                "mutate",
                image,
                "--label",
                "a=b",
                "--to",
                "\(party.authority)/team/app:new",
                "--quiet"
            )
            let new = try await party.output("digest", "\(party.authority)/team/app:new")
            #expect(old != new)
            let proxy = try await ScriptedProxy.start(before: party.authority, Self.movingProxy)
            var words = command
            words[1] = "\(proxy.authority)/\(words[1])"
            if words[1].hasSuffix("@") { words[1] += old.dropLast() }
            let result = try await party.run(words)
            await proxy.process.kill()
            #expect(result.status == 1, "\(result)")
            #expect(try await party.output("digest", image) == new)
        }
    }
}
