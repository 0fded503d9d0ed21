import Foundation
import RegistryTesting
import Testing

@testable import Settings

@Suite struct SecretTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file(_ bytes: some Sequence<UInt8>, named name: String = "secret") throws -> String {
        let path = "\(folder.path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func script(_ lines: String) throws -> String {
        let path = try file("#!/bin/sh\n\(lines)\n".utf8, named: "script")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private func revealed(_ text: String) throws -> String {
        try #require(Secret(settingText: text)).revealed()
    }

    private func problem(_ text: String) throws -> String {
        let secret = try #require(Secret(settingText: text))
        return try #require(throws: Secret.Problem.self) { try secret.revealed() }.description
    }

    @Test(arguments: [
        ("hunter2", "hunter2"), ("text:hunter2", "hunter2"), ("text:file:/x", "file:/x"), ("text:text:", "text:"),
        ("a:b", "a:b"), ("files:/x", "files:/x"), ("with space ", "with space "), ("File:/x", "File:/x"),
    ])
    func `a text that is no reference is the secret`(text: String, secret: String) throws {
        #expect(try revealed(text) == secret)
        #expect("\(try #require(Secret(settingText: text)))" == "<redacted>")
    }

    @Test(arguments: [
        "", "text:", "file:", "env:", "env:A B", "env:1A", "command:", "command: ", "command:relative", "command:[]",
        "command:[\"relative\"]", "command:[\"/x\", 1]", "command:[\"/x\"", "file:/x\u{0}", "<redacted>",
    ])
    func `a reference that names nothing is refused`(text: String) {
        #expect(Secret(settingText: text) == nil)
    }

    @Test(arguments: [
        ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret\n"),
        (" secret ", " secret "),
    ])
    func `a file has the secret, without the newline at its end`(content: String, secret: String) throws {
        #expect(try revealed("file:\(try file(content.utf8))") == secret)
    }

    @Test func `a file that has no secret is named, and nothing of it is told`() throws {
        let empty = try file("\n".utf8, named: "empty")
        let binary = try file([0x68, 0x75, 0x6e, 0x74, 0xff], named: "binary")
        let large = try file([UInt8](repeating: 0x61, count: 65_537), named: "large")
        #expect(try problem("file:/nowhere/x") == "the file /nowhere/x cannot be read: No such file or directory")
        #expect(try problem("file:/") == "the file / cannot be read; is it a folder?")
        #expect(try problem("file:\(empty)") == "the file \(empty) is empty")
        #expect(try problem("file:\(binary)") == "the file \(binary) is not UTF-8 text")
        #expect(try problem("file:\(large)") == "the file \(large) is larger than a secret may be (64 KiB)")
    }

    @Test func `a variable of the environment has the secret`() throws {
        setenv("WHARFTEST_SECRET", "hunter2", 1)
        defer { unsetenv("WHARFTEST_SECRET") }
        #expect(try revealed("env:WHARFTEST_SECRET") == "hunter2")
        #expect(try problem("env:WHARFTEST_NONE") == "the environment has no variable WHARFTEST_NONE")
    }

    @Test func `a command writes the secret, without a shell and with little around it`() throws {
        #expect(try revealed("command:/bin/echo hunter2 $HOME *") == "hunter2 $HOME *")
        #expect(try revealed(#"command:["/bin/echo", "a  b", ""]"#) == "a  b ")
        setenv("WHARFTEST_OTHER", "hunter2", 1)
        defer { unsetenv("WHARFTEST_OTHER") }
        let names = try revealed("command:/usr/bin/env").split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names) == ["PATH", "HOME", "LANG"])
        let script = try script("cat; ls /proc/self/fd | wc -l; cut -d ' ' -f 5 /proc/$$/stat; echo $$")
        let lines = try revealed("command:\(script)").split(separator: "\n")
        #expect(lines.first == "4", "three standard streams and the folder that ls reads: \(lines)")
        #expect(lines.count == 3 && lines[1] == lines[2], "a process group of its own: \(lines)")
    }

    @Test func `a command that fails is told with its complaint and never with its output`() throws {
        let path = try script("echo hunter2; printf 'no\\033[1m key\\nhere\\n' >&2; exit 3")
        #expect(try problem("command:\(path)") == "the command \(path) ended with status 3: no [1m key here")
        let killed = try script("echo hunter2; kill -9 $$")
        #expect(try problem("command:\(killed)") == "the command \(killed) was ended by signal 9")
        #expect(
            try problem("command:/nowhere/x a")
                == "the command /nowhere/x cannot be started: No such file or directory"
        )
        #expect(try problem("command:/bin/true") == "the output of /bin/true is empty")
    }

    @Test func `a command that writes without end is ended`() throws {
        #expect(
            try problem("command:/usr/bin/yes")
                == "the command /usr/bin/yes writes more than a secret may have (64 KiB)"
        )
        let loud = try script("head -c 1000000 /dev/zero >&2; echo hunter2")
        #expect(try revealed("command:\(loud)") == "hunter2")
    }

    @Test func `a command that takes too long is ended with all that it has started`() async throws {
        let marker = "\(folder.path)/children"
        let path = try script("sleep 600 & echo $! > \(marker); echo waiting >&2; wait")
        let started = ContinuousClock.now
        let error = #expect(throws: Secret.Problem.self) {
            try SecretCommand([path], timeMax: .milliseconds(500)).output()
        }
        #expect(error?.description == "the command \(path) did not end within 0.5 seconds: waiting")
        #expect(ContinuousClock.now - started < .seconds(5))
        let text = try String(contentsOfFile: marker, encoding: .utf8)
        let child = try #require(pid_t(text.split(separator: "\n").first ?? ""))
        let end = ContinuousClock.now + .seconds(5)
        while Self.isRunning(child), ContinuousClock.now < end { await Task.yield() }
        #expect(!Self.isRunning(child))
    }

    /// Whether a process runs; one that nobody has waited for yet does not.
    private static func isRunning(_ process: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return !status.contains(") Z ")
    }
}

@Suite struct SecretSettingTests {
    @Test(arguments: [
        ("file:/run/secrets/admin", "file:/run/secrets/admin"),
        ("{file: /run/secrets/admin}", "file:/run/secrets/admin"),
        ("{env: ADMIN}", "env:ADMIN"), ("{command: [/bin/echo, a, b]}", "command:/bin/echo a b"),
        ("{command: /bin/echo a b}", "command:/bin/echo a b"),
        ("{command: [/bin/echo, a b]}", "command:[\"/bin/echo\",\"a b\"]"),
        ("hunter22", "<redacted>"), ("{text: 'file:/hunter22'}", "<redacted>"), ("12345678", "<redacted>"),
    ])
    func `the reference is shown, and never a secret`(yaml: String, shown: String) throws {
        let loaded = try load(yaml: "access:\n  admin-password: \(yaml)\n")
        #expect(loaded.yaml().contains("  admin-password: \(JSONText.quoted(shown))  # wharf.yaml:2\n"))
        #expect("\(loaded.settings)".contains(shown))
        var dumped = ""
        dump(loaded, to: &dumped)
        #expect(!(loaded.yaml() + "\(loaded)" + dumped).contains("hunter22"))
        guard shown != "<redacted>" else { return }
        #expect(try load(yaml: loaded.yaml()).settings.access.adminPassword == loaded.settings.access.adminPassword)
    }

    @Test func `flags and variables take references too`() throws {
        let byVariable = try load(["WHARF_ACCESS_ADMIN_PASSWORD": "file:/a"])
        #expect(byVariable.settings.access.adminPassword == Secret(.file("/a")))
        let byFlag = try load(["WHARF_ACCESS_ADMIN_PASSWORD": "file:/a"], ["--access-admin-password", "env:B"])
        #expect(byFlag.settings.access.adminPassword == Secret(.environment("B")))
    }

    @Test(arguments: [
        "{files: hunter22}", "{file: hunter22, env: hunter22}", "{command: [hunter22]}", "{env: [hunter22]}", "{}",
    ])
    func `what is no reference is refused, and not repeated`(yaml: String) throws {
        let error = try #require(throws: SettingsError.self) { try load(yaml: "access: {admin-password: \(yaml)}") }
        #expect(error.problems.map(\.code) == [.wrongValue])
        #expect(error.description.hasPrefix("wharf.yaml:1: access.admin-password is "))
        #expect(!error.description.contains("hunter22"))
    }

    @Test func `what is no secret may not be a mapping of this kind`() throws {
        let error = try #require(throws: SettingsError.self) { try load(yaml: "http: {listen: {file: /x}}") }
        #expect(error.description == "wharf.yaml:1: unknown key http.listen.file; the nearest is http.listen")
    }

    @Test func `checking says which secret cannot be had, by its key and where it was said`() throws {
        let loaded = try load(yaml: "access:\n  admin-password: {file: /nowhere/admin}\n")
        let error = #expect(throws: SettingsError.self) { try loaded.checkFiles() }
        #expect(error?.problems.map(\.code) == [.unavailableSecret])
        let message = "access.admin-password: the file /nowhere/admin cannot be read: No such file or directory"
        #expect(error?.description == "wharf.yaml:2: \(message)")
        try load(yaml: "access: {admin-password: {command: [/bin/echo, hunter22]}}").checkFiles()
    }
}
