import Foundation
import RegistryTesting
import Testing

@Suite("Changing images, against any registry")
struct ChangingTests {
    @Test("config and annotations are changed without fetching a layer", arguments: VerbParty.Kind.allCases)
    func mutate(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let target = "\(party.authority)/team/app:changed"
            let sent = try await party.output(
                "mutate",
                image,
                "--label",
                "team=red",
                "--env",
                "LEVEL=info",
                "--entrypoint",
                "/bin/app",
                "--to",
                target,
                "--quiet",
                "--format",
                "copied"
            )
            #expect(sent == "1\n")
            #expect(try await party.output("config", target, "--format", "config.Labels.team") == "red\n")
            #expect(try await party.output("config", target, "--format", "config.Env").contains("LEVEL=info\n"))
            let difference = try await party.run(["diff", image, target, "--exit-code"])
            #expect(difference.status == 7)
            #expect(difference.standardOutput.contains("+ config.Labels.team: red\n"))
            try await party.output("annotate", target, "org.example.note=yes", "--quiet")
            let note = try await party.output("manifest", target, "--format", "annotations[org.example.note]")
            #expect(note == "yes\n")
        }
    }

    @Test("what is attached is found, goes along, and comes back as files", arguments: VerbParty.Kind.allCases)
    func attach(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let report = "\(party.folder.path)/report.txt"
            try "all is well\n".write(toFile: report, atomically: true, encoding: .utf8)
            let type = "application/vnd.example.report"
            let digest = try await party.output("attach", image, "\(report):text/plain", "--artifact-type", type)
            #expect(try await party.output("discover", image, "--format", "digest") == digest)
            #expect(
                try await party.output("discover", image, "--artifact-type", "text/none", "--format", "digest") == ""
            )
            let copy = "\(party.authority)/prod/app:1"
            try await party.output("copy", image, copy, "--referrers", "--quiet")
            #expect(try await party.output("discover", copy, "--format", "digest") == digest)
            let artifact = "\(party.authority)/prod/app@\(digest.dropLast())"
            try await party.output("pull", artifact, "--into", "\(party.folder.path)/back", "--quiet")
            let back = try String(contentsOfFile: "\(party.folder.path)/back/report.txt", encoding: .utf8)
            #expect(back == "all is well\n")
        }
    }

    @Test("files become an artifact, and a blob is put and got", arguments: VerbParty.Kind.allCases)
    func artifacts(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let file = "\(party.folder.path)/data.bin"
            try "some data".write(toFile: file, atomically: true, encoding: .utf8)
            let target = "\(party.authority)/team/data:1"
            try await party.output("push", file, target, "--artifact-type", "application/vnd.example.data", "--quiet")
            #expect(try await party.output("inspect", target).contains("application/vnd.example.data"))
            let digest = try await party.output("blob", "put", "\(party.authority)/team/data", file)
            let blob = "\(party.authority)/team/data@\(digest.dropLast())"
            #expect(try await party.output("blob", "get", blob) == "some data")
        }
    }
}
