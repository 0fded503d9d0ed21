import Foundation
import Identity
import RegistryTesting
import Testing

/// Who may come in, and what those are told who may not.
@Suite struct AuthorizationTests {
    private typealias Guarded = GuardedRegistry

    // MARK: The header

    @Test func `a name with a password, a secret or a token comes in`() async throws {
        try await Guarded.with { (registry) async throws in
            let (secret, token) = (try await registry.handOut(), try await registry.bearer())
            let basic = Guarded.basic("alice").1.dropFirst(6)
            let values = [
                "Basic \(basic)", "basic \(basic)", "BASIC   \(basic)", Guarded.basic("alice", secret).1, token.1,
                token.1.replacing("Bearer ", with: "bearer "), token.1.replacing("Bearer ", with: "BEARER  "),
            ]
            for value in values {
                #expect(try await registry.get("/v2/", [("Authorization", value)]).status == 200, "\(value)")
            }
        }
    }

    @Test(arguments: [
        "", "Basic", "Bearer", "Basic ", "Bearer  ", "Basic !!!!", "Basic YWxpY2U=", "Basic YWxpY2U6", "Basic Og==",
        "Basic YWxpY2U6eA", "Digest username=alice", "Negotiate abc", "YWxpY2U6eA==", "Bearer a b", "Bearer é",
        "Basic " + Data("al\u{0}ice:x".utf8).base64EncodedString(),
        "Basic " + Data("al\nice:x".utf8).base64EncodedString(),
        "Basic " + Data("alice\u{7F}:x".utf8).base64EncodedString(),
        "Basic " + Data([0xFF, 0x3A, 0x78]).base64EncodedString(),
        "Basic " + Data((String(repeating: "a", count: 257) + ":x").utf8).base64EncodedString(),
    ])
    func `a header that cannot be read is refused like a wrong one, also where nobody may read`(value: String)
        async throws
    {
        try await Guarded.with { (registry) async throws in
            let headers = [("Authorization", value)]
            for path in ["/v2/", "/v2/open/app/tags/list"] {
                let answer = try await registry.get(path, headers)
                #expect(try answer.summary == "401 UNAUTHORIZED", "\(path)")
                #expect(answer[header: "WWW-Authenticate"]?.hasPrefix("Bearer realm=") == true)
            }
            #expect(try await registry.get("/token", headers).summary == "401 UNAUTHORIZED")
        }
    }

    @Test func `two headers are refused, even when both are right`() async throws {
        try await Guarded.with { (registry) async throws in
            let headers = [Guarded.basic("alice"), Guarded.basic("alice")]
            #expect(try await registry.get("/v2/", headers).summary == "401 UNAUTHORIZED")
            #expect(try await registry.get("/token", headers).summary == "401 UNAUTHORIZED")
        }
    }

    // MARK: Who may not

    @Test func `nobody is told to log in, and what for`() async throws {
        try await Guarded.with { (registry) async throws in
            let digest = SampleBlob("x").digest
            let cases = [
                ("GET", "/v2/", nil), ("GET", "/v2/team/app/manifests/1", "repository:team/app:pull"),
                ("HEAD", "/v2/team/app/blobs/\(digest)", "repository:team/app:pull"),
                ("POST", "/v2/team/app/blobs/uploads/", "repository:team/app:pull,push"),
                ("PUT", "/v2/open/app/manifests/1", "repository:open/app:pull,push"),
                ("DELETE", "/v2/open/app/manifests/1", "repository:open/app:delete"),
                (
                    "POST", "/v2/team/a/blobs/uploads/?mount=\(digest)&from=team/b",
                    "repository:team/a:pull,push repository:team/b:pull"
                ),
            ]
            for (method, path, scope) in cases {
                let answer = try await registry.harness.send(TestRequest(method, path))
                #expect(answer.status == 401, "\(method) \(path)")
                if method != "HEAD" { #expect(try answer.summary == "401 UNAUTHORIZED") }
                let wanted = #"Bearer realm="http://localhost/token",service="wharf""#
                #expect(answer.all("WWW-Authenticate") == [wanted + (scope.map { ",scope=\"\($0)\"" } ?? "")])
            }
            let open = try await registry.get("/v2/open/app/tags/list")
            #expect(try open.summary == "404 NAME_UNKNOWN", "where everybody may read, what is not there is not")
        }
    }

    @Test func `a token for something else is told what is missing, whether it is there or not`() async throws {
        try await Guarded.with { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:pull")
            #expect(try await registry.get("/v2/team/app/tags/list", [token]).summary == "404 NAME_UNKNOWN")
            for (method, path, scope) in [
                ("GET", "/v2/team/other/tags/list", "repository:team/other:pull"),
                ("POST", "/v2/team/app/blobs/uploads/", "repository:team/app:pull,push"),
            ] {
                let answer = try await registry.harness.send(TestRequest(method, path, headers: [token]))
                #expect(try answer.summary == "401 UNAUTHORIZED")
                let challenge = answer[header: "WWW-Authenticate"] ?? ""
                #expect(challenge.hasSuffix(",scope=\"\(scope)\",error=\"insufficient_scope\""))
            }
        }
    }

    @Test func `who may not, and no token would help, is denied`() async throws {
        try await Guarded.with { (registry) async throws in
            let limited = Guarded.basic(
                "alice",
                try await registry.handOut(policies: #"[{"repo":"team/app","actions":["list","pull"]}]"#)
            )
            let token = try await registry.bearer("repository:team/app:*", of: "bob")
            for header in [limited, Guarded.basic("bob"), token] {
                let upload = TestRequest("POST", "/v2/team/app/blobs/uploads/", headers: [header])
                let answer = try await registry.harness.send(upload)
                #expect(try answer.summary == "403 DENIED")
                #expect(answer[header: "WWW-Authenticate"] == nil)
                #expect(try answer.refusal.errors[0].message.contains("may not push on team/app"))
            }
            #expect(try await registry.get("/v2/team/app/tags/list", [limited]).status == 404)
        }
    }

    @Test func `a wrong token is refused with a challenge that names no reason`() async throws {
        try await Guarded.with { (registry) async throws in
            let answer = try await registry.get("/v2/team/app/tags/list", [("Authorization", "Bearer a.b.c")])
            #expect(try answer.summary == "401 UNAUTHORIZED")
            #expect(!answer.text.contains("sign") && !answer.text.contains("a.b.c"))
            #expect(answer[header: "Cache-Control"] == "no-store")
        }
    }

    // MARK: Where to get a token

    /// Header fields, the prefix of the path, and the address of the token service that they lead to.
    struct Address: Sendable {
        var headers: [(String, String)]
        var prefix = ""
        var realm: String
    }

    @Test(arguments: [
        Address(headers: [("Host", "registry.test")], realm: "http://registry.test/token"),
        Address(headers: [("Host", "registry.test:5000")], realm: "http://registry.test:5000/token"),
        Address(headers: [("Host", "[::1]:5000")], realm: "http://[::1]:5000/token"),
        Address(headers: [("X-Forwarded-Proto", "https")], realm: "https://localhost/token"),
        Address(headers: [("X-Forwarded-Proto", "HTTPS, http")], realm: "https://localhost/token"),
        Address(headers: [("X-Forwarded-Proto", "gopher")], realm: "http://localhost/token"),
        Address(headers: [("Host", "inner"), ("X-Forwarded-Host", "outer:1")], realm: "http://outer:1/token"),
        Address(headers: [("Host", "inner"), ("X-Forwarded-Host", "outer, mid")], realm: "http://outer/token"),
        Address(headers: [("Host", "inner"), ("X-Forwarded-Host", "o\"")], realm: "http://inner/token"),
        Address(headers: [("Host", "inner"), ("X-Forwarded-Host", "")], realm: "http://inner/token"),
        Address(headers: [("X-Forwarded-Prefix", "/r")], realm: "http://localhost/r/token"),
        Address(headers: [("X-Forwarded-Prefix", "/r\"")], realm: "http://localhost/token"),
        Address(headers: [], prefix: "/registry", realm: "http://localhost/registry/token"),
        Address(headers: [("Host", "a\"b")], realm: "http://localhost/token"),
        Address(headers: [("Host", "a/b")], realm: "http://localhost/token"),
        Address(headers: [("Host", "a@b")], realm: "http://localhost/token"),
        Address(headers: [("Host", "a b")], realm: "http://localhost/token"),
        Address(headers: [("Host", "é")], realm: "http://localhost/token"),
        Address(headers: [("Host", "a\\")], realm: "http://localhost/token"),
        Address(headers: [("Host", "")], realm: "http://localhost/token"),
        Address(headers: [("Host", String(repeating: "a", count: 256))], realm: "http://localhost/token"),
    ])
    func `the token service is where the client found the registry`(address: Address) async throws {
        try await Guarded.with(prefix: address.prefix) { (registry) async throws in
            let answer = try await registry.get(address.prefix + "/v2/", address.headers)
            #expect(answer[header: "WWW-Authenticate"] == "Bearer realm=\"\(address.realm)\",service=\"wharf\"")
        }
    }

    // MARK: What is kept to itself

    @Test func `no answer and no line of the log has a password or a token that was sent`() async throws {
        try await Guarded.with { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:pull")
            let secret = try await registry.handOut()
            let issued = try await registry.get("/token?offline_token=true", [Guarded.basic("alice")]).grant
            let refresh = try #require(issued.refresh_token)
            let sent = [
                "wrong-word", Guarded.password, secret, refresh, issued.token, String(token.1.dropFirst(7)), "a.b.c",
            ]
            var answers: [TestResponse] = []
            for word in sent {
                let encoded = word.replacing(":", with: "%3A").replacing(" ", with: "+")
                for header in [
                    Guarded.basic("alice", word), Guarded.basic("nobody", word), Guarded.basic(word, "x"),
                    ("Authorization", "Bearer \(word)"), ("Authorization", "Digest \(word)"),
                ] {
                    for path in ["/v2/", "/v2/team/app/tags/list", "/v2/other/app/tags/list", "/token"] {
                        answers.append(try await registry.get(path, [header]))
                    }
                }
                for form in [
                    "grant_type=password&username=nobody&password=\(encoded)",
                    "grant_type=refresh_token&refresh_token=x\(encoded)",
                    "grant_type=password&username=alice&password=\(encoded)&scope=\(encoded)",
                ] {
                    answers.append(try await registry.post(form))
                }
            }
            #expect(answers.count { $0.status == 401 } > 50)
            #expect(registry.log.all.count > 50)
            let texts = registry.log.all + answers.map { "\($0.headers) \($0.text)" }
            for word in sent {
                let encoded = Data("alice:\(word)".utf8).base64EncodedString()
                #expect(!texts.contains { $0.contains(word) || $0.contains(encoded) }, "\(word)")
            }
        }
    }

    @Test func `a login that failed is in the log with its reason, the request and the address`() async throws {
        try await Guarded.with { (registry) async throws in
            _ = try await registry.get("/token", [Guarded.basic("alice", "wrong")])
            _ = try await registry.get("/v2/", [Guarded.basic("alice", "wrong")])
            #expect(registry.log.all.count == 2)
            for line in registry.log.all {
                #expect(line.contains("wrong name or password") && line.contains("127.0.0.1"))
                #expect(line.contains("\"request\""))
            }
        }
    }

    @Test func `who uses a credential that ends soon is warned with each answer, and no other`() async throws {
        try await GuardedRegistry.with { registry in
            let soon = try await registry.handOut(for: .seconds(13 * 86_400))
            let later = try await registry.handOut(for: .seconds(15 * 86_400))
            let token = try await registry.get("/token", [GuardedRegistry.basic("alice", soon)])
            let headers = [
                token, try await registry.get("/v2/", [GuardedRegistry.basic("alice", soon)]),
                try await registry.get("/v2/", [("Authorization", "Bearer \(try token.grant.token)")]),
            ].map { $0[header: "warning"] }
            for header in headers {
                #expect(
                    header?.hasPrefix("299 - \"the credential in use ends at ") == true,
                    "\(String(describing: header))"
                )
            }
            for quiet in [later, GuardedRegistry.password] {
                let answer = try await registry.get("/v2/", [GuardedRegistry.basic("alice", quiet)])
                #expect(answer.status == 200 && answer[header: "warning"] == nil)
            }
        }
    }

    @Test func `who may not push is refused before a byte of the manifest is read`() async throws {
        try await GuardedRegistry.with { registry in
            let tooLong = [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20)
            let path = "/v2/team/app/manifests/1"
            func put(as name: String) async throws -> Int {
                let headers = [GuardedRegistry.basic(name)]
                return try await registry.harness.send(TestRequest("PUT", path, headers: headers, body: tooLong)).status
            }
            let (bob, alice) = (try await put(as: "bob"), try await put(as: "alice"))
            #expect(bob == 403)
            #expect(alice == 413)
        }
    }
}
