import Foundation
import RegistryTesting
import Testing

/// `wharf certs`, as somebody types it.
@Suite struct CertsCommandTests {
    private let folder: TemporaryFolder
    private var out: String { "\(folder.path)/certs" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func make(_ arguments: [String] = ["--name", "registry.example.com"]) async throws -> CommandResult {
        try await WharfProcess.command(["certs", "make", "--out", out] + arguments).run()
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(out)/\(name)", encoding: .utf8)
    }

    private func rights(_ name: String) throws -> Int {
        let facts = try FileManager.default.attributesOfItem(atPath: "\(out)/\(name)")
        return try #require(facts[.posixPermissions] as? Int)
    }

    @Test func `four files are made, and the keys are for their owner alone`() async throws {
        let result = try await make(["--name", "registry.example.com", "--name", "10.0.0.7", "--days", "30"])
        #expect(result.status == 0, "\(result)")
        let names = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
        #expect(names == ["ca.key", "ca.pem", "server.key", "server.pem"])
        #expect(try rights("ca.key") == 0o600 && rights("server.key") == 0o600)
        #expect(try rights("ca.pem") == 0o644 && rights("server.pem") == 0o644)
        for name in [["-verify_hostname", "registry.example.com"], ["-verify_ip", "10.0.0.7"]] {
            #expect(try await OpenSSL.verifies("\(out)/server.pem", by: "\(out)/ca.pem", name))
        }
        #expect(try text("server.pem").components(separatedBy: "BEGIN CERTIFICATE").count == 3)
        for key in ["ca.key", "server.key"] {
            #expect(!result.standardOutput.contains(try text(key).split(separator: "\n")[1]))
        }
        #expect(result.standardOutput.contains("--tls-certificate \(out)/server.pem --tls-key \(out)/server.key"))
    }

    @Test func `a renewal leaves the CA as it is`() async throws {
        #expect(try await make().status == 0)
        let (authority, key, server) = (try text("ca.pem"), try text("ca.key"), try text("server.pem"))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(out)/server.key")
        let result = try await make(["--name", "other.example.com"])
        #expect(result.status == 0, "\(result)")
        #expect(try text("ca.pem") == authority && text("ca.key") == key && text("server.pem") != server)
        #expect(try await OpenSSL.verifies("\(out)/server.pem", by: "\(out)/ca.pem"))
        #expect(result.standardOutput.contains("go on as they are"))
        // The group that a server belongs to still reads its key.
        #expect(try rights("server.key") == 0o640)
    }

    @Test func `a CA of which a crash left the key alone is made again from it`() async throws {
        #expect(try await make().status == 0)
        let old = try text("ca.pem")
        let server = try text("server.pem")
        try FileManager.default.removeItem(atPath: "\(out)/ca.pem")
        _ = try folder.put("half", "certs/.server.key.new")
        #expect(try await make().status == 0)
        #expect(try text("ca.pem") != old && text("server.pem") != server)
        #expect(try await OpenSSL.verifies("\(out)/server.pem", by: try folder.put(old, "old.pem")))
        #expect(try FileManager.default.contentsOfDirectory(atPath: out).count == 4)
    }

    @Test(arguments: [
        ("ca.key", "no key", "ca.key: it holds no private key"), ("ca.key", nil, "ca.key is not there, but ca.pem is"),
        ("ca.key", "other", "ca.key does not belong to ca.pem"),
        ("ca.pem", "nothing", "ca.pem: it holds nothing in PEM"),
        ("server.pem", "of somebody else", "server.pem was not made by the CA"),
        ("server.pem", nil, "server.key was not made by the CA"),
    ])
    func `what is damaged or somebody else's is named and stays`(
        name: String,
        content: String?,
        sentence: String
    ) async throws {
        #expect(try await make().status == 0)
        try FileManager.default.removeItem(atPath: "\(out)/\(name)")
        if content == "other" {
            let other = "\(folder.path)/other"
            let arguments = ["certs", "make", "--out", other, "--name", "a.example"]
            #expect(try await WharfProcess.command(arguments).run().status == 0)
            try FileManager.default.copyItem(atPath: "\(other)/ca.key", toPath: "\(out)/ca.key")
        } else if let content {
            _ = try folder.put(content, "certs/\(name)")
        }
        let before = try contents()
        let result = try await make()
        #expect(result.status != 0)
        #expect(result.standardError.contains(sentence), "\(result.standardError)")
        #expect(result.standardOutput.isEmpty && !result.standardError.contains("BEGIN"))
        #expect(try contents() == before)
    }

    private func contents() throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: out)
        return Dictionary(uniqueKeysWithValues: try names.map { ($0, try text($0)) })
    }

    @Test(arguments: [
        (["--name", "a b"], "neither a host name nor an IP address"), ([], "--name"),
        (["--name", "a.example", "--days", "826"], "825"), (["--name", "a.example", "--days", "0"], "825"),
        (["--name", "a.example", "--port", "0"], "65535"),
    ])
    func `a wrong argument makes nothing`(arguments: [String], sentence: String) async throws {
        let result = try await make(arguments)
        #expect(result.status != 0 && result.standardError.contains(sentence), "\(result)")
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test func `a file in the place of the folder is named`() async throws {
        _ = try folder.put("", "certs")
        let result = try await make()
        let sentence = "The folder \(out) cannot be made: something else has this name."
        #expect(result.status != 0 && result.standardError.contains(sentence), "\(result)")
    }

    @Test func `one at a time works in a folder`() async throws {
        let out = out
        let results = try await withThrowingTaskGroup(of: CommandResult.self) { group in
            for _ in 0..<8 {
                let arguments = ["certs", "make", "--out", out, "--name", "a.example"]
                group.addTask { try await WharfProcess.command(arguments).run() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.contains { $0.status == 0 })
        #expect(results.allSatisfy { $0.status == 0 || $0.standardError.contains("Another `wharf certs make`") })
        #expect(try await OpenSSL.verifies("\(out)/server.pem", by: "\(out)/ca.pem"))
        let pair = try await Command(OpenSSL.path, ["pkey", "-in", "\(out)/server.key", "-pubout"]).output()
        #expect(try await OpenSSL.text("\(out)/server.pem", ["-pubkey"]) == pair)
    }

    @Test(.enabled(if: MountedFolder.isPossible, "this process may not mount a file system"))
    func `a full disk and a read-only one are named, and leave what was there`() async throws {
        let disk = try MountedFolder(byteCount: 1 << 16)
        func make() async throws -> CommandResult {
            try await WharfProcess.command(["certs", "make", "--out", "\(disk.path)/c", "--name", "a.example"]).run()
        }
        #expect(try await make().status == 0)
        let server = try String(contentsOfFile: "\(disk.path)/c/server.pem", encoding: .utf8)
        // All that is left, to the last byte.
        _ = try await Command("/bin/dd", ["if=/dev/zero", "of=\(disk.path)/filler", "bs=512"]).run()
        let full = try await make()
        #expect(full.status != 0 && full.standardError.contains("the disk is full"), "\(full)")
        #expect(try String(contentsOfFile: "\(disk.path)/c/server.pem", encoding: .utf8) == server)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(disk.path)/c").count == 4)

        try disk.makeReadOnly()
        let readOnly = try await make()
        #expect(readOnly.status != 0 && readOnly.standardError.contains("read-only"), "\(readOnly)")
        #expect(try String(contentsOfFile: "\(disk.path)/c/server.pem", encoding: .utf8) == server)
    }

    @Test func `show prints what the certificates of a file say`() async throws {
        #expect(try await make(["--name", "registry.example.com", "--name", "::1", "--days", "30"]).status == 0)
        let result = try await WharfProcess.command(["certs", "show", "\(out)/server.pem"]).run()
        #expect(result.status == 0, "\(result)")
        let said = try await OpenSSL.text("\(out)/server.pem", ["-serial", "-fingerprint", "-sha256"])
        let fingerprint = try #require(said.split(separator: "=").last).trimmingCharacters(in: .whitespacesAndNewlines)
        let issuer = "CN=wharf private CA "
        for line in ["names:         registry.example.com, ::1\n", "days left:     ", "issuer:        \(issuer)"] {
            #expect(result.standardOutput.contains(line), "\(line) in \(result.standardOutput)")
        }
        #expect(result.standardOutput.contains(/days left: +(29|30)\n/))
        #expect(result.standardOutput.contains("SHA-256:       \(fingerprint)\n"))
        #expect(result.standardOutput.contains("names:         none: it is a CA\n"))
    }

    @Test func `show says why it cannot`() async throws {
        #expect(try await make().status == 0)
        for (file, sentence) in [
            ("\(out)/nowhere", "No such file"), ("\(out)/ca.key", "no certificate, but a PRIVATE KEY"),
            (out, "cannot be read"), ("/dev/null", "nothing in PEM"), ("/dev/zero", "longer than"),
        ] {
            let result = try await WharfProcess.command(["certs", "show", file]).run()
            #expect(result.status != 0 && result.standardError.contains(sentence), "\(result)")
            #expect(result.standardError.contains(file) && !result.standardError.contains("BEGIN"))
        }
    }
}
