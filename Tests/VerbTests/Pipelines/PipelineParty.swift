import Foundation
import RegistryTesting
import Testing

/// A registry with candidates of before, and somebody who may do there what a pipeline does, and no more where the
/// registry knows such.
struct PipelineParty {
    /// Those that ask for a login.
    static let kinds: [VerbParty.Kind] = [.guardedWharf, .guardedDistribution]

    let party: VerbParty
    let account: PipelineAccount

    /// How many candidates there are before the first run.
    static let seededCount = 6
    /// How many stay.
    static let kept = 5

    /// Runs `body` with such a registry.
    static func with(_ kind: VerbParty.Kind, _ body: (PipelineParty) async throws -> Void) async throws {
        try await VerbParty.with(kind) { party in
            let (user, password) = try await kind.isWharf ? robot(of: party) : user(of: party)
            let account = PipelineAccount(
                registry: party.authority,
                image: "\(party.authority)/team/app",
                user: user,
                password: password
            )
            try await seed(party)
            try await body(PipelineParty(party: party, account: account))
        }
    }

    /// The account that the page tells to make, by its very commands.
    private static func robot(of party: VerbParty) async throws -> (String, String) {
        let page = try String(contentsOfFile: PipelineSystem.path("pipelines.md"), encoding: .utf8)
        let commands = page.split(separator: "\n").filter { $0.hasPrefix("    wharf ") }
        #expect(commands.count == 3)
        var secret = ""
        for command in commands {
            let line = String(command.dropFirst(4)).replacing("/srv/wharf", with: "\(party.folder.path)/data")
            let program = "'\(WharfProcess.binary)' "
            let result = try await party.shell(line.replacing("wharf ", with: program, maxReplacements: 1))
            try #require(result.status == 0, "\(line): \(result)")
            secret = result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return ("team+ci", secret)
    }

    /// A user with a password of this test alone; docker-registry reads its file anew when it has changed.
    private static func user(of party: VerbParty) async throws -> (String, String) {
        let secret = UUID().uuidString
        let htpasswd = Command("htpasswd", ["-iB", "\(party.folder.path)/htpasswd", "ci"], input: Array(secret.utf8))
        try await htpasswd.output()
        return ("ci", secret)
    }

    private static func seed(_ party: VerbParty) async throws {
        let file = "\(party.folder.path)/index.html"
        try "before\n".write(toFile: file, atomically: true, encoding: .utf8)
        for number in 1...seededCount {
            try await party.output(
                "build",
                "\(file):/srv/www/index.html",
                "--created",
                "2020-01-0\(number)T00:00:00Z",
                "--to",
                "\(party.authority)/team/app/ci:before-\(number)",
                "--quiet"
            )
        }
    }

    /// The same account with a password that is wrong.
    var stranger: PipelineAccount {
        var account = account
        account.password = "wrong-\(UUID().uuidString)"
        return account
    }

    /// The tags of candidates, or of releases, with their digests, a line for each.
    func tags(_ name: String) async throws -> [String] {
        let repository = "\(party.authority)/\(name)"
        let listed = try await party.run(["list", repository, "--format", "name"])
        guard listed.status == 0 else { return [] }
        var lines: [String] = []
        for tag in listed.standardOutput.split(separator: "\n") {
            let digest = try await party.output("digest", "\(repository):\(tag)")
            lines.append("\(tag) \(digest.trimmingCharacters(in: .whitespacesAndNewlines))")
        }
        return lines
    }
}
