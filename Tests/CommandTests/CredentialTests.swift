import Foundation
import RegistryTesting
import Testing

/// Robots, tokens, sessions and keys by command, seen through logins.
@Suite struct CredentialTests {
    @Test func `a robot is made, changed, rotated by itself, and deleted`() async throws {
        try await House.run { house in
            try await house.output("project", "create", "team")
            let first = try await house.secret("robot", "create", "ci", "--project", "team", "--role", "writer")
            let scope = "repository:team/app:pull,push"
            #expect(try await house.granted(scope, to: "team+ci", first) == scope)

            let rotated = try await house.remote(as: "team+ci", first, "robot", "rotate", "team+ci")
            #expect(rotated.status == 0, "\(rotated)")
            let second = rotated.standardOutput.trimmingCharacters(in: .newlines)
            for secret in [first, second] { #expect(try await house.granted(scope, to: "team+ci", secret) == scope) }
            let third = try await house.secret("robot", "rotate", "team+ci", "--overlap", "0s")
            #expect(try await house.isKnown("team+ci", third))
            for secret in [first, second] { #expect(try await !house.isKnown("team+ci", secret)) }

            try await house.output("robot", "change", "team+ci", "--disable", "--description", "builds")
            #expect(try await !house.isKnown("team+ci", third))
            #expect(try await house.output("robot", "list", "--project", "team").contains("builds"))
            try await house.output("robot", "change", "team+ci", "--enable")
            let show = try await house.output("robot", "show", "team+ci", "-o", "json")
            #expect(!show.contains(third))
            try await house.output("robot", "delete", "team+ci", "--secret", try id(inJSON: show, "secrets"))
            #expect(try await !house.isKnown("team+ci", third))
            try await house.output("robot", "delete", "team+ci")
            #expect(
                try await house.failure("robot", "show", "team+ci", status: 3).contains("There is no robot team+ci")
            )
        }
    }

    @Test(arguments: [
        ("30d", 30 * 86_400.0), ("1h30m", 5400.0), ("2w", 14 * 86_400.0), ("2031-02-03", nil), ("never", nil),
    ])
    func `an end is a length of time, a day or never`(text: String, seconds: Double?) async throws {
        try await House.run { house in
            let before = Date()
            _ = try await house.secret("token", "create", "--for", "admin", "--expires", text)
            let list = try await house.output("token", "list", "--for", "admin", "-o", "json")
            let token = try #require(try JSONDecoder().decode([Item].self, from: Data(list.utf8)).first)
            if let seconds {
                let end = try Date(try #require(token.expiresAt).prefix(19) + "Z", strategy: .iso8601)
                #expect(abs(end.timeIntervalSince(before) - seconds) < 60)
            } else {
                #expect(token.expiresAt == (text == "never" ? nil : "2031-02-03T00:00:00.000000Z"))
            }
        }
    }

    @Test func `a token takes the place of the password, within its limits, until it is deleted`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            try await house.output("member", "set", "alice", "writer")
            let token = try await house.secret(
                "token",
                "create",
                "--for",
                "alice",
                "--allow",
                "team/**:pull",
                "--description",
                "laptop"
            )
            let scope = "repository:team/app:pull,push"
            #expect(try await house.granted(scope, to: "alice", token) == "repository:team/app:pull")
            #expect(try await house.granted("repository:other:pull", to: "alice", token) == "")
            let own = try await house.remote(as: "alice", password, "token", "create")
            #expect(own.status == 0 && own.standardOutput.hasPrefix("wharf_pat_"), "\(own)")
            let listed = try await house.remote(as: "alice", password, "token", "list")
            #expect(listed.standardOutput.table.count == 3 && listed.standardOutput.contains("laptop"))
            let nested = try await house.remote(as: "alice", token, "token", "create")
            #expect(nested.sentence(4).contains("with the password"))

            let ids = try await house.output("token", "list").table.dropFirst().compactMap(\.first)
            #expect(ids.count == 2)
            for id in ids { try await house.output("token", "delete", id) }
            #expect(try await !house.isKnown("alice", token))
            #expect(try await house.output("token", "list").table.count == 1)
            #expect(try await house.local("token", "create").sentence(64).contains("--for NAME"))
            #expect(try await house.local("token", "create", "--for", "alice", "--expires", "5").sentence(64) != "")
            #expect(try await house.failure("token", "create", "--for", "bob").contains("There is no user bob"))
        }
    }

    @Test func `a session is seen, and a client whose session is ended must log in again`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            let refresh = try await house.refreshToken("alice", password)
            #expect(try await house.refresh(refresh) == 200)
            let table = try await house.output("session", "list").table
            try #require(table.count == 2 && table[1][1] == "alice")
            #expect(try await house.output("session", "list", "--for", "admin").table.count == 1)
            let other = try await house.remote(as: "alice", password, "session", "list", "--for", "admin")
            #expect(other.sentence(4).contains("may not"))
            let ended = try await house.remote(as: "alice", password, "session", "end", table[1][0])
            #expect(ended.status == 0, "\(ended)")
            #expect(try await house.refresh(refresh) == 401)
            #expect(try await house.failure("session", "end", table[1][0], status: 3).contains("There is no session"))
        }
    }

    @Test func `keys are listed, rotated and deleted, and those that there are are published`() async throws {
        try await House.run { house in
            #expect(try await house.output("key", "list").table.count == 2)
            try await house.output("key", "rotate")
            let keys = try await house.output("key", "list").table.dropFirst().compactMap(\.first)
            #expect(keys.count == 2)
            let published = try await TestHTTPClient(port: house.port).send(
                TestRequest("GET", "/.well-known/jwks.json")
            )
            for key in keys { #expect(published.text.contains(key)) }

            let password = try await house.secret("user", "create", "alice")
            #expect(try await house.isKnown("alice", password))
            try await house.output("key", "delete", keys[0])
            let left = try await TestHTTPClient(port: house.port).send(TestRequest("GET", "/.well-known/jwks.json"))
            #expect(!left.text.contains(keys[0]) && left.text.contains(keys[1]))
            #expect(try await house.failure("key", "delete", keys[1]).contains("make a new one first"))
            #expect(try await house.failure("key", "delete", keys[0], status: 3).contains("There is no key"))
        }
    }

    @Test func `who one is, is told`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            let alice = try await house.remote(as: "alice", password, "whoami")
            #expect(alice.standardOutput.contains("user:alice") && alice.standardOutput.contains("nothing"))
            #expect(try await house.output("whoami").contains("the installation"))
        }
    }

    private struct Item: Decodable {
        var expiresAt: String?
    }

    /// The id of the first of a list in an object.
    private func id(inJSON text: String, _ key: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require((object?[key] as? [[String: Any]])?.first?["id"] as? String)
    }
}
