import Foundation
import RegistryTesting
import Testing

/// `wharf doctor` and `wharf mirror generate` as somebody types them.
@Suite struct DoctorTests {
    /// What a program reads of the result.
    private struct Report: Decodable {
        struct Step: Decodable {
            var step: String
            var state: String
            var seen: String
            var fault: Fault?
        }

        struct Fault: Decodable {
            var code: String
            var mends: [Mend]
        }

        struct Mend: Decodable {
            var tool: String
            var commands: [String]
        }

        var steps: [Step]
        var explanation: Fault?

        var failure: Step? { steps.first { $0.state == "failure" } }
    }

    /// A home folder, and an image in a layout there.
    private struct Home {
        let folder = try? TemporaryFolder()
        var path: String { folder?.path ?? "/nonexistent" }
        var layout: String { "\(path)/layout" }

        /// Runs the program with nothing of this machine's files but what lies under `/etc`.
        func wharf(_ arguments: [String], input: String = "", password: String = "") async throws -> CommandResult {
            var environment = ["HOME": path, "XDG_CONFIG_HOME": "", "XDG_RUNTIME_DIR": path, "DOCKER_CONFIG": ""]
            environment["XDG_DATA_HOME"] = "\(path)/share"
            for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
                environment[name] = ""
            }
            if !password.isEmpty { environment["WHARF_PASSWORD"] = password }
            var command = WharfProcess.command(arguments, environment: environment)
            command.input = Array(input.utf8)
            return try await command.run()
        }

        /// What `doctor` says, and its status.
        func doctor(_ arguments: String...) async throws -> (report: Report, status: Int32) {
            let result = try await wharf(["doctor", "-o", "json", "--timeout", "3"] + arguments)
            let data = Data(result.standardOutput.utf8)
            do {
                return (try JSONDecoder().decode(Report.self, from: data), result.status)
            } catch {
                Issue.record("\(arguments): \(result)")
                throw error
            }
        }

        func writeImage() throws {
            let config = SampleBlob(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#)
            let layer = SampleBlob("a layer")
            let text =
                #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"#
                + config.descriptor("application/vnd.oci.image.config.v1+json") + #","layers":["#
                + layer.descriptor("application/vnd.oci.image.layer.v1.tar") + "]}"
            let manifest = SampleBlob(text)
            let entry = manifest.descriptor(
                "application/vnd.oci.image.manifest.v1+json",
                extra: #","annotations":{"org.opencontainers.image.ref.name":"1.0"}"#
            )
            let folder = "\(layout)/blobs/sha256"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for blob in [config, layer, manifest] {
                try Data(blob.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(blob.digest.dropFirst(7))"))
            }
            try Data(#"{"imageLayoutVersion":"1.0.0"}"#.utf8).write(to: URL(fileURLWithPath: "\(layout)/oci-layout"))
            let index = #"{"schemaVersion":2,"manifests":[\#(entry)]}"#
            try Data(index.utf8).write(to: URL(fileURLWithPath: "\(layout)/index.json"))
        }
    }

    @Test func `an image that can be had is told so, and the nearest tag of one that is not`() async throws {
        let home = Home()
        try home.writeImage()
        let server = try await WharfProcess.start(data: "\(home.path)/data")
        let name = "\(server.authority)/team/app"
        let copied = try await home.wharf(["copy", "oci:\(home.layout):1.0", "\(name):1.0"])
        #expect(copied.status == 0, "\(copied)")
        let text = try await home.wharf(["doctor", "\(name):1.0"])
        #expect(text.status == 0 && text.standardOutput.hasSuffix("\nNothing is in the way.\n"), "\(text)")
        #expect(text.standardOutput.split(separator: "\n").filter { $0.hasPrefix("ok  ") }.count == 14, "\(text)")
        let (report, status) = try await home.doctor("\(name):1.0.0")
        #expect(status == 1 && report.failure?.fault?.code == "tag-unknown", "\(report)")
        let command = try #require(report.failure?.fault?.mends.first?.commands.first)
        #expect(command == "docker pull \(name):1.0")
        let failed = try await home.wharf(["doctor", "\(name):1.0.0"])
        #expect(failed.status == 1 && failed.standardOutput.contains("\n!!  manifest "), "\(failed)")
        #expect(failed.standardOutput.contains("\n--  blob "), "\(failed)")
        #expect(failed.standardOutput.contains("\n    $ docker pull \(name):1.0\n"), "\(failed)")
        await server.stop()
    }

    @Test func `a missing login, a wrong one and a missing right are mended one by one`() async throws {
        try await House.run { house in
            let home = Home()
            try home.writeImage()
            let name = "\(house.server.authority)/team/app:1.0"
            try await house.output("project", "create", "team")
            let password = try await house.secret("user", "create", "alice")
            let missing = try await home.doctor(name).report.failure
            #expect(["login-missing", "denied"].contains(missing?.fault?.code), "\(String(describing: missing))")
            let login = try #require(missing?.fault?.mends.first { $0.tool == "wharf" }?.commands.first)
            #expect(login == "wharf login \(house.server.authority)")
            func logIn(_ user: String, _ password: String) async throws -> CommandResult {
                let words = login.split(separator: " ").dropFirst().map(String.init)
                return try await home.wharf(words + ["--username", user], password: password)
            }
            #expect(try await logIn("alice", password).status == 0)
            let denied = try await home.doctor(name).report.failure
            #expect(denied?.fault?.code == "denied", "\(String(describing: denied))")
            try await house.output("member", "set", "alice", "writer", "--project", "team")
            let copied = try await home.wharf(["copy", "oci:\(home.layout):1.0", name])
            #expect(copied.status == 0, "\(copied)")
            let good = try await home.doctor(name)
            #expect(good.status == 0 && good.report.failure == nil, "\(good)")
            try await house.output("user", "reset-password", "alice")
            let wrong = try await home.doctor(name).report.failure
            #expect(wrong?.fault?.code == "wrong-password", "\(String(describing: wrong))")
            #expect(wrong?.seen.contains("config.json") == true && wrong?.seen.contains(password) == false)
        }
    }

    @Test func `an authority that wharf made is believed where it is named`() async throws {
        let home = Home()
        try home.writeImage()
        let made = try await home.wharf(["certs", "make", "--name", "127.0.0.1", "--out", "\(home.path)/certs"])
        #expect(made.status == 0, "\(made)")
        let files = ["server.pem", "server.key", "ca.pem"].map { "\(home.path)/certs/\($0)" }
        let server = try await WharfProcess.start(
            data: "\(home.path)/data",
            arguments: ["--tls-certificate", files[0], "--tls-key", files[1]]
        )
        let name = "\(server.authority)/team/app:1.0"
        let (report, status) = try await home.doctor(name)
        #expect(status == 1 && report.failure?.fault?.code == "unknown-authority", "\(report)")
        let copied = try await home.wharf(["copy", "--ca", files[2], "oci:\(home.layout):1.0", name])
        #expect(copied.status == 0, "\(copied)")
        // The same file where tools look for it, below the home folder.
        let folder = "\(home.path)/.config/containers/certs.d/\(server.authority)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: files[2], toPath: "\(folder)/ca.crt")
        let good = try await home.doctor(name)
        #expect(good.status == 0, "\(good)")
        await server.stop()
    }

    @Test func `wharf's own limit of pulls is told, first as a warning and then as what it is`() async throws {
        let home = Home()
        try home.writeImage()
        let data = "\(home.path)/data"
        let listen = "127.0.0.1:\(try FreePort.find())"
        let name = "\(listen)/team/app:1.0"
        var server = try await WharfProcess.start(
            data: data,
            listen: listen,
            arguments: ["--limits-pulls-anonymous", "2/6h"]
        )
        let copied = try await home.wharf(["copy", "oci:\(home.layout):1.0", name])
        #expect(copied.status == 0, "\(copied)")
        var code: String?
        for _ in 0..<4 where code != "rate-limited" { code = try await home.doctor(name).report.failure?.fault?.code }
        #expect(code == "rate-limited")
        await server.stop()
        server = try await WharfProcess.start(data: data, listen: listen)
        #expect(try await home.doctor(name).status == 0)
        await server.stop()
    }

    @Test func `a registry whose clock is wrong is told`() async throws {
        let home = Home()
        let script = """
            import http.server
            class Bent(http.server.BaseHTTPRequestHandler):
                def date_time_string(self, timestamp=None): return "Sun, 06 Nov 1994 08:49:37 GMT"
                def do_GET(self):
                    self.send_response(200 if self.path == "/v2/" else 404)
                    self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")
                def log_message(self, *words): pass
            server = http.server.HTTPServer(("127.0.0.1", 0), Bent)
            print(server.server_address[1], flush=True)
            server.serve_forever()
            """
        let server = try Command("/usr/bin/python3", ["-c", script]).start()
        try await server.waitUntil("it says its port") { server.standardOutput.hasSuffix("\n") }
        let port = server.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        let (report, status) = try await home.doctor("127.0.0.1:\(port)/team/app:1.0")
        #expect(status == 1 && report.failure?.step == "clock", "\(report)")
        #expect(report.failure?.fault?.code == "clock-wrong" && report.failure?.seen.contains("days") == true)
        await server.kill()
    }

    @Test func `what another tool has printed is explained without a network`() async throws {
        let home = Home()
        let message = #"Get "https://registry.example:5000/v2/": x509: certificate signed by unknown authority"#
        let told = try await home.wharf(["doctor", "--error", message])
        #expect(told.status == 0 && told.standardOutput.hasPrefix("unknown-authority: "), "\(told)")
        #expect(told.standardOutput.contains("/etc/docker/certs.d/registry.example:5000/ca.crt"), "\(told)")
        let piped = try await home.wharf(["doctor", "--error", "-"], input: "write /x: no space left on device\n")
        #expect(piped.status == 0 && piped.standardOutput.hasPrefix("disk-full: "), "\(piped)")
        let unknown = try await home.wharf(["doctor", "--error", "all is well"])
        #expect(unknown.status == 3 && unknown.standardOutput == "", "\(unknown)")
        #expect(try await home.doctor("--error", "no such host").report.explanation?.code == "no-such-host")
        #expect(try await home.wharf(["doctor"]).status == 64)
    }

    @Test func `each command of wharf that the table names is there, with its flags`() async throws {
        let home = Home()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let page = try String(contentsOf: root.appending(path: "Documentation/doctor.md"), encoding: .utf8)
        let table = page.components(separatedBy: "## The errors").last ?? ""
        let forms = table.matches(of: #/(?m)^\| [a-z-]+ \| `([^`]+)`/#).map { String($0.1).replacing("…", with: "x") }
        #expect(forms.count > 40)
        var commands: Set<String> = []
        for form in forms {
            let mends = try await home.doctor("--error", form).report.explanation?.mends ?? []
            #expect(!mends.isEmpty, "\(form)")
            commands.formUnion(mends.flatMap(\.commands).filter { $0.hasPrefix("wharf ") })
        }
        #expect(commands.count > 10)
        for command in commands {
            let words = command.split(separator: " ").dropFirst().map(String.init)
            let verbs = Array(words.prefix { $0.allSatisfy(\.isLowercase) }.prefix(2))
            let help = try await home.wharf(verbs + ["--help"])
            #expect(help.status == 0 && help.standardOutput.contains("USAGE: wharf \(verbs[0])"), "\(command): \(help)")
            for flag in words where flag.hasPrefix("--") {
                #expect(help.standardOutput.contains("\(flag)"), "\(command): \(flag)")
            }
        }
    }

    @Test func `the files for a mirror are printed, and written with what was there kept`() async throws {
        let home = Home()
        let mirror = "https://mirror.example"
        let root = "\(home.path)/root"
        let daemon = "\(root)/etc/docker/daemon.json"
        try FileManager.default.createDirectory(atPath: "\(root)/etc/docker", withIntermediateDirectories: true)
        let before = #"{"log-level":"warn","registry-mirrors":["https://old.example"]}"#
        try before.write(toFile: daemon, atomically: true, encoding: .utf8)
        let printed = try await home.wharf(["mirror", "generate", mirror, "--root", root])
        #expect(printed.status == 0 && printed.standardOutput.contains("==> \(daemon) <==\n"), "\(printed)")
        #expect(printed.standardOutput.contains("[[registry.mirror]]"), "\(printed)")
        #expect(try String(contentsOfFile: daemon, encoding: .utf8) == before)
        let written = try await home.wharf(["mirror", "generate", mirror, "--root", root, "--write"])
        #expect(written.status == 0, "\(written)")
        let now = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: daemon))) as? [String: Any]
        )
        #expect(now["registry-mirrors"] as? [String] == [mirror, "https://old.example"])
        #expect(now["log-level"] as? String == "warn")
        #expect(try String(contentsOfFile: "\(daemon).bak", encoding: .utf8) == before)
        let hosts = "\(root)/etc/containerd/certs.d/docker.io/hosts.toml"
        #expect(try String(contentsOfFile: hosts, encoding: .utf8).contains("[host.\"https://mirror.example\"]"))
        let rights = try FileManager.default.attributesOfItem(atPath: hosts)[.posixPermissions] as? Int
        #expect(rights == 0o644)
        let again = try await home.wharf(["mirror", "generate", mirror, "--root", root, "--write"])
        #expect(again.status == 0 && !again.standardOutput.contains("written"), "\(again)")
        #expect(!FileManager.default.fileExists(atPath: "\(daemon).bak2"))
    }

    @Test func `Docker is not told of mirrors that it cannot have`() async throws {
        let home = Home()
        let arguments = ["mirror", "generate", "https://mirror.example", "--for", "quay.io", "--root", home.path]
        let all = try await home.wharf(arguments)
        #expect(all.status == 0 && all.standardError.contains("Nothing for Docker"), "\(all)")
        #expect(!all.standardOutput.contains("daemon.json") && all.standardOutput.contains("quay.io"), "\(all)")
        let docker = try await home.wharf(arguments + ["--tool", "docker"])
        #expect(docker.status == 1 && docker.standardOutput == "", "\(docker)")
    }
}
