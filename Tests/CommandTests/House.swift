import Foundation
import RegistryTesting
import Testing

/// A real `wharf serve` where callers must log in, and the commands that speak to it.
struct House {
    let folder: TemporaryFolder
    let server: WharfProcess
    /// The password of `admin`, as the start said it.
    let adminPassword: String

    var data: String { "\(folder.path)/data" }
    var port: Int { Int(server.authority.split(separator: ":").last ?? "") ?? 0 }

    static func run(_ body: (House) async throws -> Void) async throws {
        await street.enter()
        do {
            try await runNow(body)
        } catch {
            await street.leave()
            throw error
        }
        await street.leave()
    }

    /// A few at once: a start makes a password, and so does much work.
    private static let street = Street(places: 3)

    private static func runNow(_ body: (House) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: "\(folder.path)/data", arguments: ["--access-required"])
        let line = server.process.standardOutput.split(separator: "\n").first { $0.hasPrefix("password: ") }
        let password = String(try #require(line).dropFirst("password: ".count))
        do {
            try await body(House(folder: folder, server: server, adminPassword: password))
        } catch {
            await server.kill()
            throw error
        }
        #expect(await server.stop() == 0, "\(server.log)")
    }

    // MARK: Commands

    /// A command as the administrator of the machine, over the socket.
    @discardableResult
    func local(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await wharf(arguments + ["--data", data], input: input)
    }

    /// The same, that must succeed: its standard output.
    @discardableResult
    func output(_ arguments: String..., input: String = "") async throws -> String {
        let result = try await wharf(arguments + ["--data", data], input: input)
        #expect(result.status == 0, "\(arguments): \(result)")
        return result.standardOutput
    }

    /// The same, that must make a secret: which stands alone on standard output.
    @discardableResult
    func secret(_ arguments: String...) async throws -> String {
        let result = try await wharf(arguments + ["--data", data])
        #expect(result.status == 0, "\(arguments): \(result)")
        let lines = result.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == 2 && lines[1].isEmpty && lines[0].count >= 20, "\(result)")
        #expect(!result.standardError.contains(lines[0]), "standard error has the secret")
        return String(lines[0])
    }

    /// The same, that must fail: its sentence.
    func failure(_ arguments: String..., input: String = "", status: Int32 = 1) async throws -> String {
        let result = try await wharf(arguments + ["--data", data], input: input)
        #expect(result.status == status && result.standardOutput == "", "\(arguments): \(result)")
        return result.standardError
    }

    /// A command as somebody who logs in over the network.
    func remote(as name: String, _ password: String, _ arguments: String...) async throws -> CommandResult {
        try await wharf(arguments + ["--server", server.address, "--user", name], ["WHARF_PASSWORD": password])
    }

    /// A command as it is.
    func wharf(
        _ arguments: [String],
        _ environment: [String: String] = [:],
        input: String = ""
    ) async throws -> CommandResult {
        var command = WharfProcess.command(arguments, environment: environment)
        command.input = Array(input.utf8)
        return try await command.run()
    }

    // MARK: What clients see

    /// What of a scope somebody gets who logs in as `docker login` does; nil for whom nobody knows.
    func granted(_ scope: String, to name: String, _ secret: String) async throws -> String? {
        let answer = try await ask("/token?service=wharf&scope=\(scope)", as: name, secret)
        guard answer.status == 200 else {
            #expect(answer.status == 401, "\(answer.text)")
            return nil
        }
        return try JSONDecoder().decode(Grant.self, from: Data(answer.body)).scope ?? ""
    }

    /// Whether somebody can log in.
    func isKnown(_ name: String, _ secret: String) async throws -> Bool {
        try await granted("", to: name, secret) != nil
    }

    /// A refresh token of somebody, as a client gets one that stays logged in.
    func refreshToken(_ name: String, _ secret: String) async throws -> String {
        let answer = try await ask("/token?service=wharf&client_id=tests&offline_token=true", as: name, secret)
        return try #require(try JSONDecoder().decode(Grant.self, from: Data(answer.body)).refresh_token)
    }

    /// The status of an exchange of a refresh token for another.
    func refresh(_ token: String) async throws -> Int {
        let form = "grant_type=refresh_token&service=wharf&refresh_token=\(token)"
        let type = ("Content-Type", "application/x-www-form-urlencoded")
        let request = TestRequest(
            "POST",
            "/token",
            headers: [type, ("Content-Length", "\(form.utf8.count)")],
            body: Array(form.utf8)
        )
        return try await TestHTTPClient(port: port).send(request).status
    }

    private func ask(_ path: String, as name: String, _ secret: String) async throws -> TestResponse {
        let credentials = Data("\(name):\(secret)".utf8).base64EncodedString()
        let request = TestRequest("GET", path, headers: [("Authorization", "Basic \(credentials)")])
        return try await TestHTTPClient(port: port).send(request)
    }

    private struct Grant: Decodable {
        var scope: String?
        var refresh_token: String?
    }
}

/// Places for a few at once; the others wait.
private actor Street {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) {
        free = places
    }

    func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

extension CommandResult {
    /// The one sentence of a failure; fails the test for anything else.
    func sentence(_ status: Int32 = 1) -> String {
        #expect(self.status == status && standardOutput == "", "\(self)")
        return standardError
    }
}

extension String {
    /// The words of the lines, which the columns of a table are where no cell has a space.
    var table: [[String]] {
        split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }
}
