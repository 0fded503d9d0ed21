import Foundation
import RegistryTesting
import Testing

/// A machine that runs the steps of pipelines: a checkout with one commit, and a `wharf` on the path that keeps what it
/// was called with and which programs ran meanwhile.
struct BuildMachine {
    /// Why a step runs.
    enum Event: Equatable {
        /// A commit came to the branch `main`.
        case branch
        /// A commit got a tag.
        case tag(String)
    }

    private let folder: TemporaryFolder
    let path: String
    /// Where the source is.
    let checkout: String
    /// The commit, in full.
    let commit: String
    /// When it was made, as git writes it.
    let commitTime: String

    init() async throws {
        folder = try TemporaryFolder()
        let path = folder.path
        let checkout = "\(path)/checkout"
        (self.path, self.checkout) = (path, checkout)
        let files = FileManager.default
        for name in ["checkout/site", "bin", "home", "temporary"] {
            try files.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        }
        try "hello\n".write(toFile: "\(checkout)/site/index.html", atomically: true, encoding: .utf8)
        let recorder = """
            #!/bin/sh
            echo "$*" >>'\(path)/calls'
            cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' >>'\(path)/processes'
            exec '\(WharfProcess.binary)' "$@"

            """
        try recorder.write(toFile: "\(path)/bin/wharf", atomically: true, encoding: .utf8)
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(path)/bin/wharf")
        for arguments in [["init", "--quiet", "--initial-branch", "main"], ["add", "."]] {
            _ = try await Self.git(arguments, in: checkout)
        }
        _ = try await Self.git(["commit", "--quiet", "--message", "A site"], in: checkout)
        commit = try await Self.git(["rev-parse", "HEAD"], in: checkout)
        commitTime = try await Self.git(["log", "-1", "--format=%cI"], in: checkout)
    }

    /// Runs git in a folder, at a time that is always the same; what it printed.
    private static func git(_ arguments: [String], in folder: String) async throws -> String {
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        let time = "2024-05-01T12:00:00+02:00"
        let variables = ["GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time, "HOME": folder]
        return try await Command("git", ["-C", folder] + identity + arguments, environment: variables).output()
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs a program in the checkout, with these variables and none of the person who runs the tests.
    func run(_ program: [String], _ variables: [String: String], limit: Duration = .seconds(60)) async throws
        -> CommandResult
    {
        var environment: [String: String?] = [:]
        let own = ProcessInfo.processInfo.environment
        let foreign = ["WHARF_", "CI_", "GITHUB_", "RUNNER_", "ANSIBLE_", "DOCKER_", "REGISTRY_", "GIT_"]
        for name in own.keys where foreign.contains(where: name.hasPrefix) {
            environment.updateValue(nil, forKey: name)
        }
        environment["PATH"] = "\(path)/bin:\(own["PATH"] ?? "/usr/bin:/bin")"
        environment["HOME"] = "\(path)/home"
        environment["XDG_RUNTIME_DIR"] = "\(path)/home"
        // Without a terminal's language, Ansible does not begin.
        environment["LC_ALL"] = "C.UTF-8"
        for (name, value) in variables { environment[name] = value }
        // The shell of this machine goes into the folder, and then becomes the program.
        let line = ["sh", "-c", "cd '\(checkout)' && exec \"$@\"", "sh"] + program
        return try await Command(line[0], Array(line.dropFirst()), environment: environment, timeout: limit).run()
    }

    /// Runs a script by a shell, from a file, as build systems do.
    func run(script: String, shell: [String], _ variables: [String: String]) async throws -> CommandResult {
        let file = "\(path)/temporary/step-\(UUID().uuidString).sh"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        return try await run(shell + [file], variables)
    }

    /// What `wharf` was called with, a line for each call.
    var calls: [String] {
        get throws { try text("calls").split(separator: "\n").map(String.init) }
    }

    /// Expects that nothing shows a secret: no argument of a program, and no file that is left.
    func expectHidden(_ secret: String, of user: String) async throws {
        #expect(!(try text("calls")).contains(secret))
        #expect(!(try text("processes")).contains(secret))
        let login = Data("\(user):\(secret)".utf8).base64EncodedString()
        let found = try await Command("grep", ["-rlF", "-e", secret, "-e", login, path]).run()
        #expect(found.status == 1, "\(found)")
    }

    private func text(_ name: String) throws -> String {
        // What other users of this machine run need not be UTF-8.
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
