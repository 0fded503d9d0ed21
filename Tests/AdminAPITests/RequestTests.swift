import AdminModel
import Administration
import Foundation
import RegistryTesting
import Testing

@testable import AdminAPI

/// What a request may bring: a key that is misspelt, null or of another type is told by its name.
@Suite("What a request brings")
struct RequestTests {
    /// A request that is refused, and the field that it is refused for.
    struct Case: Sendable, CustomStringConvertible {
        let method: String
        let path: String
        let body: String
        let field: String?

        init(_ method: String, _ path: String, _ body: String, _ field: String?) {
            (self.method, self.path, self.body, self.field) = (method, path, body, field)
        }

        var description: String { "\(method) \(path) \(body)" }
    }

    static let cases = [
        Case(
            "PUT",
            "roles/own",
            #"{"policies": [{"effekt": "deny", "repo": "*", "actions": ["pull"]}]}"#,
            "policies[0].effekt"
        ),
        Case(
            "PUT",
            "roles/own",
            #"{"policies": [{"effect": "Deny", "repo": "*", "actions": ["pull"]}]}"#,
            "policies[0].effect"
        ),
        Case("PUT", "roles/own", #"{"policies": [{"repo": "*", "actions": ["pul"]}]}"#, "policies[0].actions[0]"),
        Case("PUT", "roles/own", #"{"policies": [{"repo": "a**", "actions": ["pull"]}]}"#, "policies[0].repo"),
        Case("PUT", "roles/own", #"{"policies": null}"#, "policies"),
        Case("PUT", "roles/own", "{}", "policies"),
        Case("POST", "tokens", #"{"policies": null}"#, "policies"),
        Case("POST", "tokens", #"{"addresses": null}"#, "addresses"),
        Case("POST", "tokens", #"{"adresses": ["10.0.0.0/8"]}"#, "adresses"),
        Case("POST", "tokens", #"{"addresses": ["10.0.0.0/8 "]}"#, "addresses[0]"),
        Case("POST", "tokens", #"{"expiresAt": "2026-02-31T00:00:00Z"}"#, "expiresAt"),
        Case("POST", "tokens", #"{"expiresAt": "2099-01-01"}"#, "expiresAt"),
        Case("POST", "users", #"{"name": "carol\n"}"#, "name"),
        Case("POST", "users", #"{"name": "carol", "password": "short"}"#, "password"),
        Case("POST", "users", #"{"name": "carol", "description": "a\u0000b"}"#, "description"),
        Case("POST", "users", #"{"name": 5}"#, "name"),
        Case("POST", "robots/ci/secrets", #"{"overlapSeconds": -1}"#, "overlapSeconds"),
        Case("POST", "robots/ci/secrets", #"{"overlapSeconds": 2592001}"#, "overlapSeconds"),
        Case("POST", "robots/ci/secrets", #"{"overlapSeconds": 1e30}"#, "overlapSeconds"),
        Case("PATCH", "users/bob", #"{"isDisabled": "true"}"#, "isDisabled"),
        Case("POST", "declaration", #"{"robots": [{"name": "a+b+c"}]}"#, "robots[0].name"),
        Case(
            "POST",
            "declaration",
            #"{"projects": [{"name": "a", "members": [{"subject": "x", "roles": []}]}]}"#,
            "projects[0].members[0].subject"
        ),
        Case("POST", "users", "[]", nil), Case("POST", "users", "", nil), Case("POST", "users", "{", nil),
        Case("POST", "users", "null", nil), Case("POST", "users", String(repeating: "[", count: 5000), nil),
    ]

    @Test("is refused by the name of what is wrong", arguments: cases)
    func isRefused(_ one: Case) async throws {
        let office = try await TestAdministration()
        let answer = try await office.send(one.method, "/api/v1/\(one.path)", one.body)
        #expect(answer.status == 400)
        let body = try JSONDecoder().decode(ProblemBody.self, from: Data(answer.body))
        #expect((body.error.code, body.error.field) == (.invalid, one.field))
        #expect(body.request == answer[header: "X-Request-Id"])
        #expect(try await office.audit().isEmpty)
    }

    @Test("is JSON by its type, and not longer than is read")
    func form() async throws {
        let office = try await TestAdministration()
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            let answer = try await office.send(
                "POST",
                "/api/v1/projects",
                #"{"name": "new"}"#,
                [("Content-Type", type)]
            )
            #expect(answer.status == 415, "\(type)")
        }
        let type = [("Content-Type", "Application/JSON ; charset=utf-8")]
        #expect(try await office.send("POST", "/api/v1/projects", #"{"name": "new"}"#, type).status == 201)
        let long = #"{"name": "\#(String(repeating: "a", count: 1 << 20))"}"#
        #expect(try await office.send("POST", "/api/v1/projects", long).status == 413)
    }

    @Test(
        "has no parameter that is not known, none twice, and none that is empty where it may not be",
        arguments: [
            "/users?limt=5", "/users?limit=5&limit=6", "/users?limit=%zz", "/users?after=%00",
            "/access/explain?action=pull",
            "/access/explain?action=pul&repository=a", "/access/explain?action=pull&repository=A",
            "/robots?project=UP", "/audit?since=yesterday", "/me?x",
        ]
    )
    func query(_ path: String) async throws {
        let office = try await TestAdministration()
        #expect(try await office.send("GET", "/api/v1\(path)").status == 400)
    }

    @Test(
        "does not stop the server, whoever is asked about",
        arguments: [
            "", ":", "user:", ":bob", "user:bob:x", "robot:bob", "group:staff", "anonymous:", "%F0%9F%98%80",
        ]
    )
    func principal(_ text: String) async throws {
        let office = try await TestAdministration()
        let answer = try await office.send("GET", "/api/v1/access/explain?action=pull&repository=a&principal=\(text)")
        #expect(answer.status == 404)
    }

    @Test(
        "tells a stranger nothing: not which paths there are, nor methods, nor what is wrong with a body",
        arguments: [
            ("GET", "/users"), ("GET", "/nothing"), ("POST", "/me"), ("GET", "/users/bob"), ("GET", "/users/none"),
            ("POST", "/users"), ("GET", "/users?x=y"),
        ]
    )
    func stranger(_ method: String, _ path: String) async throws {
        let office = try await TestAdministration()
        let answer = try await office.send(method, "/api/v1\(path)", as: nil, method == "POST" ? "{" : nil)
        #expect(answer.status == 401)
        #expect(answer[header: "WWW-Authenticate"] == "Basic realm=\"wharf\"")
        let problem = try answer.problem
        #expect(problem.message == "log in: there is nothing here for who has not")
    }

    @Test("tells who may not the same of what is there and of what is not")
    func denied() async throws {
        let office = try await TestAdministration()
        for (method, path, body) in [
            ("GET", "users/alice", nil), ("DELETE", "users/alice", nil), ("PATCH", "users/alice", "{}"),
            ("GET", "robots/alice", nil), ("DELETE", "groups/alice", nil),
        ] as [(String, String, String?)] {
            let there = try await office.send(method, "/api/v1/\(path)", as: "bob", body)
            let missing = try await office.send(method, "/api/v1/\(path)x", as: "bob", body)
            #expect((there.status, missing.status) == (403, 403), "\(path)")
            #expect(try there.problem == missing.problem, "\(path)")
        }
        let token = try await office.management("alice").create(NewToken()).token.id
        let foreign = try await office.send("DELETE", "/api/v1/tokens/\(token)", as: "bob")
        #expect(foreign.status == 404)
        #expect(try await office.send("GET", "/api/v1/tokens/\(token)", as: "alice").status == 200)
    }

    @Test("has another method than the path takes: 405 says which it takes")
    func methods() async throws {
        let office = try await TestAdministration()
        let answer = try await office.send("PUT", "/api/v1/users/bob", "{}")
        #expect(answer.status == 405)
        #expect(answer[header: "Allow"] == "GET, HEAD, PATCH, DELETE")
        #expect(try await office.send("GET", "/api/v1/nothing").status == 404)
        #expect(try await office.send("GET", "/api/v1/users/").status == 404)
    }
}
