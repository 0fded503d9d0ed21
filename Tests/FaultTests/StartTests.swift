import Foundation
import Glibc
import RegistryTesting
import Testing

/// A server that cannot serve says why in one sentence, and exits with 1.
@Suite struct StartTests {
    private static func refusal(_ data: String, listen: String? = nil) async throws -> CommandResult {
        let address = try listen ?? "127.0.0.1:\(FreePort.find())"
        var command = WharfProcess.command(["serve", "--data", data, "--listen", address])
        command.timeout = .seconds(20)
        return try await command.run()
    }

    @Test func `a second process on one folder is refused and told who serves it`() async throws {
        let data = try TemporaryFolder()
        let first = try await WharfProcess.start(data: data.path)
        let second = try await Self.refusal(data.path)
        #expect(second.status == 1)
        #expect(second.standardError.contains("is in use by process \(first.process.pid)"))
        let client = ImageClient(first, repository: "still/served")
        #expect(try await client.push(SampleImage(seed: 1), tag: "1"))
        #expect(await first.stop() == 0)
        withExtendedLifetime(data) {}
    }

    @Test func `an address in use is named as that`() async throws {
        let (one, other) = (try TemporaryFolder(), try TemporaryFolder())
        let first = try await WharfProcess.start(data: one.path)
        let second = try await Self.refusal(other.path, listen: first.authority)
        #expect(second.status == 1)
        #expect(second.standardError.contains("The address is in use"))
        #expect(await first.stop() == 0)
        withExtendedLifetime((one, other)) {}
    }

    @Test(arguments: [
        ("203.0.113.5:5000", "No interface of this machine has the address 203.0.113.5"),
        ("no-such-host.invalid:5000", "The host name no-such-host.invalid cannot be found"),
    ])
    func `an address that this machine does not have is named as that`(listen: String, words: String) async throws {
        let data = try TemporaryFolder()
        var command = WharfProcess.command(["serve", "--data", data.path, "--listen", listen, "--allow-anonymous"])
        command.timeout = .seconds(20)
        let refused = try await command.run()
        #expect(refused.status == 1)
        #expect(refused.standardError.contains(words), "\(refused)")
        withExtendedLifetime(data) {}
    }

    /// Whether this machine keeps ports below 1024 for those with a right; in many containers it does not.
    private static var keepsLowPorts: Bool {
        let path = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
        let first = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
            Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return first ?? 1024 > 80
    }

    @Test(.enabled(if: keepsLowPorts, "every user may listen on every port here"))
    func `a port below 1024 without the right to it is named as that`() async throws {
        let data = try TemporaryFolder()
        let serve = ["serve", "--data", data.path, "--listen", "127.0.0.1:80"]
        let lose = ["--bounding-set=-all", "--inh-caps=-all", WharfProcess.binary]
        var command = geteuid() == 0 ? Command("setpriv", lose + serve) : WharfProcess.command(serve)
        command.timeout = .seconds(20)
        let refused = try await command.run()
        #expect(refused.status == 1)
        let sentence = "This user may not listen on port 80: ports below 1024 need the right CAP_NET_BIND_SERVICE"
        #expect(refused.standardError.contains(sentence), "\(refused)")
        withExtendedLifetime(data) {}
    }

    @Test func `a certificate that is not there is named as that, by the server and by the check`() async throws {
        let data = try TemporaryFolder()
        let certificate = try await TestCertificate()
        let flags = ["--tls-certificate", "/nowhere/chain.pem", "--tls-key", certificate.keyFile]
        for arguments in [["serve", "--data", data.path, "--listen", "127.0.0.1:0"], ["config", "check"]] {
            var command = WharfProcess.command(arguments + flags)
            command.timeout = .seconds(20)
            let refused = try await command.run()
            #expect(refused.status == 1)
            #expect(refused.standardError.contains("/nowhere/chain.pem"), "\(refused)")
            #expect(refused.standardError.contains("does not exist"), "\(refused)")
        }
        withExtendedLifetime(data) {}
    }

    @Test func `a folder of a newer version is refused and left as it is`() async throws {
        let data = try TemporaryFolder()
        let first = try await WharfProcess.start(data: data.path)
        #expect(await first.stop() == 0)
        try "999\n".write(toFile: "\(data.path)/version", atomically: true, encoding: .utf8)
        let refused = try await Self.refusal(data.path)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("999"))
        #expect(try String(contentsOfFile: "\(data.path)/version", encoding: .utf8) == "999\n")
        withExtendedLifetime(data) {}
    }

    @Test func `a damaged database is refused and named as that`() async throws {
        let data = try TemporaryFolder()
        let first = try await WharfProcess.start(data: data.path)
        #expect(await first.stop() == 0)
        let file = "\(data.path)/wharf.sqlite"
        try Data(repeating: 0x5A, count: 8192).write(to: URL(fileURLWithPath: file))
        let refused = try await Self.refusal(data.path)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("database"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(repeating: 0x5A, count: 8192))
        withExtendedLifetime(data) {}
    }

    @Test func `a file in place of the folder is refused`() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/file"
        try "text".write(toFile: file, atomically: true, encoding: .utf8)
        let refused = try await Self.refusal(file)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("is not a folder"))
        withExtendedLifetime(folder) {}
    }

    @Test func `on an address that others can reach a login is needed, and the password is said once`() async throws {
        let data = try TemporaryFolder()
        var passwords: [String] = []
        for _ in 0..<2 {
            let server = try await WharfProcess.start(data: data.path, listen: "0.0.0.0:\(FreePort.find())")
            let lines = server.process.standardOutput.split(separator: "\n").map(String.init)
            passwords += lines.filter { $0.hasPrefix("password: ") }.map { String($0.dropFirst("password: ".count)) }
            let port = try #require(server.authority.split(separator: ":").last.flatMap { Int($0) })
            let client = TestHTTPClient(port: port)
            let stranger = try await client.send(TestRequest("GET", "/v2/"))
            #expect(stranger.status == 401)
            #expect(stranger[header: "WWW-Authenticate"]?.hasPrefix("Bearer realm=\"http://") == true)
            let basic = Data("admin:\(passwords.first ?? "")".utf8).base64EncodedString()
            let known = try await client.send(
                TestRequest("GET", "/v2/", headers: [("Authorization", "Basic \(basic)")])
            )
            #expect(known.status == 200)
            #expect(server.process.standardError.contains("in the clear"), "\(server.log)")
            #expect(await server.stop() == 0)
        }
        #expect(passwords.count == 1, "\(passwords.count)")
        withExtendedLifetime(data) {}
    }

    @Test func `a database of a newer version is refused and left as it is`() async throws {
        let folder = try TemporaryFolder()
        let first = try await WharfProcess.serve(folder.path)
        #expect(await first.stop() == 0)
        try await DatabaseFile(folder.path).change("INSERT INTO schema_version (version) VALUES (99)")
        for arguments in [["serve", "--listen", "127.0.0.1:0"], ["storage", "verify"]] {
            let refused = try await WharfProcess.command(arguments + ["--data", folder.path]).run()
            #expect(refused.status == 1)
            #expect(refused.standardError.contains("99"), "\(refused)")
            #expect(refused.standardError.contains("run a newer wharf"), "\(refused)")
        }
    }
}
