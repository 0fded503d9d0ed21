import Foundation
import RegistryTesting
import Testing

@Suite("Looking at images, against any registry")
struct LookingTests {
    @Test("a registry says what it is, and whether the login is good", arguments: VerbParty.Kind.allCases)
    func ping(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind, loggedIn: false) { party in
            let before = try await party.output("ping", party.authority, "--format", "login")
            #expect(before == (kind.isGuarded ? "needed: wharf login \(party.authority)\n" : "not needed\n"))
            guard kind.isGuarded else { return }
            let wrong = try await party.run(
                ["login", party.authority, "--user", party.user, "--password-stdin"],
                input: "not it\n"
            )
            #expect(wrong.status == 4)
            #expect(wrong.standardError.contains("nothing was kept"))
            #expect(!FileManager.default.fileExists(atPath: "\(party.folder.path)/docker/config.json"))
            try await party.logIn()
            #expect(try await party.output("ping", party.authority, "--format", "login") == "good\n")
            #expect(try await party.output("whoami", party.authority, "--format", "user") == party.user + "\n")
            try await party.output("logout", party.authority)
            #expect(try await party.run(["whoami", party.authority]).status == 3)
            let after = try await party.output("ping", party.authority, "--format", "login")
            #expect(after == "needed: wharf login \(party.authority)\n")
        }
    }

    @Test("repositories and tags are listed in order", arguments: VerbParty.Kind.allCases)
    func list(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage(to: "team/app:1.10.0")
            try await party.output("tag", image, "1.9.0", "latest", "1.10.0-rc.1")
            #expect(try await party.lines("list", party.authority) == ["REPOSITORY", "team/app"])
            let repository = "\(party.authority)/team/app"
            let byVersion = try await party.output("list", repository, "--sort", "version", "--format", "name")
            #expect(byVersion == "latest\n1.9.0\n1.10.0-rc.1\n1.10.0\n")
            let long = try await party.output("list", repository, "--long", "--format", "platforms", "--limit", "1")
            #expect(long == "linux/amd64\n" || long == "linux/arm64\n")
        }
    }

    @Test("an empty list says that there may be more for somebody with a login, unless there is one")
    func emptyList() async throws {
        try await VerbParty.with(.wharf) { party in
            let empty = try await party.run(["list", party.authority])
            #expect(empty.status == 0 && empty.standardError.contains("`wharf login \(party.authority)`"), "\(empty)")
            _ = try await party.pushImage()
            let full = try await party.run(["list", party.authority])
            #expect(full.status == 0 && full.standardError == "", "\(full)")
        }
        try await VerbParty.with(.guardedWharf) { party in
            let empty = try await party.run(["list", party.authority])
            #expect(empty.status == 0 && empty.standardError == "", "\(empty)")
        }
    }

    @Test("what there is to see of an image is seen, byte for byte", arguments: VerbParty.Kind.allCases)
    func look(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            let digest = try await party.output("digest", image).trimmingCharacters(in: .newlines)
            let manifest = try await party.output("manifest", image)
            #expect("sha256:\(try await sha256(of: manifest))" == digest)
            let config = try await party.output("config", image)
            let configDigest = try await party.output("manifest", image, "--format", "config.digest")
            #expect("sha256:\(try await sha256(of: config))\n" == configDigest)
            #expect(try await party.output("inspect", image, "--format", "digest") == digest + "\n")
            #expect(try await party.output("inspect", image).contains("4 layers"))
            #expect(try await party.output("inspect", image, "--format", "images[0].platform").hasPrefix("linux/"))
            #expect(try await party.lines("history", image).count == 5)
            let layers = try await party.output("layers", image, "--quiet")
            #expect(layers.contains("efficiency: "))
            let same = try await party.output("diff", image, "\(image)@\(digest)", "--exit-code")
            #expect(same == "  4 layers are the same\n")
            let blob = try await party.output("blob", "get", "\(party.authority)/team/app@\(configDigest.dropLast())")
            #expect(blob == config)
        }
    }

    @Test("what is not there, is said so and has its exit code", arguments: VerbParty.Kind.allCases)
    func missing(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind) { party in
            let image = try await party.pushImage()
            for command in [
                ["inspect", "\(image)00"], ["list", "\(party.authority)/no/such"], ["digest", "\(image)00"],
            ] {
                let result = try await party.run(command)
                #expect(result.status == 3, "\(command): \(result)")
                #expect(result.standardOutput == "")
                #expect(result.standardError.hasPrefix("Error: "))
            }
        }
    }

    @Test("who has not logged in is told how", arguments: VerbParty.Kind.allCases.filter(\.isGuarded))
    func stranger(kind: VerbParty.Kind) async throws {
        try await VerbParty.with(kind, loggedIn: false) { party in
            let result = try await party.run(["list", "\(party.authority)/team/app"])
            #expect(result.status == 4)
            #expect(result.standardError.contains("wharf login \(party.authority)"))
        }
    }

    private func sha256(of text: String) async throws -> Substring {
        try await Command("sha256sum", input: Array(text.utf8)).output().prefix(64)
    }
}
