import Foundation
import RegistryTesting
import Testing

/// What somebody sees who sits at a terminal.
@Suite struct TerminalTests {
    /// Runs a command at a terminal and types `keys`, each when it is asked for something.
    private func type(_ keys: String, _ arguments: [String], at house: House) async throws -> String {
        try await WharfProcess.command(arguments).atTerminal(typing: .answers(keys)).output()
    }

    @Test func `a password is asked for and not shown`() async throws {
        try await House.run { house in
            let place = ["--server", house.server.address, "--user", "admin"]
            let seen = try await type("wrong^Uxx^H^H\(house.adminPassword)", ["whoami"] + place, at: house)
            #expect(seen.contains("Password of admin at \(house.server.address): |\n"), "\(seen)")
            #expect(seen.contains("user:admin") && seen.hasSuffix("status 0\nechoes True\n"), "\(seen)")
            #expect(!seen.contains(house.adminPassword))
        }
    }

    @Test func `Ctrl-C at the question ends the command, and the terminal shows what is typed again`() async throws {
        try await House.run { house in
            let place = ["--server", house.server.address, "--user", "admin"]
            let seen = try await type("half^C", ["whoami"] + place, at: house)
            #expect(seen.hasSuffix("status -2\nechoes True\n") && !seen.contains("half"), "\(seen)")
        }
    }

    @Test func `a new password is asked for twice`() async throws {
        try await House.run { house in
            let make = ["user", "create", "alice", "--choose-password", "--data", house.data]
            let differing = try await type("correct horse,battery staple", make, at: house)
            #expect(differing.contains("The two passwords differ") && differing.contains("status 1"), "\(differing)")
            let made = try await type("correct horse,correct horse", make, at: house)
            #expect(made.contains("The user alice is made.") && made.contains("status 0"), "\(made)")
            #expect(try await house.isKnown("alice", "correct horse"))
        }
    }

    @Test func `a secret has its name before it, as the start of the server has it`() async throws {
        try await House.run { house in
            let seen = try await type("", ["user", "reset-password", "admin", "--data", house.data], at: house)
            let line = try #require(seen.split(separator: "\n").first { $0.hasPrefix("password: ") }, "\(seen)")
            #expect(try await house.isKnown("admin", String(line.dropFirst("password: ".count))))
        }
    }

    @Test func `a declaration is made so after a yes alone`() async throws {
        try await House.run { house in
            let file = "\(house.folder.path)/users.yaml"
            try "users: [{name: alice}]\n".write(toFile: file, atomically: true, encoding: .utf8)
            let apply = ["apply", "-f", file, "--data", house.data]
            for answer in ["n", "", "maybe"] {
                // An empty answer is typed as a line end alone.
                let seen = try await type(answer.isEmpty ? " " : answer, apply, at: house)
                #expect(seen.contains("+ user alice") && seen.contains("Make this change? [y/N] "), "\(seen)")
                #expect(seen.contains("Nothing was changed.") && seen.contains("status 1"), "\(seen)")
            }
            #expect(try await house.output("user", "list").table.count == 2)
            #expect(try await type("y", apply, at: house).contains("1 change made."))
            #expect(try await house.output("user", "list").table.count == 3)
            #expect(try await type("", apply + ["--yes"], at: house).contains("Nothing differs."))
        }
    }
}
