import Foundation
import RegistryTesting
import Testing

/// How commands find a server, and what they say when they do not.
@Suite struct ConnectionTests {
    @Test func `without a server the sentence says what to do`() async throws {
        let folder = try TemporaryFolder()
        func list(_ arguments: String..., environment: [String: String] = [:]) async throws -> CommandResult {
            try await WharfProcess.command(["user", "list"] + arguments, environment: environment).run()
        }
        let none = try await list("--data", folder.path).sentence(5)
        #expect(none.contains("There is no socket \(folder.path)/admin.sock") && none.contains("wharf serve"))
        let byVariable = try await list(environment: ["WHARF_STORAGE_DATA": folder.path]).sentence(5)
        #expect(byVariable == none)

        let port = try FreePort.find()
        let login = ["WHARF_USER": "admin", "WHARF_PASSWORD": "wrong", "WHARF_SERVER": "http://127.0.0.1:\(port)"]
        #expect(try await list(environment: login).sentence(5).contains("127.0.0.1:\(port) refused the connection"))
        let name = ["--server", "http://registry.invalid", "--user", "admin"]
        let unknown = try await WharfProcess.command(["user", "list"] + name, environment: login).run()
        #expect(unknown.sentence(5).contains("no host named registry.invalid"))

        #expect(try await list("--data", "a", "--server", "b").sentence(64).contains("give one of them"))
        #expect(try await list("--data", "a", "--user", "b").sentence(64).contains("--server URL"))
        #expect(try await list("--server", "registry:5000", "--user", "a").sentence(64).contains("https://"))
        #expect(try await list("--server", "https://registry").sentence(64).contains("--user NAME"))
    }

    @Test func `a server that was killed leaves a socket, of which the sentence speaks`() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: folder.path, arguments: ["--access-required"])
        await server.kill()
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/admin.sock"))
        let result = try await WharfProcess.command(["user", "list", "--data", folder.path]).run()
        #expect(result.sentence(5).contains("Nobody answers at \(folder.path)/admin.sock"))
    }

    @Test func `a wrong password is refused, and a password in clear is not taken as an argument`() async throws {
        try await House.run { house in
            let wrong = try await house.remote(as: "admin", "wrong", "user", "list")
            #expect(wrong.sentence(4).contains("credentials are wrong: look at admin's name and password"))
            let right = try await house.remote(as: "admin", house.adminPassword, "user", "list")
            #expect(right.status == 0 && right.standardOutput.table.count == 2, "\(right)")
            let place = ["--server", house.server.address, "--user", "admin"]
            let asked = try await house.wharf(["user", "list"] + place)
            #expect(asked.sentence().contains("--password-stdin"))
            let given = try await house.wharf(
                ["user", "list", "--password-stdin"] + place,
                input: "\(house.adminPassword)\n"
            )
            #expect(given.status == 0, "\(given)")
            let argument = try await house.wharf(["user", "list", "--password", house.adminPassword] + place)
            #expect(argument.status == 64)
        }
    }

    @Test func `another user of the machine is told that the socket is not for them`() async throws {
        try #require(geteuid() == 0, "another user can be tried by root alone: sudo make test")
        try await House.run { house in
            let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups", WharfProcess.binary]
            let open = [0o700, 0o755]
            for rights in open {
                // The folder that the data folder lies in is open to all.
                try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: house.data)
                let result = try await Command(
                    "/usr/bin/setpriv",
                    nobody + ["user", "list", "--data", house.data]
                ).run()
                #expect(result.sentence().contains("This user may not open \(house.data)/admin.sock"))
            }
        }
    }

    @Test func `a certificate must be good for the server, by the system or by the file of its CA`() async throws {
        let folder = try TemporaryFolder()
        let certs = "\(folder.path)/certs"
        try await WharfProcess.command(["certs", "make", "--name", "localhost", "--out", certs]).output()
        let server = try await WharfProcess.start(
            data: "\(folder.path)/data",
            arguments: [
                "--access-required", "--tls-certificate", "\(certs)/server.pem", "--tls-key", "\(certs)/server.key",
            ]
        )
        let line = server.process.standardOutput.split(separator: "\n").first { $0.hasPrefix("password: ") }
        let password = String(try #require(line).dropFirst("password: ".count))
        let port = try #require(server.authority.split(separator: ":").last)
        func whoami(_ host: String, _ flags: String...) async throws -> CommandResult {
            let place = ["--server", "\(host):\(port)", "--user", "admin"]
            return try await WharfProcess.command(
                ["whoami"] + place + flags,
                environment: ["WHARF_PASSWORD": password]
            ).run()
        }
        let unknown = try await whoami("https://localhost").sentence(5)
        #expect(unknown.contains("not from an authority that is trusted") && unknown.contains("--ca FILE"))
        #expect(try await whoami("https://localhost", "--ca", "\(certs)/ca.pem").standardOutput.contains("user:admin"))
        let other = try await whoami("https://127.0.0.1", "--ca", "\(certs)/ca.pem").sentence(5)
        #expect(other.contains("certificate is for another name"), "\(other)")
        #expect(try await whoami("https://127.0.0.1", "--insecure").standardOutput.contains("user:admin"))
        #expect(try await whoami("https://localhost", "--ca", "/nowhere").sentence(5).contains("/nowhere"))
        #expect(try await whoami("http://localhost").status == 5)
        await server.stop()
    }

    @Test func `an answer that is lost is asked for again, and nothing is made twice`() async throws {
        try await House.run { house in
            let script = URL(filePath: #filePath).deletingLastPathComponent().path + "/losing_proxy.py"
            let proxy = try Command("/usr/bin/python3", [script, "\(house.port)"]).start()
            try await proxy.waitUntil("the proxy listens") { proxy.standardOutput.hasSuffix("\n") }
            let port = try #require(proxy.standardOutput.split(separator: "\n").first)
            let place = ["--server", "http://127.0.0.1:\(port)", "--user", "admin"]
            let made = try await house.wharf(
                ["robot", "create", "ci"] + place,
                ["WHARF_PASSWORD": house.adminPassword]
            )
            #expect(made.status == 0, "\(made)")
            #expect(proxy.standardOutput.contains("lost POST /api/v1/robots\n"))
            #expect(try await house.isKnown("ci", made.standardOutput.trimmingCharacters(in: .newlines)))
            let robot = try await house.output("robot", "list").table
            #expect(robot.count == 2 && robot[1].prefix(3) == ["ci", "open", "1"], "\(robot)")
            await proxy.stop()
        }
    }
}
