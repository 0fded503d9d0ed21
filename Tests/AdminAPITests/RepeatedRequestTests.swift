import AdminModel
import Administration
import Foundation
import Metadata
import RegistryTesting
import Testing

@testable import AdminAPI

/// Requests that come twice, changes that cross, and pages of what changes meanwhile.
@Suite("Requests that meet")
struct RepeatedRequestTests {
    private static let key = ("Idempotency-Key", "a-key-of-its-sender-alone")

    @Test("with the same key get the same answer, with the same secret, and do it once")
    func sameKey() async throws {
        let office = try await TestAdministration()
        let first = try await office.send("POST", "/api/v1/robots", #"{"name": "ci"}"#, [Self.key])
        let second = try await office.send("POST", "/api/v1/robots", #"{"name": "ci"}"#, [Self.key])
        #expect((first.status, second.status) == (201, 201))
        #expect(first.body == second.body)
        #expect(first[header: "Location"] == second[header: "Location"])
        #expect(try await office.audit().filter { $0.action == "robot.create" }.count == 1)
        let made = try JSONDecoder().decode(MadeRobot.self, from: Data(first.body))
        #expect(made.robot.secrets.count == 1)
        _ = try await office.login("ci", made.secret)
    }

    @Test("with the same key for something else are refused")
    func otherBody() async throws {
        let office = try await TestAdministration()
        _ = try await office.send("POST", "/api/v1/robots", #"{"name": "ci"}"#, [Self.key])
        let others = [
            try await office.send("POST", "/api/v1/robots", #"{"name": "cd"}"#, [Self.key]),
            try await office.send("POST", "/api/v1/projects", #"{"name": "ci"}"#, [Self.key]),
        ]
        for answer in others {
            #expect(answer.status == 422)
            #expect(try answer.problem.code == .keyReused)
        }
        #expect(try await office.send("GET", "/api/v1/robots/cd").status == 404)
    }

    @Test("with the same key of another caller do not meet, and who may no more gets nothing")
    func otherCaller() async throws {
        let office = try await TestAdministration()
        let body = #"{"name": "ci", "project": "team"}"#
        #expect(try await office.send("POST", "/api/v1/robots", as: "alice", body, [Self.key]).status == 201)
        #expect(try await office.send("POST", "/api/v1/robots", as: "admin", body, [Self.key]).status == 409)
        #expect(try await office.send("POST", "/api/v1/robots", as: "bob", body, [Self.key]).status == 403)
        _ = try await office.local.setMember("user:alice", of: "team", MemberRoles(roles: []))
        #expect(try await office.send("POST", "/api/v1/robots", as: "alice", body, [Self.key]).status == 403)
    }

    @Test("with a key whose first request failed are done")
    func afterFailure() async throws {
        let office = try await TestAdministration()
        let body = #"{"name": "ci", "project": "later"}"#
        #expect(try await office.send("POST", "/api/v1/robots", body, [Self.key]).status == 422)
        #expect(try await office.send("POST", "/api/v1/projects", #"{"name": "later"}"#).status == 201)
        #expect(try await office.send("POST", "/api/v1/robots", body, [Self.key]).status == 201)
    }

    @Test(
        "have a key that nobody guesses",
        arguments: ["short", String(repeating: "k", count: 129), "with a space in it"]
    )
    func badKey(_ key: String) async throws {
        let office = try await TestAdministration()
        let answer = try await office.send("POST", "/api/v1/robots", #"{"name": "ci"}"#, [("Idempotency-Key", key)])
        #expect(answer.status == 400)
    }

    @Test("leave no secret in the database, the audit or the log")
    func noSecrets() async throws {
        // It reads the file of the database.
        let office = try await TestDatabase.$current.withValue(.sqlite) { try await TestAdministration() }
        let body = #"{"name": "carol", "password": "a password of hers"}"#
        #expect(try await office.send("POST", "/api/v1/users", body, [Self.key]).status == 201)
        var secrets = ["a password of hers", Self.key.1]
        let posts = [("robots", #"{"name": "ci"}"#), ("tokens", #"{"user": "bob"}"#), ("users", #"{"name": "dave"}"#)]
        for (kind, body) in posts {
            let answer = try await office.send(
                "POST",
                "/api/v1/\(kind)",
                body,
                [("Idempotency-Key", "key-for-\(kind)-0001")]
            )
            let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            secrets.append(try #require((object["secret"] ?? object["password"]) as? String))
        }
        let audit = try await office.audit().map { "\($0)" }.joined()
        #expect(audit.contains("user.create"))
        let (database, log) = (Data(try office.databaseBytes()), office.logged.joined())
        #expect(database.range(of: Data("carol".utf8)) != nil)
        for secret in secrets {
            #expect(database.range(of: Data(secret.utf8)) == nil)
            #expect(!audit.contains(secret))
            #expect(!log.contains(secret))
        }
    }

    // MARK: Changes that cross

    @Test("change only what was read: the second of two is refused, and changes nothing")
    func lostUpdate() async throws {
        let office = try await TestAdministration()
        let path = "/api/v1/users/bob"
        let tag = try #require(try await office.send("GET", path)[header: "ETag"])
        let bound = [("If-Match", tag)]
        let first = try await office.send("PATCH", path, #"{"description": "first"}"#, bound)
        #expect(first.status == 200)
        let second = try await office.send("PATCH", path, #"{"description": "second"}"#, bound)
        #expect(second.status == 412)
        #expect(try second.problem.code == .changed)
        let now = try await office.send("GET", path)
        #expect(now.text.contains("first"))
        #expect(now[header: "ETag"] == first[header: "ETag"])
        #expect(try await office.send("DELETE", path, nil, bound).status == 412)
        #expect(try await office.send("DELETE", path, nil, [("If-Match", "W/\(tag)")]).status == 412)
        #expect(
            try await office.send("DELETE", path, nil, [("If-Match", "\"x\", \(now[header: "ETag"] ?? "")")]).status
                == 204
        )
    }

    @Test("are for what is there, or for what is not, where they say so")
    func conditions() async throws {
        let office = try await TestAdministration()
        let (isThere, isNew) = ([("If-Match", "*")], [("If-None-Match", "*")])
        let path = "/api/v1/groups/staff"
        let body = #"{"members": []}"#
        #expect(try await office.send("PUT", path, body, isThere).status == 412)
        #expect(try await office.send("PUT", path, body, isNew).status == 200)
        #expect(try await office.send("PUT", path, body, isNew).status == 412)
        #expect(try await office.send("PUT", path, body, isThere).status == 200)
        #expect(try await office.send("POST", "/api/v1/robots", #"{"name": "ci"}"#, isThere).status == 400)
    }

    @Test("are answered with 304 where nothing has changed")
    func notModified() async throws {
        let office = try await TestAdministration()
        let path = "/api/v1/projects/team"
        let tag = try #require(try await office.send("GET", path)[header: "ETag"])
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let answer = try await office.send("GET", path, nil, [("If-None-Match", known)])
            #expect((answer.status, answer.body) == (304, []), "\(known)")
            #expect(answer[header: "ETag"] == tag)
        }
        #expect(try await office.send("GET", path, nil, [("If-None-Match", "\"other\"")]).status == 200)
        #expect(try await office.send("HEAD", path).status == 200)
        #expect(try await office.send("HEAD", path).body.isEmpty)
    }

    // MARK: Pages

    @Test("see each item once, whatever is put between two pages")
    func pages() async throws {
        let office = try await TestAdministration()
        for name in ["bx", "dx", "fx", "hx"] { _ = try await office.local.create(NewProject(name: name)) }
        var (seen, after): ([String], String?) = ([], nil)
        repeat {
            let query = after.map { "&after=\($0)" } ?? ""
            let answer = try await office.send("GET", "/api/v1/projects?limit=2\(query)")
            let page = try JSONDecoder().decode(Page<Project>.self, from: Data(answer.body))
            #expect(page.items.count <= 2)
            seen += page.items.map(\.name)
            after = page.next
            if seen.count == 2 {
                // One before the place and one behind it.
                for name in ["a", "g"] { _ = try await office.local.create(NewProject(name: name)) }
            }
        } while after != nil
        #expect(seen == ["bx", "dx", "fx", "g", "hx", "team"])
        for limit in ["0", "1001", "-1", "+2", "2.5", "", "x"] {
            #expect(try await office.send("GET", "/api/v1/projects?limit=\(limit)").status == 400, "\(limit)")
        }
    }
}

extension TestResponse {
    var problem: Problem {
        get throws { try JSONDecoder().decode(ProblemBody.self, from: Data(body)).error }
    }
}
