import ChildPrograms
import Foundation
import RegistryTesting
import Testing

@testable import ContainerTools

/// A machine in a temporary folder: a home, an `/etc`, a `$PATH`.
final class TestMachine: Sendable {
    let folder: TemporaryFolder
    let machine: Machine

    init(_ environment: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        let path = "\(folder.path)/bin:/usr/local/bin:/usr/bin:/bin"
        machine = Machine(
            environment: ["PATH": path, "KEPT": "\(folder.path)/kept"].merging(environment) { $1 },
            home: "\(folder.path)/home",
            root: "\(folder.path)/root",
            userID: 1000
        )
        try FileManager.default.createDirectory(atPath: machine.home, withIntermediateDirectories: true)
    }

    /// The same machine with other variables.
    func with(_ environment: [String: String]) -> Machine {
        var machine = machine
        machine.environment.merge(environment) { $1 }
        return machine
    }

    /// The path of a file below the home folder, or of another one in this machine.
    func path(_ name: String) -> String {
        name.hasPrefix("/") ? machine.root + name : "\(machine.home)/\(name)"
    }

    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
        let path = path(name)
        let above = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: above, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    /// A program in `$PATH`, of lines for a shell.
    func program(_ name: String, _ lines: String) throws {
        let path = "\(folder.path)/bin/\(name)"
        try FileManager.default.createDirectory(atPath: "\(folder.path)/bin", withIntermediateDirectories: true)
        // Written by another program: a descriptor of ours could live on for a moment in a child of another test, and
        // what is open for writing cannot be run.
        let writer = ChildProgram(
            ["/bin/sh", "-c", "cat > \"$0\" && chmod 755 \"$0\"", path],
            environment: ["PATH=/usr/bin:/bin"],
            input: Array("#!/bin/sh\n\(lines)\n".utf8),
            timeMax: .seconds(20),
            byteCountMax: 0
        )
        #expect(try writer.run().status == .exit(0))
    }

    /// A credential helper that keeps each login in a file of its own.
    func keepingHelper(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/kept", withIntermediateDirectories: true)
        try program(
            "docker-credential-\(name)",
            """
            file() { echo "$KEPT/$(printf %s "$1" | tr '/:' '__')"; }
            none() { echo "credentials not found in native keychain"; exit 1; }
            case "$1" in
            get) cat "$(file "$(cat)")" 2>/dev/null || none ;;
            erase) rm "$(file "$(cat)")" 2>/dev/null || none ;;
            store) login=$(cat); url=$(echo "$login" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/')
                printf %s "$login" > "$(file "$url")" ;;
            list) echo '{"registry.example":"ann","other.example":"bob"}' ;;
            esac
            """
        )
    }

    /// What a helper was given to keep for an address; nil where it has nothing.
    func kept(_ address: String) -> String? {
        let name = String(address.map { "/:".contains($0) ? "_" : $0 })
        return try? String(contentsOfFile: "\(folder.path)/kept/\(name)", encoding: .utf8)
    }

    var logins: LoginStore { LoginStore(machine: machine) }
}

/// Base64, as logins are written.
func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

/// The problem that `body` ends with.
func problem(_ body: () throws -> Void) throws -> ToolFileProblem {
    try #require(throws: ToolFileProblem.self) { try body() }
}
