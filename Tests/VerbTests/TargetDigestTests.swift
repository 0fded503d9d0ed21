import Foundation
import RegistryTesting
import Testing

@Suite("A digest that the target names")
struct TargetDigestTests {
    private static let other = "sha256:" + String(repeating: "0", count: 64)

    @Test(
        "what has another digest is not brought, and nothing of it is sent",
        arguments: [VerbParty.Kind.wharf, .distribution]
    )
    func other(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image).dropLast()
            let file = "\(party.folder.path)/data.bin"
            try "some data".write(toFile: file, atomically: true, encoding: .utf8)
            let layout = "oci:\(try await VerbParty.layout()):debian"
            var commands: [(words: [String], options: [String])] = []
            for options in [[], ["--dry-run"]] {
                commands += [
                    (["copy", image], ["--quiet"] + options), (["push", layout], ["--quiet"] + options),
                    (["promote", image], options),
                ]
            }
            commands.append((["push", file], ["--artifact-type", "application/x-data", "--quiet"]))
            for (words, options) in commands {
                for target in ["\(party.authority)/new/app", "\(party.authority)/new/app:1"] {
                    let refused = try await party.run(words + ["\(target)@\(Self.other)"] + options)
                    #expect(refused.status == 1 && refused.standardOutput == "", "\(words): \(refused)")
                    #expect(refused.standardError.contains("nothing was sent"), "\(refused)")
                    #expect(refused.standardError.contains(Self.other), "\(refused)")
                    if words[1] != file { #expect(refused.standardError.contains(digest), "\(refused)") }
                }
            }
            #expect(try await party.run(["list", "\(party.authority)/new/app"]).status == 3)
            #expect(try await party.lines("list", party.authority) == ["REPOSITORY", "team/app"])
            let folder = "\(party.folder.path)/out"
            let refused = try await party.run(["pull", image, "--to", "oci:\(folder)@\(Self.other)", "--quiet"])
            #expect(refused.status == 1 && refused.standardError.contains("nothing was sent"), "\(refused)")
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("the very image is brought, under the tag beside the digest, and its digest is said once")
    func same() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image).dropLast()
            let bare = "\(party.authority)/one/app"
            #expect(try await party.output("copy", image, "\(bare)@\(digest)", "--quiet") == "\(bare)@\(digest)\n")
            #expect(try await party.output("digest", "\(bare)@\(digest)") == "\(digest)\n")
            #expect(try await party.run(["digest", "\(bare):1"]).status == 3, "nobody has asked for a tag")
            let layout = "oci:\(try await VerbParty.layout()):debian"
            for words in [["copy", image], ["push", layout], ["promote", image]] {
                let target = "\(party.authority)/by/\(words[0]):stable"
                let line = words + ["\(target)@\(digest)"] + (words[0] == "promote" ? [] : ["--quiet"])
                let outlook = try await party.run(line + ["--dry-run", "--format", "target"])
                #expect(outlook.status == 0 && outlook.standardOutput == "\(target)\n", "\(outlook)")
                let brought = try await party.run(line)
                #expect(brought.status == 0 && brought.standardOutput == "\(target)@\(digest)\n", "\(brought)")
                #expect(try await party.output("digest", target) == "\(digest)\n")
            }
            let folder = "oci:\(party.folder.path)/out"
            let pulled = try await party.output("pull", image, "--to", "\(folder)@\(digest)", "--quiet")
            #expect(pulled == "\(folder)@\(digest)\n")
        }
    }

    @Test("an artifact is compared as well, and gets the tag beside the digest")
    func artifact() async throws {
        try await VerbParty.with(.wharf) { party in
            let file = "\(party.folder.path)/data.bin"
            try "some data".write(toFile: file, atomically: true, encoding: .utf8)
            let options = ["--artifact-type", "application/x-data", "--quiet"]
            let first = try await party.run(["push", file, "\(party.authority)/one/data:1"] + options)
            let digest = try #require(first.standardOutput.split(separator: "@").last).dropLast()
            let target = "\(party.authority)/two/data:1"
            let second = try await party.run(["push", file, "\(target)@\(digest)"] + options)
            #expect(second.status == 0 && second.standardOutput == "\(target)@\(digest)\n", "\(second)")
            #expect(try await party.output("digest", target) == "\(digest)\n")
        }
    }

    @Test("where platforms are chosen, the digest of what comes of it counts")
    func platforms() async throws {
        try await VerbParty.with(.wharf) { party in
            let source = "oci:\(try await VerbParty.layout()):multi"
            let whole = try await party.output("digest", source).dropLast()
            let one = try await party.output("digest", source, "--platform", "linux/arm64").dropLast()
            let repository = "\(party.authority)/team/multi"
            let arm = ["--platform", "linux/arm64", "--quiet"]
            for options in [[], ["--dry-run"]] {
                let refused = try await party.run(["copy", source, "\(repository)@\(whole)"] + arm + options)
                #expect(refused.status == 1 && refused.standardError.contains("is \(one)"), "\(refused)")
            }
            #expect(try await party.run(["list", repository]).status == 3)
            #expect(try await party.run(["copy", source, "\(repository)@\(one)"] + arm).status == 0)
            #expect(try await party.run(["copy", source, "\(repository)@\(whole)", "--sparse"] + arm).status == 0)
        }
    }

    @Test("a repository of tags has no digest")
    func tags() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image).dropLast()
            let source = "\(party.authority)/team/app"
            let refused = try await party.run(["copy", source, "\(party.authority)/all/app@\(digest)", "--all-tags"])
            #expect(refused.status == 64 && refused.standardError.contains("no digest"), "\(refused)")
        }
    }

    @Test("what is made of an image that a digest names is said with its own digest")
    func changed() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image).dropLast()
            let repository = "\(party.authority)/team/app"
            for base in ["\(repository)@\(digest)", "\(repository):1@\(digest)"] {
                let line = try await party.output("mutate", base, "--label", "a=b", "--quiet").dropLast()
                #expect(line.hasPrefix("\(repository)@sha256:") && !line.contains(digest), "\(line)")
                #expect(try await party.output("digest", String(line)) == line.dropFirst(repository.count + 1) + "\n")
                let shown = try await party.output("mutate", base, "--label", "a=b", "--dry-run", "--format", "target")
                #expect(shown == "\(repository)\n")
            }
            #expect(try await party.output("digest", image) == "\(digest)\n")
        }
    }
}
