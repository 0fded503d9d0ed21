import Foundation
import RegistryTesting
import Testing

/// A registry that the commands are tried against, and somebody who may do all there.
struct VerbParty {
    /// Which registry.
    enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case wharf = "wharf that lets everybody in"
        case guardedWharf = "wharf that asks who comes"
        case distribution = "docker-registry that lets everybody in"
        case guardedDistribution = "docker-registry with htpasswd"
        case pulp = "Pulp's registry with its tokens"

        var testDescription: String { rawValue }
        /// Whether a login is needed.
        var isGuarded: Bool { self == .guardedWharf || self == .guardedDistribution || self == .pulp }
        /// Whether it is wharf, and so knows what newer specifications have.
        var isWharf: Bool { self == .wharf || self == .guardedWharf }
    }

    let kind: Kind
    let folder: TemporaryFolder
    /// Host and port.
    let authority: String
    /// Who may do all.
    let user: String
    let password: String

    /// Runs `body` with a registry on a free port of loopback, logged in to where it asks for it.
    static func with(_ kind: Kind, loggedIn: Bool = true, _ body: (VerbParty) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let (process, party) = try await start(kind, in: folder)
        func end() async {
            if let process { await process.stop() } else { await PulpRegistry.shared.giveBack() }
        }
        do {
            if loggedIn, kind.isGuarded { try await party.logIn() }
            try await body(party)
        } catch {
            await end()
            throw error
        }
        await end()
    }

    /// The process is nil where the registry is lent.
    private static func start(_ kind: Kind, in folder: TemporaryFolder) async throws -> (RunningProcess?, VerbParty) {
        switch kind {
        case .pulp:
            let authority = try await PulpRegistry.shared.borrow()
            let (user, password) = (PulpRegistry.user, PulpRegistry.password)
            return (nil, party(kind, folder, authority, user: user, password: password))
        case .wharf:
            let server = try await WharfProcess.start(data: "\(folder.path)/data")
            return (server.process, party(kind, folder, server.authority))
        case .guardedWharf:
            let server = try await WharfProcess.start(data: "\(folder.path)/data", arguments: ["--access-required"])
            let line = server.process.standardOutput.split(separator: "\n").first { $0.hasPrefix("password: ") }
            let password = String(try #require(line).dropFirst("password: ".count))
            return (server.process, party(kind, folder, server.authority, user: "admin", password: password))
        case .distribution, .guardedDistribution:
            let authority = "127.0.0.1:\(try FreePort.find())"
            let password = "open sesame"
            var configuration = """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: \(folder.path)/store}, delete: {enabled: true}}
                http: {addr: \(authority)}

                """
            if kind == .guardedDistribution {
                let users = try await Command("htpasswd", ["-Bbn", "alice", password]).output()
                try users.write(toFile: "\(folder.path)/htpasswd", atomically: true, encoding: .utf8)
                configuration += "auth: {htpasswd: {realm: test, path: \(folder.path)/htpasswd}}\n"
            }
            let path = "\(folder.path)/registry.yml"
            try configuration.write(toFile: path, atomically: true, encoding: .utf8)
            let process = try Command("docker-registry", ["serve", path]).start()
            let found = party(kind, folder, authority, user: "alice", password: password)
            try await process.waitUntil("docker-registry answers", within: .seconds(20)) {
                let answer = try? await Command("curl", ["-s", "-o", "/dev/null", "http://\(authority)/v2/"]).run()
                return answer?.status == 0
            }
            return (process, found)
        }
    }

    private static func party(
        _ kind: Kind,
        _ folder: TemporaryFolder,
        _ authority: String,
        user: String = "",
        password: String = ""
    ) -> VerbParty {
        VerbParty(kind: kind, folder: folder, authority: authority, user: user, password: password)
    }

    // MARK: Commands

    /// Logs in, with the password on standard input.
    func logIn() async throws {
        try await output("login", authority, "--user", user, "--password-stdin", input: password + "\n")
    }

    /// A command that must succeed: its standard output.
    @discardableResult
    func output(_ arguments: String..., input: String = "") async throws -> String {
        let result = try await run(arguments, input: input)
        try #require(result.status == 0, "wharf \(arguments.joined(separator: " ")): \(result)")
        return result.standardOutput
    }

    /// A command that must succeed: the lines of its standard output.
    func lines(_ arguments: String...) async throws -> [String] {
        let result = try await run(arguments)
        try #require(result.status == 0, "wharf \(arguments.joined(separator: " ")): \(result)")
        return result.standardOutput.split(separator: "\n").map(String.init)
    }

    /// A command, however it ends; no file of the person who runs the tests is read or written.
    func run(_ arguments: [String], input: String = "") async throws -> CommandResult {
        var command = WharfProcess.command(arguments, environment: environment)
        command.environment.updateValue(nil, forKey: "REGISTRY_AUTH_FILE")
        command.input = Array(input.utf8)
        return try await command.run()
    }

    /// A line for the shell, in the same surroundings.
    func shell(_ line: String) async throws -> CommandResult {
        var command = Command("sh", ["-c", line], environment: environment.mapValues { $0 })
        command.environment.updateValue(nil, forKey: "REGISTRY_AUTH_FILE")
        return try await command.run()
    }

    private var environment: [String: String] {
        ["HOME": folder.path, "DOCKER_CONFIG": "\(folder.path)/docker", "XDG_RUNTIME_DIR": folder.path]
    }

    /// An image that was brought in: four layers, one platform.
    func pushImage(to name: String = "team/app:1") async throws -> String {
        let image = "\(authority)/\(name)"
        try await output("push", "oci:\(try await Self.layout()):debian", image, "--quiet")
        return image
    }

    /// The layout with test images, which lies in the project once it was made.
    static func layout() async throws -> String {
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        try await Command("\(project)/Scripts/make-test-images", timeout: .seconds(120)).output()
        return "\(project)/.build-parties/images"
    }
}
