import Foundation
import RegistryTesting
import Testing

@Suite("Registries, mirrors and images that attack")
struct AttackTests {
    @Test(
        "pruning the tag of one platform leaves the index whole that is made of it",
        arguments: [VerbParty.Kind.wharf]
    )
    func part(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let repository = "\(party.authority)/team/multi"
            try await party.output("copy", "oci:\(try await VerbParty.layout()):multi", "\(repository):keep", "--quiet")
            let child = try await party.output("digest", "\(repository):keep", "--platform", "linux/arm64")
            try await party.output("tag", "\(repository)@\(child.dropLast())", "ci-arm64")
            try await party.output("prune", repository, "--include", "ci-*", "--yes")
            #expect(try await party.lines("list", repository).dropFirst() == ["keep"])
            #expect(try await party.output("digest", "\(repository):keep", "--platform", "linux/arm64") == child)
            try await party.output("copy", "\(repository):keep", "oci:\(party.folder.path)/out:keep", "--quiet")
        }
    }

    @Test("a mirror has no say in what is pruned, tagged or promoted")
    func mirror() async throws {
        try await VerbParty.with(.wharf) { party in
            try await VerbParty.with(.wharf) { mirror in
                let image = try await party.pushImage(to: "team/app:1")
                try await party.output("mutate", image, "--label", "a=b", "--tag", "keep", "--to", image, "--quiet")
                try await party.output("mutate", image, "--label", "a=c", "--quiet")
                let (old, kept) = (
                    try await party.output("digest", image),
                    try await party.output("digest", "\(party.authority)/team/app:keep")
                )
                #expect(old != kept)
                // The mirror says that 1 is what is kept under another name, and that keep is something else.
                let copy = "\(mirror.authority)/team/app"
                try await party.output("copy", "\(party.authority)/team/app:keep", "\(copy):1", "--quiet")
                try await party.output("copy", image, "\(copy):keep", "--quiet")
                let settings = "\(party.folder.path)/.config/containers"
                try FileManager.default.createDirectory(atPath: settings, withIntermediateDirectories: true)
                try """
                [[registry]]
                location = "\(party.authority)"
                [[registry.mirror]]
                location = "\(mirror.authority)"
                insecure = true
                """.write(toFile: "\(settings)/registries.conf", atomically: true, encoding: .utf8)
                #expect(try await party.output("digest", image) == kept, "the mirror is asked for what is only read")
                try await party.output("tag", image, "again")
                try await party.output("promote", image, "\(party.authority)/prod/app:1")
                try await party.output(
                    "prune",
                    "\(party.authority)/team/app",
                    "--include",
                    "1",
                    "--include",
                    "again",
                    "--yes"
                )
                try FileManager.default.removeItem(atPath: "\(settings)/registries.conf")
                #expect(try await party.output("digest", "\(party.authority)/prod/app:1") == old)
                #expect(try await party.output("digest", "\(party.authority)/team/app:keep") == kept)
                #expect(try await party.lines("list", "\(party.authority)/team/app").dropFirst() == ["keep"])
            }
        }
    }

    @Test("words of an image do nothing to a terminal")
    func escapes() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage(to: "team/app:1")
            let other = "\(party.authority)/team/app:2"
            let words = "x=\u{1B}]0;owned\u{7}\u{9B}2J\u{202E}y"
            try await party.output("mutate", image, "--label", words, "--to", other, "--quiet")
            for arguments in [["diff", image, other], ["inspect", other]] {
                let shown = try await party.run(arguments)
                #expect(shown.status == 0 && shown.standardOutput.contains("?]0;owned??2J?y"), "\(shown)")
            }
            // A program gets the very value.
            let value = try await party.output("inspect", other, "--format", "images.labels.x")
            #expect(value == words.dropFirst(2) + "\n")
        }
    }
}
