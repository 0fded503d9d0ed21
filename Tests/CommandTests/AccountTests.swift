import Foundation
import RegistryTesting
import Testing

/// Users and groups by command, seen through logins.
@Suite struct AccountTests {
    @Test func `a user is made, changed, closed and deleted`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice", "--description", "Alice of web")
            #expect(try await house.isKnown("alice", password))
            #expect(try await house.failure("user", "create", "alice").contains("There is an account alice already"))
            #expect(try await house.output("user", "list").table.map(\.first) == ["NAME", "admin", "alice"])
            #expect(try await house.output("user", "show", "alice").contains("Alice of web"))

            try await house.output("group", "set", "web", "--empty")
            try await house.output("user", "change", "alice", "--add-group", "web", "--description", "Alice")
            #expect(try await house.output("group", "show", "web", "-o", "yaml").contains("members:\n  - alice\n"))
            try await house.output("user", "change", "alice", "--remove-group", "web", "--disable")
            #expect(try await house.output("group", "show", "web", "-o", "yaml").contains("members: []"))
            #expect(try await !house.isKnown("alice", password), "a closed account lets in")
            try await house.output("user", "change", "alice", "--enable")
            #expect(try await house.isKnown("alice", password))

            try await house.output("user", "delete", "alice")
            #expect(try await !house.isKnown("alice", password))
            #expect(try await house.failure("user", "show", "alice", status: 3).contains("There is no user alice"))
        }
    }

    @Test func `a lost password of the administrator is mended over the socket`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "reset-password", "admin")
            #expect(try await house.isKnown("admin", password))
            #expect(try await !house.isKnown("admin", house.adminPassword))
            #expect(!house.server.process.standardError.contains(password), "the log has the password")
        }
    }

    @Test func `a password can be chosen, and one's own is changed by who knows it`() async throws {
        try await House.run { house in
            let made = try await house.local(
                "user",
                "create",
                "alice",
                "--choose-password",
                input: "correct horse\n"
            )
            #expect(made.status == 0 && made.standardOutput == "", "\(made)")
            #expect(try await house.isKnown("alice", "correct%20horse".removingPercentEncoding ?? ""))
            let short = try await house.failure("user", "create", "bob", "--choose-password", input: "short\n")
            #expect(short.contains("8 characters"))

            let arguments = ["user", "reset-password", "alice", "--choose-password", "--password-stdin"]
            let place = ["--server", house.server.address, "--user", "alice"]
            let changed = try await house.wharf(arguments + place, input: "correct horse\nbattery staple\n")
            #expect(changed.status == 0 && changed.standardOutput == "", "\(changed)")
            #expect(try await house.isKnown("alice", "battery staple"))
            #expect(try await !house.isKnown("alice", "correct horse"))
            let other = try await house.remote(as: "alice", "battery staple", "user", "reset-password", "admin")
            #expect(other.sentence(4).contains("user:alice may not manage the installation"))
            #expect(try await house.isKnown("admin", house.adminPassword))
        }
    }

    @Test func `a htpasswd file brings users who log in, and takes no one's password unasked`() async throws {
        try await House.run { house in
            let file = "\(house.folder.path)/htpasswd"
            for (name, password) in [("alice", "wonderland"), ("bob", "builder-of-things")] {
                let flags = FileManager.default.fileExists(atPath: file) ? "-iB" : "-ciB"
                var command = Command("/usr/bin/htpasswd", [flags, file, name])
                command.input = Array(password.utf8)
                try await command.output()
            }
            #expect(try await house.output("user", "import", file) == "alice\nbob\n")
            #expect(try await house.isKnown("alice", "wonderland"))
            #expect(try await house.isKnown("bob", "builder-of-things"))

            let password = try await house.secret("user", "reset-password", "alice")
            let again = try await house.local("user", "import", file)
            #expect(again.status == 1 && again.standardError.contains("line 1: alice: there is such a user already"))
            #expect(try await house.isKnown("alice", password))
            #expect(try await house.output("user", "import", file, "--replace") == "alice\nbob\n")
            #expect(try await house.isKnown("alice", "wonderland"))

            let first = try #require(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").first)
            let stranger = String(first.replacing("alice:", with: "no name:"))
            let some = try await house.local("user", "import", "-", "--replace", input: String(stranger))
            #expect(some.status == 1 && some.standardError.contains("line 1: no name: "), "\(some)")
            #expect(some.standardError.hasSuffix("0 of 1 users are imported.\n"))

            let weak = "carl:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"
            let refused = try await house.failure("user", "import", "-", input: weak)
            #expect(refused.contains("line 1: carl has a hash by SHA-1") && refused.contains("htpasswd -B"))
            #expect(try await house.output("user", "list").table.count == 4)
        }
    }

    @Test func `the management takes no hash that it cannot compare with`() async throws {
        try await House.run { house in
            let body = Array(#"{"hash":"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="}"#.utf8)
            let login = Data("admin:\(house.adminPassword)".utf8).base64EncodedString()
            let headers = [
                ("Authorization", "Basic \(login)"), ("Content-Type", "application/json"),
                ("Content-Length", "\(body.count)"),
            ]
            let path = "/api/v1/users/carl/password-hash"
            let answer = try await TestHTTPClient(port: house.port).send(
                TestRequest("PUT", path, headers: headers, body: body)
            )
            #expect(answer.status == 422 && answer.text.contains("htpasswd -B"), "\(answer.text)")
            #expect(try await house.failure("user", "show", "carl", status: 3).contains("There is no user carl"))
        }
    }

    @Test func `no one of several who change a group at once undoes another's change`() async throws {
        try await House.run { house in
            let names = (1...6).map { "user\($0)" }
            let users = "users: [\(names.map { "{name: \($0)}" }.joined(separator: ", "))]\n"
            try await house.output("apply", "-f", "-", input: users)
            try await house.output("group", "set", "all", "--empty")
            await withTaskGroup(of: Void.self) { tasks in
                for name in names {
                    tasks.addTask { _ = try? await house.output("group", "set", "all", "--add", name) }
                }
            }
            let members = names.map { "  - \($0)" }.joined(separator: "\n")
            #expect(try await house.output("group", "show", "all", "-o", "yaml").contains("members:\n\(members)\n"))
        }
    }

    @Test func `a group is made, changed and deleted, and its roles are its members'`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            try await house.secret("user", "create", "bob")
            try await house.output("project", "create", "team")
            try await house.output("group", "set", "web", "alice")
            try await house.output("member", "set", "group:web", "writer", "--project", "team")
            let scope = "repository:team/app:pull,push"
            #expect(try await house.granted(scope, to: "alice", password) == scope)

            try await house.output("group", "set", "web", "--add", "bob", "--remove", "alice")
            #expect(try await house.granted(scope, to: "alice", password) == "")
            #expect(try await house.output("group", "list").table.dropFirst().map { $0.prefix(2) } == [["web", "bob"]])
            #expect(
                try await house.failure("group", "delete", "web").contains("has the role writer in the project team")
            )
            try await house.output("member", "remove", "group:web", "--project", "team")
            try await house.output("group", "delete", "web")
            #expect(try await house.output("group", "list").table.count == 1)
            #expect(try await house.failure("group", "set", "web", "nobody").contains("There is no account nobody"))
            #expect(try await house.local("group", "set", "web").sentence(64).contains("--empty"))
        }
    }
}
