import Foundation
import RegistryTesting
import Testing

/// What the Tab key brings, in the shells themselves and as the program answers them.
@Suite(.serialized) struct CompletionTests {
    @Test func `commands, options and values are completed`() async throws {
        let folder = try TemporaryFolder()
        func words(_ line: String) async throws -> [String] {
            let command = WharfProcess.command(["complete", "--line", line], environment: ["HOME": folder.path])
            return try await command.output().split(separator: "\n").map { line in
                String(line.prefix { $0 != "\t" })
            }
        }
        #expect(try await words("wharf dig") == ["digest"])
        #expect(try await words("wharf user c") == ["create", "change"])
        #expect(try await words("wharf digest x --plat") == ["--platform"])
        #expect(try await words("wharf digest x --platform linux/arm/").sorted() == ["linux/arm/v6", "linux/arm/v7"])
        // What runs by default is as good as named.
        #expect(try await words("wharf tag hist") == ["history"])
        #expect(try await words("wharf tag history x --lo") == ["--long"])
        #expect(try await words("wharf tag --only") == ["--only-new"])
        #expect(try await words("wharf tag --only-new --only") == [])
        #expect(try await words("wharf tag --output=j") == ["--output=json"])
        #expect(try await words("wharf tag rollback --on") == [])
        #expect(try await words("wharf list -o ") == ["table", "json", "yaml"])
        #expect(try await words("wharf list --output=y") == ["--output=yaml"])
        // An option that may come once is not offered again, and after -- there are no options.
        #expect(try await words("wharf digest x --platform linux/amd64 --plat") == [])
        #expect(try await words("wharf digest -- --plat") == [])
        #expect(try await words("wharf serve --limits-bytes").contains("--limits-bytes-per-address"))
        // The same by a name besides, behind variables, and behind another command.
        #expect(try await words("wharf cp x y --all-t") == ["--all-tags"])
        #expect(try await words("wharf list x | wharf dig") == ["digest"])
        #expect(try await words("wharf frobnicate ") == [])
        #expect(try await words("wharf digest oc") == ["oci:", "oci-archive:"])
    }

    @Test func `registries that are known, their repositories and tags are completed`() async throws {
        try await withImages { home, registry in
            func answer(_ line: String) async throws -> [String] {
                let command = WharfProcess.command(["complete", "--line", line], environment: ["HOME": home])
                let result = try await command.run()
                #expect(result.status == 0 && result.standardError == "", "\(result)")
                return result.standardOutput.split(separator: "\n").map(String.init)
            }
            let hosts = try await answer("wharf digest ")
            #expect(hosts.contains("\(registry)/") && hosts.contains("docker.io/") && hosts.contains("localhost:5000/"))
            #expect(try await answer("wharf login loc") == ["localhost:5000"])
            let images = ["other:", "team/app:", "team/web:"].map { "\(registry)/\($0)" }
            #expect(try await answer("wharf digest \(registry)/") == images)
            #expect(try await answer("wharf list \(registry)/te") == ["\(registry)/team/app", "\(registry)/team/web"])
            let tagged = ["1.0", "1.1", "2.0"].map { "\(registry)/team/app:\($0)" }
            #expect(try await answer("wharf digest \(registry)/team/app:") == tagged)
            #expect(try await answer("wharf digest \(registry)/team/app:1.1") == ["\(registry)/team/app:1.1"])
            #expect(try await answer("wharf digest \(registry)/none:") == [])
        }
    }

    @Test func `tags of a layout and names of logins are completed`() async throws {
        let folder = try TemporaryFolder()
        let home = folder.path
        func answer(_ line: String) async throws -> [String] {
            let command = WharfProcess.command(["complete", "--line", line], environment: ["HOME": home])
            return try await command.output().split(separator: "\n").map(String.init)
        }
        try FileManager.default.createDirectory(atPath: "\(home)/images", withIntermediateDirectories: true)
        let digest = "sha256:" + String(repeating: "0", count: 64)
        let lines = ["1.0", "1.1", "2.0"].map { tag in
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":2,"#
                + #""annotations":{"org.opencontainers.image.ref.name":"\#(tag)"}}"#
        }
        for (name, text) in [
            ("images/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#),
            ("images/index.json", #"{"schemaVersion":2,"manifests":[\#(lines.joined(separator: ","))]}"#),
        ] { try text.write(toFile: "\(home)/\(name)", atomically: true, encoding: .utf8) }
        let layout = "oci:\(home)/images"
        #expect(try await answer("wharf copy \(layout):1") == ["\(layout):1.0", "\(layout):1.1"])
        #expect(try await answer("wharf digest \(layout):") == ["1.0", "1.1", "2.0"].map { "\(layout):\($0)" })
        #expect(try await answer("wharf digest \(layout)") == ["\tfolders\toci:"])
        #expect(try await answer("wharf digest oci:\(home)/none:") == [])

        try FileManager.default.createDirectory(atPath: "\(home)/.docker", withIntermediateDirectories: true)
        let auths = ["alice", "bob"].map { name in
            #""\#(name).example":{"auth":"\#(Data("\(name):secret".utf8).base64EncodedString())"}"#
        }
        try "{\"auths\":{\(auths.joined(separator: ","))}}".write(
            toFile: "\(home)/.docker/config.json",
            atomically: true,
            encoding: .utf8
        )
        #expect(try await answer("wharf login alice.example --user ") == ["alice", "bob"])
        #expect(try await answer("wharf login alice.example -u a") == ["alice"])
        #expect(try await answer("wharf logout b") == ["bob.example"])
    }

    @Test func `a registry that does not answer keeps nobody waiting`() async throws {
        let folder = try TemporaryFolder()
        // A port that takes connections and says nothing.
        let silent = try Command(
            "/usr/bin/python3",
            [
                "-c",
                """
                import socket, time
                listener = socket.create_server(("127.0.0.1", 0))
                print(listener.getsockname()[1], flush=True)
                time.sleep(60)
                """,
            ]
        ).start()
        try await silent.waitUntil("the port is told", within: .seconds(20)) {
            silent.standardOutput.hasSuffix("\n")
        }
        let port = silent.standardOutput.split(separator: "\n")[0]
        let start = ContinuousClock.now
        let command = WharfProcess.command(
            ["complete", "--line", "wharf digest 127.0.0.1:\(port)/"],
            environment: ["HOME": folder.path]
        )
        let result = try await command.run()
        #expect(result.status == 0 && result.standardOutput == "" && result.standardError == "", "\(result)")
        #expect(ContinuousClock.now - start < .seconds(10))
        await silent.kill()
    }

    // MARK: The shells

    @Test(arguments: ["bash", "zsh"])
    func `the Tab key completes a line`(shell: String) async throws {
        try await withImages { home, registry in
            let begun = String(registry.dropLast())
            for (line, whole) in [
                ("wharf dig", "wharf digest"),
                ("wharf digest \(begun)", "wharf digest \(registry)/"),
                ("wharf digest \(registry)/o", "wharf digest \(registry)/other:"),
                ("wharf digest \(registry)/o^I", "wharf digest \(registry)/other:x"),
                ("wharf cp --plain-http \(registry)/te", "wharf cp --plain-http \(registry)/team/"),
                ("wharf copy \(registry)/team/app:2", "wharf copy \(registry)/team/app:2.0"),
                ("wharf list x --output=j", "wharf list x --output=json"),
                ("wharf copy oci:imag", "wharf copy oci:images"),
                ("wharf list x --ca autho", "wharf list x --ca authority.pem"),
                ("wharf list x --ca=my\\ au", "wharf list x --ca=my\\ authority.pem"),
            ] {
                let become = try await typed(line, in: shell, at: home)
                #expect(become == whole)
            }
        }
    }

    @Test func `fish completes a line`() async throws {
        try await withImages { home, registry in
            for (line, words) in [
                ("wharf dig", ["digest"]),
                ("wharf digest \(registry)/", ["other:", "team/app:", "team/web:"].map { "\(registry)/\($0)" }),
                ("wharf digest \(registry)/team/app:1", ["1.0", "1.1"].map { "\(registry)/team/app:\($0)" }),
                ("wharf list x --output=j", ["--output=json"]),
                ("wharf copy oci:imag", ["oci:images/"]),
                ("wharf list x --ca=autho", ["--ca=authority.pem"]),
            ] {
                let script = try await script(for: "fish", at: home)
                var command = shellCommand("fish", ["-c", "cd $HOME; source \(script); complete -C '\(line)'"], home)
                command.timeout = .seconds(60)
                let found = try await command.output().split(separator: "\n").map { $0.prefix { $0 != "\t" } }
                #expect(found.map(String.init) == words, "\(line)")
            }
        }
    }

    /// What a line has become that was typed into a shell and ended with the Tab key.
    private func typed(_ line: String, in shell: String, at home: String) async throws -> String {
        let program = URL(filePath: #filePath).deletingLastPathComponent().path + "/complete.py"
        let script = try await script(for: shell, at: home)
        let command = shellCommand("/usr/bin/python3", [program, shell, script, home, line], home)
        let output = try await command.output()
        // Whether a space or a slash stands behind a word differs between shells.
        var text = output.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasSuffix("]") else { return output }
        text.removeLast()
        text = text.trimmingCharacters(in: .whitespaces)
        return text.hasSuffix("images/") ? String(text.dropLast()) : text
    }

    private func script(for shell: String, at home: String) async throws -> String {
        let path = "\(home)/completion.\(shell)"
        let text = try await WharfProcess.command(["completion", shell]).output()
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// A program that finds the wharf of these tests first.
    private func shellCommand(_ program: String, _ arguments: [String], _ home: String) -> Command {
        let folder = URL(filePath: WharfProcess.binary).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return Command(program, arguments, environment: ["HOME": home, "PATH": "\(folder):\(path)"])
    }

    /// A registry with some images, and a home folder that knows it.
    private func withImages(_ body: (_ home: String, _ registry: String) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let home = "\(folder.path)/home"
        try FileManager.default.createDirectory(atPath: "\(home)/.docker", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: "\(home)/images", withIntermediateDirectories: true)
        for file in ["authority.pem", "my authority.pem"] {
            try "".write(toFile: "\(home)/\(file)", atomically: true, encoding: .utf8)
        }
        let server = try await WharfProcess.start(data: "\(folder.path)/data")
        let registry = server.authority
        try #"{"auths":{"\#(registry)":{},"https://index.docker.io/v1/":{}}}"#.write(
            toFile: "\(home)/.docker/config.json",
            atomically: true,
            encoding: .utf8
        )
        let client = TestHTTPClient(port: Int(registry.split(separator: ":").last ?? "") ?? 0)
        let type = "application/vnd.oci.image.index.v1+json"
        let index = Array(#"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[]}"#.utf8)
        for name in ["team/app:1.0", "team/app:1.1", "team/app:2.0", "team/web:1", "other:x"] {
            let path = "/v2/\(name.replacing(":", with: "/manifests/"))"
            let headers = [("Content-Type", type), ("Content-Length", "\(index.count)")]
            let answer = try await client.send(TestRequest("PUT", path, headers: headers, body: index))
            #expect(answer.status == 201, "\(answer.text)")
        }
        do {
            try await body(home, registry)
        } catch {
            await server.kill()
            throw error
        }
        #expect(await server.stop() == 0)
    }
}
