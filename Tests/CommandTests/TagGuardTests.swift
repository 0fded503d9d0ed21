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
