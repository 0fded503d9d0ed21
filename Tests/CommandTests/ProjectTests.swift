import RegistryTesting
import Testing

/// Projects, members, roles and the question who may do what, seen through tokens.
@Suite struct ProjectTests {
    @Test func `a project is public, private, kept to addresses, and deleted`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            let scope = "repository:team/app:pull"
            try await house.output("project", "create", "team", "--public")
            #expect(try await house.granted(scope, to: "alice", password) == scope)
            #expect(try await house.output("project", "show", "team").contains("public"))
            try await house.output("project", "change", "team", "--private")
            #expect(try await house.granted(scope, to: "alice", password) == "")
            try await house.output("project", "change", "team", "--public", "--address", "192.0.2.0/24")
            #expect(try await house.granted(scope, to: "alice", password) == "")
            #expect(
                try await house.output("project", "list").table.last?.prefix(3) == ["team", "public", "192.0.2.0/24"]
            )
            try await house.output("project", "change", "team", "--any-address")
            #expect(try await house.granted(scope, to: "alice", password) == scope)
            try await house.output("project", "delete", "team")
            #expect(try await house.granted(scope, to: "alice", password) == "")
            #expect(try await house.failure("project", "show", "team", status: 3).contains("There is no project team"))
            let wrong = try await house.failure("project", "create", "team", "--address", "300.0.0.0/8")
            #expect(wrong.contains("is no block of addresses"))
        }
    }

    @Test func `a project whose name has a slash is reached by every command`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            try await house.output("project", "create", "team/web")
            try await house.output("member", "set", "alice", "reader", "--project", "team/web")
            let scope = "repository:team/web/app:pull"
            #expect(try await house.granted(scope, to: "alice", password) == scope)
            let secret = try await house.secret("robot", "create", "ci", "--project", "team/web", "--role", "writer")
            #expect(try await house.granted(scope, to: "team/web+ci", secret) == scope)
            #expect(
                try await house.output("member", "list", "--project", "team/web").table.map(\.first) == [
                    "SUBJECT", "robot:team/web+ci", "user:alice",
                ]
            )
            try await house.output("robot", "delete", "team/web+ci")
            try await house.output("project", "delete", "team/web")
            #expect(try await house.granted(scope, to: "alice", password) == "")
        }
    }

    @Test func `roles are given and taken, in a project and everywhere`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            let scope = "repository:team/app:pull,push"
            try await house.output("project", "create", "team")
            try await house.output("member", "set", "alice", "reader", "--project", "team")
            #expect(try await house.granted(scope, to: "alice", password) == "repository:team/app:pull")
            try await house.output("member", "set", "user:alice", "writer")
            #expect(try await house.granted("repository:other:pull,push", to: "alice", password) != "")
            #expect(
                try await house.output("member", "list").table.map(\.first) == ["SUBJECT", "user:admin", "user:alice"]
            )
            try await house.output("member", "remove", "alice")
            try await house.output("member", "remove", "alice", "--project", "team")
            #expect(try await house.granted(scope, to: "alice", password) == "")
            #expect(
                try await house.failure("member", "remove", "alice", status: 3).contains(
                    "There is no member user:alice"
                )
            )
            #expect(try await house.failure("member", "set", "bob", "reader").contains("There is no user:bob"))
            #expect(try await house.failure("member", "set", "alice", "king").contains("There is no role king"))
            try await house.output("member", "set", "anyone", "reader", "--project", "team")
            #expect(try await house.granted(scope, to: "alice", password) == "repository:team/app:pull")
        }
    }

    @Test func `a role of one's own allows and denies, and the explanation names it`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            let flags = ["--allow", "team/*:pull,push", "--deny", "team/secret:*"]
            let set = try await house.wharf(["role", "set", "developer"] + flags + ["--data", house.data])
            #expect(set.status == 0, "\(set)")
            try await house.output("member", "set", "alice", "developer")
            let scope = "repository:team/app:pull,push"
            #expect(try await house.granted(scope, to: "alice", password) == scope)
            #expect(try await house.granted("repository:team/secret:pull", to: "alice", password) == "")

            let may = try await house.output("access", "explain", "alice", "push", "team/app")
            #expect(may.hasPrefix("user:alice may push team/app: allowed by the role developer"))
            let mayNot = try await house.output("access", "explain", "user:alice", "pull", "team/secret")
            #expect(mayNot.hasPrefix("user:alice may not pull team/secret: denied by the role developer"))
            let json = try await house.output("access", "explain", "anonymous", "pull", "team/app", "-o", "json")
            #expect(json.contains(#""isAllowed" : false"#))
            #expect(try await house.failure("access", "explain", "alice", "fly", "team/app").contains("pull, push"))

            #expect(try await house.output("role", "show", "developer").contains("deny * on team/secret"))
            #expect(try await house.output("role", "list").table.contains { $0.first == "reader" })
            #expect(try await house.failure("role", "delete", "developer").contains("take it away first"))
            try await house.output("member", "remove", "alice")
            try await house.output("role", "delete", "developer")
            #expect(try await house.granted(scope, to: "alice", password) == "")
            #expect(try await house.failure("role", "set", "reader", "--allow", "*:pull").contains("built in"))
            #expect(try await house.local("role", "set", "x", "--allow", "team").sentence(64).contains("--allow"))
        }
    }
}
