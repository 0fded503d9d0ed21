import Foundation
import RegistryTesting
import Testing

@Suite("Moving images, against any registry")
struct MovingTests {
    @Test("an image goes to a folder, to archives, and back, with its digest", arguments: VerbParty.Kind.allCases)
    func around(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image)
            let folder = party.folder.path
            try await party.output("copy", image, "oci:\(folder)/out:x", "--quiet")
            #expect(try await party.output("digest", "oci:\(folder)/out:x") == digest)
            try await party.output("export", image, "\(folder)/a.tar", "--quiet")
            try await party.output("import", "\(folder)/a.tar", "\(party.authority)/second/app", "--quiet")
            #expect(try await party.output("digest", "\(party.authority)/second/app:1") == digest)
            try await party.output("push", "\(folder)/out", "\(party.authority)/third/app:2", "--quiet")
            #expect(try await party.output("digest", "\(party.authority)/third/app:2") == digest)
            try await party.output("export", image, "\(folder)/d.tar", "--kind", "docker", "--quiet")
            let config = try await party.output("config", image)
            #expect(try await party.output("config", "docker-archive:\(folder)/d.tar") == config)
            try await party.output("pull", image, "--to", "oci-archive:\(folder)/p.tar:1", "--quiet")
            #expect(try await party.output("digest", "oci-archive:\(folder)/p.tar:1") == digest)
        }
    }

    @Test(
        "a copy within a registry moves no bytes, and a second one asks for nothing",
        arguments: VerbParty.Kind.allCases
    )
    func mounted(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let target = "\(party.authority)/prod/app:1"
            let first = try await party.output("copy", image, target, "--quiet", "--format", "sentBytes")
            #expect(first == "0\n")
            let second = try await party.run(["copy", image, target, "--quiet", "--verbose"])
            #expect(second.status == 0)
            let requests = second.standardError.split(separator: "\n").filter { $0.contains("/v2/") }
            #expect(requests.allSatisfy { $0.hasPrefix("HEAD ") || $0.contains(" 401 ") || $0.contains("/v2/ ") })
        }
    }

    @Test("an index comes whole, or as the one image that is asked for", arguments: VerbParty.Kind.allCases)
    func platforms(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let source = "oci:\(try await VerbParty.layout()):multi"
            let (all, one) = ("\(party.authority)/team/multi:all", "\(party.authority)/team/multi:one")
            try await party.output("copy", source, all, "--quiet")
            #expect(try await party.output("digest", all) == (try await party.output("digest", source)))
            try await party.output("copy", source, one, "--platform", "linux/arm64", "--quiet")
            #expect(
                try await party.output("digest", one)
                    == (try await party.output("digest", source, "--platform", "linux/arm64"))
            )
            #expect(try await party.output("inspect", one, "--format", "images.platform") == "linux/arm64\n")
        }
    }

    @Test("tags are given, moved to other repositories, and taken away", arguments: VerbParty.Kind.allCases)
    func tags(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image)
            try await party.output("tag", image, "2", "3")
            try await party.output("promote", image, "\(party.authority)/prod/app:1.0")
            #expect(try await party.output("digest", "\(party.authority)/prod/app:1.0") == digest)
            let other = "sha256:" + String(repeating: "0", count: 64)
            let refused = try await party.run(["promote", image, "\(party.authority)/x/y:1", "--from-digest", other])
            #expect(refused.status == 1 && refused.standardError.contains("nothing was done"))
            let untagged = try await party.run(["untag", "\(party.authority)/team/app:3"])
            if kind.isWharf {
                #expect(untagged.status == 0)
                #expect(try await party.output("list", "\(party.authority)/team/app", "--format", "name") == "1\n2\n")
            } else {
                // docker-registry 2.8 deletes only whole manifests, and nothing may be lost by asking.
                #expect(untagged.status == 1 && untagged.standardError.contains("only"))
                #expect(
                    try await party.output("list", "\(party.authority)/team/app", "--format", "name") == "1\n2\n3\n"
                )
            }
        }
    }

    @Test("of several tags, one that cannot be taken away does not keep the others")
    func untagSeveral() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let repository = "\(party.authority)/team/app"
            try await party.output("tag", image, "2", "3")
            let partly = try await party.run(["untag", "\(repository):no", "\(repository):2", "\(repository):3"])
            #expect(partly.status == 2 && partly.standardOutput == "\(repository):2\n\(repository):3\n", "\(partly)")
            #expect(partly.standardError.contains("no tag no"), "\(partly)")
            #expect(partly.standardError.contains("1 of 3 tags"), "\(partly)")
            #expect(try await party.lines("list", repository).dropFirst() == ["1"])
            let none = try await party.run(["untag", "\(repository):no", "\(repository):2"])
            #expect(none.status == 3 && none.standardOutput == "", "\(none)")
            #expect(try await party.output("untag", image, image) == "\(image)\n")
        }
    }

    @Test("the files of an artifact are brought one by one, and the layers of an image are not")
    func into() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let index = "\(party.authority)/team/multi:1"
            try await party.output("copy", "oci:\(try await VerbParty.layout()):multi", index, "--quiet")
            let folder = "\(party.folder.path)/files"
            for name in [image, index] {
                let refused = try await party.run(["pull", name, "--into", folder, "--quiet"])
                #expect(refused.status == 1 && refused.standardOutput == "", "\(refused)")
                #expect(refused.standardError.contains("`wharf pull \(name) --to oci:DIR`"), "\(refused)")
            }
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
        // What BuildKit says of an image has the config of one.
        var statement = HostileImage(layer: SampleBlob("{}"))
        let config = statement.config.descriptor("application/vnd.oci.image.config.v1+json")
        let layer = statement.layer.descriptor("application/vnd.in-toto+json")
        statement.manifest = .image(config: config, layers: [layer])
        let digest = statement.layer.digest
        try await HostileRegistry.with(statement, lie: { _ in nil }) { registry in
            let outcome = try await registry.run("pull", registry.image, "--into", registry.layout, "--quiet")
            #expect(outcome.status == 0, "\(outcome)")
            let name = digest.replacing(":", with: "-")
            #expect(try String(contentsOfFile: "\(registry.layout)/\(name)", encoding: .utf8) == "{}")
        }
    }

    @Test("an image is deleted with all its tags, after they were said", arguments: VerbParty.Kind.allCases)
    func delete(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            try await party.output("tag", image, "2")
            let asked = try await party.run(["delete", image])
            #expect(asked.status == 1 && asked.standardError.contains("1, 2"))
            let dry = try await party.output("delete", image, "--dry-run", "--format", "tags")
            #expect(dry == "1\n2\n")
            try await party.output("digest", image)
            try await party.output("delete", image, "--yes")
            #expect(try await party.run(["digest", image]).status == 3)
        }
    }

    @Test("old tags go, and what is kept stays", arguments: VerbParty.Kind.allCases)
    func prune(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage(to: "team/app:ci-1")
            for (tag, created) in [("ci-2", "2025-01-02T00:00:00Z"), ("ci-3", "2025-01-03T00:00:00Z")] {
                let target = "\(party.authority)/team/app:\(tag)"
                try await party.output("mutate", image, "--created", created, "--to", target, "--quiet")
            }
            try await party.output("tag", "\(party.authority)/team/app:ci-3", "latest")
            let repository = "\(party.authority)/team/app"
            let plan = try await party.run(["prune", repository, "--include", "ci-*", "--keep", "1"])
            #expect(plan.status == 1 && plan.standardError.contains("2 of 4 tags"))
            try await party.output("prune", repository, "--include", "ci-*", "--keep", "1", "--yes")
            let left = try await party.output("list", repository, "--format", "name")
            #expect(left == "ci-3\nlatest\n")
        }
    }

    @Test("what shares its place among the newest is said to share it")
    func shared() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage(to: "team/app:1.0.0")
            let repository = "\(party.authority)/team/app"
            func reasons(_ options: String...) async throws -> String {
                let line = ["prune", repository, "--keep", "1", "--dry-run", "--format", "reason"]
                return try await party.run(line + options).standardOutput
            }
            #expect(try await reasons() == "number 1 of the newest\n")
            try await party.output("tag", image, "2.0.0")
            let two = "number 1 of the newest, with 1 other of the same time\n"
            #expect(try await reasons() == two + two)
            try await party.output("tag", image, "3.0.0")
            let three = "number 1 of the newest, with 2 others of the same time\n"
            #expect(try await reasons() == three + three + three)
            // Versions share no place.
            let nothing = "nothing keeps it\n"
            #expect(try await reasons("--sort", "version") == nothing + nothing + "number 1 of the newest\n")
        }
    }

    @Test("one of a thing is called one of it")
    func one() async throws {
        try await VerbParty.with(.wharf) { party in
            let file = "\(party.folder.path)/file"
            try "some data".write(toFile: file, atomically: true, encoding: .utf8)
            let image = "\(party.authority)/team/one:1"
            try await party.output("build", "\(file):/file", "--to", image, "--quiet")
            #expect(try await party.output("inspect", image).contains(" in 1 layer\n"))
            #expect(try await party.output("diff", image, image) == "  1 layer is the same\n")
            let asked = try await party.run(["delete", "\(party.authority)/team/one", "--repository"])
            #expect(asked.standardError.contains("1 image with the tag 1 of"), "\(asked)")
            let pruned = try await party.run(["prune", "\(party.authority)/team/one", "--keep", "0"])
            #expect(pruned.standardError.contains("1 of 1 tag of"), "\(pruned)")
        }
    }
}
