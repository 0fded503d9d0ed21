import Foundation
import Testing

@testable import RegistryTesting

/// Whatever is sent to the management by somebody who may do everything: it is refused in its shape, and soon.
@Suite struct HostileManagementTests {
    // MARK: Bodies

    private static func nested(_ count: Int, _ open: String, _ close: String) -> [UInt8] {
        Array((String(repeating: open, count: count) + String(repeating: close, count: count)).utf8)
    }

    private static let bodies: [(name: String, bytes: [UInt8])] = {
        let marks = String(repeating: "\u{301}\u{316}", count: 200_000)
        let texts: [(String, String)] = [
            ("nothing", ""), ("a space", " "), ("null", "null"), ("a number", "1"), ("a text", "\"a\""),
            ("a list", "[]"),
            ("a list of objects", "[{}]"), ("half an object", "{"), ("half a text", #"{"name":"a"#),
            ("a comma behind", #"{"name":"a",}"#), ("two values", "{}{}"), ("a comment", "/* */{}"),
            ("single quotes", "{'name':'a'}"), ("NaN", #"{"name":NaN}"#), ("a bare word", "{name:1}"),
            ("an unknown key", #"{"nmae":"a"}"#), ("a key of nothing", #"{"":1}"#), ("a key of NUL", #"{"\u0000":1}"#),
            ("a name twice", #"{"name":"new","name":"other"}"#), ("half a pair", #"{"name":"\ud800"}"#),
            ("a pair the wrong way round", #"{"name":"\udc00\ud800"}"#), ("NUL in a name", #"{"name":"a\u0000"}"#),
            ("a control character", "{\"name\":\"a\u{1}\"}"), ("a huge number", #"{"name":1e999999}"#),
            ("digits by the thousand", #"{"name":"# + String(repeating: "9", count: 500_000) + "}"),
            ("a byte order mark", "\u{FEFF}{}"), ("combining marks as a key", "{\"\(marks)\":1}"),
            ("combining marks as a value", "{\"name\":\"\(marks)\",\"repo\":\"\(marks)\",\"effect\":\"\(marks)\"}"),
            (
                "combining marks everywhere",
                #"{"name":"new","policies":[{"effect":"\#(marks)","repo":"a","actions":[]}]}"#
            ),
            ("many keys", "{" + (0..<100_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"),
            ("many zeros", "[" + String(repeating: "0,", count: 400_000) + "0]"),
            ("a prototype", #"{"__proto__":{"isAdmin":true}}"#),
        ]
        let lists = (0..<900).map { _ in String(decoding: nested(500, "[", "]"), as: UTF8.self) }
        let manyLists = Array("[\(lists.joined(separator: ","))]".utf8)
        let others: [(String, [UInt8])] = [
            ("lists in lists", nested(100_000, "[", "]")), ("objects in objects", nested(100_000, #"{"a":"#, "}")),
            ("many lists in lists", manyLists),
            ("lists that no one closes", [UInt8](repeating: 0x5B, count: 1_000_000)),
            ("eight megabytes", [UInt8](repeating: 0x20, count: 8 << 20)),
            ("more than eight megabytes", [UInt8](repeating: 0x20, count: (8 << 20) + 1)),
            ("UTF-16", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]),
            ("not UTF-8", Array("{\"name\":\"".utf8) + [0xFF, 0x22, 0x7D]),
            ("overlong UTF-8", Array("{\"name\":\"".utf8) + [0xC0, 0xAF, 0x22, 0x7D]),
            ("a surrogate in UTF-8", Array("{\"name\":\"".utf8) + [0xED, 0xA0, 0x80, 0x22, 0x7D]),
        ]
        return texts.map { ($0, Array($1.utf8)) } + others
    }()

    /// Every route that reads a body, in its first form.
    private static let writers = ManagementRequests.rows.filter { row in
        !row.name.contains("(") && ["POST ", "PUT ", "PATCH "].contains { row.name.hasPrefix($0) }
    }

    @Test(arguments: bodies.indices)
    func `a body that cannot be is refused by every route that reads one`(index: Int) async throws {
        let (name, bytes) = Self.bodies[index]
        try await Town.with { town in
            for row in Self.writers {
                var request = try row.make(town.plan, .root)
                guard !request.body.isEmpty else { continue }
                request.body = bytes
                try await Self.expectProblem(request, .root, [400, 413], "\(name) at \(row.name)", town)
                // Of who has not logged in nothing is read at all.
                try await Self.expectProblem(request, .anonymous, [401], "\(name) at \(row.name)", town)
            }
            HostileHeaderTests.expectQuiet(town, [])
        }
    }

    @Test(arguments: [
        "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", "é",
    ])
    func `a body of another type is refused, so that no page of the web can send one`(type: String) async throws {
        try await Town.with { town in
            var request = TestRequest("POST", "/api/v1/users", body: Array(#"{"name":"new"}"#.utf8))
            try await Self.expectProblem(request, .root, [415], "no type", town)
            request.headers = [("Content-Type", type)]
            try await Self.expectProblem(request, .root, [415], type, town)
        }
    }

    @Test(arguments: ["https://other.test", "null", "", "http://localhost.other.test", "http://other.test/localhost"])
    func `a page of another site changes nothing with a password that the browser remembers`(origin: String)
        async throws
    {
        try await Town.with { town in
            let before = try await town.state()
            for path in ["/keys", "/users", "/robots/fleet/secrets"] {
                let request = TestRequest("POST", "/api/v1" + path, headers: [("Origin", origin)])
                try await Self.expectProblem(request, .root, [403], "\(path) from \(origin)", town)
            }
            let after = try await town.state()
            #expect(before == after)
            for own in ["http://localhost", "https://localhost"] {
                let request = TestRequest("POST", "/api/v1/keys", headers: [("Origin", own)])
                #expect(try await town.send(request, as: .root).status == 201, "a page of its own may")
            }
        }
    }

    @Test func `values that no field takes are refused`() async throws {
        let cases = [
            ("POST", "/users", #"{"name":"a b"}"#), ("POST", "/users", #"{"name":"é"}"#),
            ("POST", "/users", #"{"name":"\u212Aate"}"#), ("POST", "/users", #"{"name":"a\n"}"#),
            ("POST", "/users", #"{"name":"../root"}"#), ("POST", "/users", #"{"name":1}"#),
            ("POST", "/users", #"{"name":["a"]}"#), ("POST", "/users", #"{"name":{"a":1}}"#),
            ("POST", "/users", #"{"name":"new","password":"short"}"#),
            ("POST", "/users", #"{"name":"new","password":"wharf_pat_0123"}"#),
            ("POST", "/users", #"{"name":"new","isAdmin":true}"#),
            ("POST", "/users", #"{"name":"team+robot"}"#), ("POST", "/robots", #"{"name":"team+new"}"#),
            ("POST", "/robots", #"{"name":"new","project":"../team"}"#),
            ("POST", "/robots", #"{"name":"new","expiresAt":"9999999999999"}"#),
            ("POST", "/tokens", #"{"addresses":["10.0.0.1/8"]}"#),
            ("POST", "/tokens", #"{"addresses":["::ffff:0/200"]}"#),
            ("POST", "/tokens", #"{"policies":[{"repo":"***","actions":["pull"]}]}"#),
            ("POST", "/tokens", #"{"policies":[{"repo":"a","actions":["root"]}]}"#),
            ("POST", "/tokens", #"{"policies":[{"repo":"a","actions":["pull"],"efect":"deny"}]}"#),
            ("POST", "/tokens", #"{"policies":[{"repo":"a","actions":["pull"],"effect":"deny","effect":"allow"}]}"#),
            ("POST", "/tokens", #"{"expiresAt":"2026-11-01T12:00:00Z","neverExpires":true}"#),
            ("POST", "/tokens", #"{"expiresAt":"1970-01-01T00:00:00Z"}"#),
            ("POST", "/projects", #"{"name":"Team"}"#), ("POST", "/projects", #"{"name":"team//x"}"#),
            ("PUT", "/members/user:none", #"{"roles":["no-such-role"]}"#),
            ("PUT", "/members/nobody", #"{"roles":["reader"]}"#), ("PUT", "/groups/staff", #"{"members":["nobody"]}"#),
            ("PUT", "/roles/new", #"{"policies":[{"repo":"*","actions":["pull"]},null]}"#),
            ("POST", "/robots/team+robot/secrets", #"{"overlapSeconds":-1}"#),
            ("POST", "/robots/team+robot/secrets", #"{"overlapSeconds":9223372036854775808}"#),
            ("POST", "/robots/team+robot/secrets", #"{"overlapSeconds":0.5}"#),
            ("POST", "/robots/team+robot/secrets", #"{"expiresAt":"9999-99-99T99:99:99Z"}"#),
            ("POST", "/jobs", #"{"kind":"no.such-kind"}"#), ("POST", "/jobs", #"{"kind":"tests.plain\n"}"#),
            ("POST", "/jobs", #"{"kind":"tests.plain","arguments":{"to":"x"}}"#),
            ("POST", "/jobs", #"{"kind":"tests.asking","arguments":{"to":["x"]}}"#),
            ("PATCH", "/job-schedules/nightly", #"{"cron":"* * * * *"}"#),
        ]
        try await Town.with { town in
            let before = try await town.state()
            for (method, path, body) in cases {
                let request = TestRequest(
                    method,
                    "/api/v1" + path.replacing("+", with: "%2B"),
                    headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8)
                )
                try await Self.expectProblem(request, .root, [400, 422], "\(method) \(path) \(body)", town)
            }
            let after = try await town.state()
            #expect(before == after, "nothing has changed")
        }
    }

    // MARK: Paths and headers

    @Test(arguments: [
        "/users/%", "/users/%2", "/users/%zz", "/users/%00", "/users/a%00b", "/users/%0a", "/users/%7F",
        "/users/%C0%AF",
        "/users/%C0%80", "/users/%ED%A0%80", "/users/%FF", "/users/" + String(repeating: "a", count: 600),
        "/users/" + String(repeating: "%CC%81%CC%96", count: 3000), "/users?limit=0", "/users?limit=-1",
        "/users?limit=1001", "/users?limit=1e3", "/users?limit=99999999999999999999", "/users?limit=1&limit=1",
        "/users?after=%00", "/users?after=%FF", "/users?nothing=1", "/users?%00=1", "/users?=", "/audit?since=never",
        "/audit?since=2026-99-99T00:00:00Z", "/audit?outcome=perhaps", "/audit?after=1.2.3", "/audit?after=-",
        "/access/explain", "/access/explain?action=pull", "/access/explain?action=root&repository=a",
        "/access/explain?action=pull&repository=../a", "/access/explain?action=pull&repository=%C3%A9",
        "/declaration?limit=1", "/jobs?state=all", "/jobs?after=0", "/jobs?after=9223372036854775808", "/jobs?kind=*",
        "/jobs/1/log?after=%2B1",
    ])
    func `a path or a query that cannot be is refused`(path: String) async throws {
        try await Town.with { town in
            let request = TestRequest("GET", "/api/v1" + path)
            try await Self.expectProblem(request, .root, [400, 422], String(path.prefix(80)), town)
            // A stranger learns nothing of which paths there are.
            try await Self.expectProblem(request, .anonymous, [400, 401], String(path.prefix(80)), town)
        }
    }

    @Test(arguments: [
        "/users/..", "/users/%2e%2e", "/users/%2E%2E/users", "/users/../users", "/users/./root", "/users//root",
        "//users",
        "/users/root/", "/users/%2Froot", "/users/root%2F", "/users/%252e%252e", "/users/root%2500", "/users/ro%6ft%20",
        "/Users/root", "/users/ROOT", "/users;a=b", "/users/%EF%BD%92oot", "/./users", "/users\\root",
        "/users/\u{301}root",
        "/users\u{301}", "/", "/robots/team%2Frobot", "/robots/team%252Brobot", "/projects/team%2F..%2Fteamwork",
        "/projects/team/app/members", "/roles/writer%20", "/keys/..", "/tokens/%2A", "/sessions/*",
        "/jobs/01", "/jobs/%2B1", "/jobs/1%20", "/jobs/1/", "/job-schedules/..",
    ])
    func `a path that is another is not there`(path: String) async throws {
        try await Town.with { town in
            for method in ["GET", "DELETE"] {
                let request = TestRequest(method, "/api/v1" + path)
                try await Self.expectProblem(request, .root, [400, 404, 405], "\(method) \(path)", town)
                try await Self.expectProblem(request, .anonymous, [401], "\(method) \(path)", town)
            }
            #expect(try await town.send(TestRequest("GET", "/api/v1/users/root"), as: .root).status == 200)
        }
    }

    @Test func `what looks like the management from outside is not it`() async throws {
        try await Town.with { town in
            for path in [
                "/api", "/api/", "/api/v1x", "/api/v10/users", "/API/v1/users", "/api//v1/users", "/api/%76%31/me",
            ] {
                let answer = try await town.send(TestRequest("GET", path), as: .root)
                #expect(answer.status == 404 && answer.isRefusal, "\(path): \(answer.status)")
            }
            for path in ["/api/v1/../v1/users", "/v2/../api/v1/users", "/v2/%2e%2e/api/v1/users"] {
                let answer = try await town.send(TestRequest("GET", path), as: .none)
                #expect([400, 404].contains(answer.status), "\(path): \(answer.status)")
            }
        }
    }

    @Test(arguments: [
        ("Idempotency-Key", "short"), ("Idempotency-Key", String(repeating: "k", count: 129)),
        ("Idempotency-Key", "a key with spaces in it"), ("Idempotency-Key", "é" + String(repeating: "k", count: 20)),
        ("If-None-Match", "\"a\""), ("If-Match", "\"a\""), ("If-Match", "a"), ("If-Match", "W/\"a\""), ("If-Match", ""),
        ("If-Match", String(repeating: "\"a\",", count: 4000)),
    ])
    func `a condition or a key that cannot be changes nothing`(name: String, value: String) async throws {
        try await Town.with { town in
            let before = try await town.state()
            let isKey = name == "Idempotency-Key"
            let request = TestRequest(
                isKey ? "POST" : "PATCH",
                isKey ? "/api/v1/users" : "/api/v1/users/none",
                headers: [("Content-Type", "application/json"), (name, value)],
                body: Array((isKey ? #"{"name":"new"}"# : #"{"description":"new"}"#).utf8)
            )
            try await Self.expectProblem(request, .root, [400, 412], "\(name): \(value.prefix(40))", town)
            let after = try await town.state()
            #expect(before == after)
        }
    }

    /// The answer is one of some statuses, of the right shape, and in time.
    private static func expectProblem(
        _ request: TestRequest,
        _ caller: Caller,
        _ statuses: Set<Int>,
        _ name: String,
        _ town: Town
    ) async throws {
        let start = ContinuousClock.now
        let answer = try await town.send(request, as: caller)
        let span = ContinuousClock.now - start
        #expect(span < HostileHeaderTests.patience, "\(name) for \(caller.rawValue) took \(span)")
        #expect(
            statuses.contains(answer.status),
            "\(name) for \(caller.rawValue): \(answer.status) \(answer.text.prefix(200))"
        )
        #expect(answer.isProblem, "\(name) for \(caller.rawValue): \(answer.text.prefix(200))")
    }
}
