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
}
