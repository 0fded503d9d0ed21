import Foundation
import RegistryTesting
import Testing

/// `wharf apply` and `wharf get`.
@Suite struct DeclarationTests {
    /// As the users' guides show it.
    private static let roles = """
        roles:
          - name: developer
            policies: [{repo: team/*, actions: ["pull"]}]
          - name: admin
            policies: [{repo: "*", actions: ["push", "pull", "delete"]}]

        """

    private static let people = """
        users:
          - name: alice
            description: Alice of web
          - name: 1.10
        groups:
          - name: web
            members: [alice]
        projects:
          - name: team
            isPublic: true
            members:
              - subject: group:web
                roles: [writer]
        ---
        robots:
          - name: team+ci
        members:
          - {subject: "user:alice", roles: [developer]}

        """

    @Test func `what is declared becomes so, is shown first, and a second time nothing differs`() async throws {
        try await House.run { house in
            let people = "\(house.folder.path)/people.yaml"
            try Self.people.write(toFile: people, atomically: true, encoding: .utf8)
            let files = ["-f", people, "-f", "-", "--data", house.data]

            let plan = try await house.wharf(["apply", "--dry-run"] + files, input: Self.roles)
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.standardOutput.contains("+ role developer\n"))
            #expect(plan.standardOutput.contains("+ project team\n    isPublic: true\n"))
            #expect(plan.standardOutput.hasSuffix("9 changes, not made.\n"))
            #expect(try await house.output("user", "list").table.count == 2, "a dry run has changed something")

            let made = try await house.wharf(["apply"] + files, input: Self.roles)
            #expect(made.status == 0 && made.standardOutput.hasSuffix("9 changes made.\n"), "\(made)")
            #expect(made.standardError.contains("alice has no password yet: wharf user reset-password alice"))
            let password = try await house.secret("user", "reset-password", "alice")
            let scope = "repository:team/app:pull,push"
            #expect(try await house.granted(scope, to: "alice", password) == scope)

            let again = try await house.wharf(["apply"] + files, input: Self.roles)
            #expect(again.status == 0 && again.standardOutput == "Nothing differs.\n", "\(again)")
            let change = "projects: [{name: team, isPublic: false}]\n"
            let changed = try await house.output("apply", "-f", "-", "--yes", input: change)
            #expect(changed == "~ project team\n    isPublic: true -> false\n1 change made.\n")
        }
    }

    @Test func `what is got is taken back without a difference, here and by another registry`() async throws {
        try await House.run { house in
            try await house.output("apply", "-f", "-", input: Self.people.replacing("---\n", with: "") + Self.roles)
            for form in ["yaml", "json"] {
                let all = try await house.output("get", "all", "-o", form)
                #expect(try await house.output("apply", "-f", "-", input: all) == "Nothing differs.\n")
                for kind in ["roles", "users", "groups", "projects", "robots", "members"] {
                    let some = try await house.output("get", kind, "-o", form)
                    #expect(try await house.output("apply", "-f", "-", input: some) == "Nothing differs.\n")
                }
            }
            let all = try await house.output("get", "all", "-o", "yaml")
            try await House.run { other in
                try await other.output("apply", "-f", "-", input: all)
                #expect(try await other.output("get", "all", "-o", "yaml") == all)
            }
            #expect(
                try await house.output("get", "user", "alice", "-o", "yaml") == """
                    users:
                      - name: alice
                        description: Alice of web
                        isDisabled: false

                    """
            )
            #expect(try await house.output("get", "member", "alice").table[1] == ["user:alice", "developer"])
            for kind in ["all", "tokens", "sessions", "keys"] {
                #expect(try await house.output("get", kind).contains(kind == "all" ? "PROJECTS" : "ID"))
            }
            #expect(
                try await house.failure("get", "users", "carl", "-o", "yaml", status: 3).contains(
                    "There is no user carl"
                )
            )
            #expect(try await house.local("get", "all", "x").sentence(64).contains("all has no name"))
            #expect(try await house.local("get", "things").sentence(64) != "")
        }
    }

    @Test func `every mistake is named with its file and line, and nothing is changed`() async throws {
        try await House.run { house in
            let mistakes = [
                (
                    Self.roles.replacing(#"repo: "*""#, with: "repo: *"),
                    #"line 5, column 23: an unquoted * is not valid"#
                ),
                (Self.roles.replacing("actions: [\"push", with: "action: [\"push"), "line 5, column"),
                ("rolls: []\n", "line 1, column 1: there is no rolls"),
                ("- name: x\n", "begins with a key such as roles:"),
                ("users: alice\n", "is a list: write - before each item"),
                ("", "nothing is declared there"),
                ("users: [{name: bob}, {name: bob}]\n", "bob is declared twice"),
                ("users: [{name: bob}]\ngroups: [{name: g, members: [nobody]}]\n", "There is no account nobody"),
            ]
            for (text, sentence) in mistakes {
                let told = try await house.failure("apply", "-f", "-", input: text)
                #expect(told.contains(sentence), "\(told)")
            }
            // The second file's own line is told, not the place among all that is declared.
            let first = "\(house.folder.path)/first.yaml"
            try "roles: [{name: a, policies: []}]\n".write(toFile: first, atomically: true, encoding: .utf8)
            let second = "\(house.folder.path)/second.yaml"
            try "\n\nroles:\n- nam: b\n".write(toFile: second, atomically: true, encoding: .utf8)
            let told = try await house.failure("apply", "-f", first, "-f", second)
            #expect(told.contains("second.yaml: line 4, column 3: there is no roles[1].nam"), "\(told)")
            #expect(try await house.failure("apply", "-f", "\(first).none").contains("cannot be read"))
            #expect(try await house.output("get", "all", "-o", "yaml").contains("roles: []"))
            #expect(try await house.output("user", "list").table.count == 2)
        }
    }
}
