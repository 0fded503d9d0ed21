import Foundation
import RegistryTesting
import Testing

/// Rules of tags, locks and broken glass, as people set them.
@Suite struct TagGuardTests {
    /// Points a tag of `team/app` to one of some indexes, as the administrator; the status.
    private static func put(_ number: Int, _ tag: String, _ house: House) async throws -> Int {
        let manifest = RegistryRules.index(number)
        let credentials = Data("admin:\(house.adminPassword)".utf8).base64EncodedString()
        let headers = [
            ("Authorization", "Basic \(credentials)"), ("Content-Type", manifest.mediaType),
            ("Content-Length", "\(manifest.bytes.count)"),
        ]
        let path = "/v2/team/app/manifests/\(tag)"
        let request = TestRequest("PUT", path, headers: headers, body: manifest.bytes)
        return try await TestHTTPClient(port: house.port).send(request).status
    }

    @Test func `a rule is set, shown, explained and deleted, and holds meanwhile`() async throws {
        try await House.run { house in
            try await house.output("project", "create", "team")
            #expect(try await Self.put(1, "1.0.0", house) == 201)
            let set = ["project", "rule", "set", "team", "releases", "--immutable", "--tag", "semver:>=1.0.0"]
            let made = try await house.wharf(set + ["--except", "*-rc*", "--data", house.data])
            #expect(made.status == 0, "\(made)")
            let listed = try await house.output("project", "rule", "list", "team").table
            #expect(listed.last == ["releases", "immutable", "semver:>=1.0.0", "but", "*-rc*", "all", "-"])
            #expect(try await Self.put(2, "1.0.0", house) == 403)
            #expect(try await Self.put(1, "1.0.0", house) == 201)
            #expect(try await Self.put(2, "latest", house) == 201)
            let explained = try await house.output("tag", "explain", "team/app:1.0.0")
            #expect(explained.contains("immutable by the rule releases of the project team"))
            #expect(try await house.output("tag", "explain", "team/app:1.0.0-rc1").contains("nothing holds it"))
            let project = try await house.failure("project", "delete", "team")
            #expect(project.contains("the rule of tags releases"))
            try await house.output("project", "rule", "delete", "team", "releases")
            #expect(try await Self.put(2, "1.0.0", house) == 201)
            let wrong = try await house.failure("project", "rule", "set", "team", "x", "--immutable", "--tag", "/(/")
            #expect(wrong.contains("is no pattern"))
            #expect(try await house.local("project", "rule", "set", "team", "x").sentence(64).contains("--immutable"))
        }
    }

    @Test func `a lock holds until it is taken away, and not past broken glass`() async throws {
        try await House.run { house in
            try await house.output("project", "create", "team")
            #expect(try await Self.put(1, "prod", house) == 201)
            try await house.output("tag", "lock", "team/app:prod", "--reason", "fair")
            #expect(try await Self.put(2, "prod", house) == 403)
            let locks = try await house.output("tag", "locks", "team/app").table
            #expect(locks.last?.first == "prod" && locks.last?.last == "fair")
            try await house.output("tag", "break-glass", "team/app:prod", "--reason", "leak", "--for", "5m")
            #expect(try await house.output("tag", "explain", "team/app:prod").contains("the glass is broken until"))
            #expect(try await Self.put(2, "prod", house) == 201)
            try await house.output("tag", "break-glass", "team/app:prod", "--close")
            #expect(try await Self.put(1, "prod", house) == 403)
            try await house.output("tag", "unlock", "team/app:prod")
            #expect(try await Self.put(1, "prod", house) == 201)
            let audit = try await house.output("audit", "search", "-o", "json")
            for action in ["tag.lock", "tag.break-glass", "tag.override", "tag.close-glass", "tag.unlock"] {
                #expect(audit.contains("\"\(action)\""), "\(action)")
            }
            #expect(try await house.failure("tag", "unlock", "team/app:prod", status: 3).contains("no lock"))
            #expect(
                try await house.failure("tag", "lock", "team/app:none", "--reason", "x", status: 3).contains("no tag")
            )
            #expect(try await house.local("tag", "lock", "prod", "--reason", "x").sentence(64).contains("prod"))
            #expect(try await house.local("tag", "break-glass", "team/app:prod").sentence(64).contains("--reason"))
        }
    }

    @Test func `a name may begin with the server, which is asked as who has logged in to it there`() async throws {
        try await House.run { house in
            try await house.output("project", "create", "team")
            #expect(try await Self.put(1, "prod", house) == 201)
            let (repository, folder) = ("\(house.server.authority)/team/app", house.folder.path)
            let machine = ["HOME": folder, "DOCKER_CONFIG": "\(folder)/docker", "XDG_RUNTIME_DIR": folder]
            func run(_ arguments: String..., more: [String: String] = [:], input: String = "") async throws
                -> CommandResult
            {
                try await house.wharf(arguments, machine.merging(more) { $1 }, input: input)
            }
            let lock = ["tag", "lock", "\(repository):prod", "--reason", "fair"]
            #expect(try await house.wharf(lock, machine).sentence(64).contains("wharf login"))
            let login = ["WHARF_USER": "admin", "WHARF_PASSWORD": house.adminPassword]
            let locked = try await house.wharf(lock, machine.merging(login) { $1 })
            #expect(locked.status == 0 && locked.standardOutput.contains("user:admin"), "\(locked)")
            let password = house.adminPassword + "\n"
            let server = house.server.authority
            let known = try await run("login", server, "--user", "admin", "--password-stdin", input: password)
            #expect(known.status == 0, "\(known)")
            #expect(try await run("tag", "locks", repository).standardOutput.table.last?.first == "prod")
            #expect(
                try await run("tag", "explain", "\(repository):prod").standardOutput.contains("locked by user:admin")
            )
            let unlocked = try await run("tag", "unlock", "\(repository):prod")
            #expect(
                unlocked.status == 0 && unlocked.standardError.contains("team/app:prod is not locked"),
                "\(unlocked)"
            )
            let glass = try await run("tag", "break-glass", "\(repository):prod", "--reason", "leak")
            #expect(glass.status == 0, "\(glass)")
            for words in [["trash", "list", repository], ["repository", "delete", repository, "--dry-run"]] {
                let result = try await house.wharf(words, machine)
                #expect(result.status == 0, "\(result)")
            }
            // Two servers are one too many; a folder is meant whatever clients call its server.
            let other = ["--server", "http://127.0.0.1:1", "--user", "admin"]
            #expect(try await house.wharf(lock + other, machine.merging(login) { $1 }).sentence(64).contains(server))
            let two = ["repository", "delete", repository, "127.0.0.1:1/team/app", "--dry-run"]
            #expect(try await house.wharf(two, machine).sentence(64).contains("two servers"))
            #expect(try await house.output("tag", "explain", "\(repository):prod").contains("points to"))
        }
    }

    @Test func `rules are declared in a file, and read back without a difference`() async throws {
        try await House.run { house in
            let file = """
                projects:
                  - name: team
                    tagRules:
                      - name: releases
                        kind: immutable
                        tags: {include: ["semver:>=1.0.0"], exclude: ["*-rc*"]}
                      - name: prod
                        kind: protected
                        repositories: {include: [team/app]}
                        tags: {include: [prod]}
                        roles: [maintainer]

                """
            try await house.output("apply", "-f", "-", "--yes", input: file)
            #expect(try await house.output("apply", "-f", "-", input: file) == "Nothing differs.\n")
            let all = try await house.output("get", "all", "-o", "yaml")
            #expect(all.contains("tagRules:") && all.contains("semver:>=1.0.0"), "\(all)")
            #expect(try await house.output("apply", "-f", "-", input: all) == "Nothing differs.\n")
            #expect(try await house.output("project", "rule", "list", "team").table.count == 3)
        }
    }
}
