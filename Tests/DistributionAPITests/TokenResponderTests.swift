import Foundation
import Identity
import Metadata
import RegistryTesting
import Testing

@Suite struct TokenResponderTests {
    private typealias Guarded = GuardedRegistry

    private static let password = "pass-word%3Aof+those%20who+may"

    // MARK: GET

    @Test func `a token is given for a name and a password, with what is allowed of the scopes`() async throws {
        try await Guarded.with { (registry) async throws in
            let answers = [
                "/token?service=wharf&scope=repository:team/app:pull,push&scope=repository:other:pull",
                "/token?scope=repository:team/app:pull+repository:team/app:push%20repository:other:pull",
                "/token?account=alice&client_id=docker&service=&scope=repository%3Ateam%2Fapp%3Apull%2Cpush&scope=",
            ]
            for path in answers {
                let answer = try await registry.get(path, [Guarded.basic("alice")])
                #expect(answer.status == 200 && answer[header: "Cache-Control"] == "no-store")
                let grant = try answer.grant
                #expect(grant.scope == "repository:team/app:pull,push")
                #expect(grant.token == grant.access_token && grant.token_type == "Bearer")
                #expect(grant.expires_in == 300 && grant.issued_at == "2023-11-14T22:13:20Z")
                #expect(grant.refresh_token == nil)
                let list = try await registry.get("/v2/", [("Authorization", "Bearer \(grant.token)")])
                #expect(list.status == 200)
            }
        }
    }

    @Test func `nobody gets a token of nobody`() async throws {
        try await Guarded.with { (registry) async throws in
            let answer = try await registry.get(
                "/token?service=wharf&scope=repository:open/app:pull,push&offline_token=true"
            )
            #expect(answer.status == 200)
            #expect(try answer.grant.scope == "repository:open/app:pull")
            #expect(try answer.grant.refresh_token == nil)
        }
    }

    @Test func `a refresh token is given to who asks for one with a password, and gets tokens`() async throws {
        try await Guarded.with { (registry) async throws in
            let byGet = try await registry.get("/token?offline_token=true", [Guarded.basic("alice")])
            let byPost = try await registry.post(
                "grant_type=password&username=alice&password=\(Self.password)&access_type=offline&service=wharf"
            )
            for answer in [byGet, byPost] {
                let refresh = try #require(try answer.grant.refresh_token)
                let next = try await registry.post(
                    "grant_type=refresh_token&refresh_token=\(refresh)&scope=repository:team/app:pull"
                        + "&access_type=offline"
                )
                #expect(next.status == 200)
                #expect(try next.grant.scope == "repository:team/app:pull")
                #expect(try next.grant.refresh_token == nil)
                for header in [Guarded.basic("alice", refresh), ("Authorization", "Bearer \(refresh)")] {
                    #expect(try await registry.get("/token", [header]).status == 401)
                    #expect(try await registry.get("/v2/", [header]).status == 401)
                }
            }
            let secret = try await registry.handOut()
            let bySecret = try await registry.get("/token?offline_token=true", [Guarded.basic("alice", secret)])
            #expect(bySecret.status == 200)
            #expect(try bySecret.grant.refresh_token == nil)
        }
    }

    @Test func `a token gets no token`() async throws {
        try await Guarded.with { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:pull")
            for path in ["/token", "/token?offline_token=true&scope=repository:team/app:*"] {
                #expect(try await registry.get(path, [token]).summary == "401 UNAUTHORIZED")
            }
        }
    }

    // MARK: POST

    @Test func `the form of OAuth gets the same token`() async throws {
        try await Guarded.with { (registry) async throws in
            let scopes = "scope=repository:team/app:pull+repository:team/app:push&scope=repository%3Aopen%3Apull"
            let answer = try await registry.post(
                "grant_type=password&client_id=a&username=alice&password=\(Self.password)&service=wharf&\(scopes)"
            )
            #expect(answer.status == 200)
            #expect(try answer.grant.scope == "repository:team/app:pull,push repository:open:pull")
            let version = try await registry.get("/v2/", [("Authorization", "bearer  \(try answer.grant.token)")])
            #expect(version.status == 200)
        }
    }

    @Test(arguments: [
        "", "grant_type=", "grant_type=client_credentials", "grant_type=password", "grant_type=password&username=alice",
        "grant_type=password&password=x", "grant_type=refresh_token", "username=alice&password=x",
        "grant_type=password&username=alice&password=%", "grant_type=password&username=alice&password=%zz",
        "grant_type=password&username=%ff&password=x", "grant_type=password&username=alice&password=x&service=other",
        "grant_type=password&username=alice&password=x&scope=nonsense",
        String(repeating: "a=b&", count: 201), "password=" + String(repeating: "x", count: 64 << 10),
    ])
    func `a form that cannot be read, or asks for what there is not, is a bad request`(form: String) async throws {
        try await Guarded.with { (registry) async throws in
            let answer = try await registry.post(form)
            #expect(try answer.summary == "400 UNSUPPORTED", "\(answer.text)")
            #expect(try answer.refusal.error == "invalid_request")
            #expect(try answer.refusal.errors[0].message.split(separator: " ").count >= 4)
            #expect(answer[header: "X-Request-Id"]?.isEmpty == false)
        }
    }

    @Test func `a form that is not UTF-8 is a bad request`() async throws {
        try await Guarded.with { (registry) async throws in
            let form = Array("grant_type=password&username=alice&password=".utf8) + [0xFF]
            let answer = try await registry.harness.send(TestRequest("POST", "/token", body: form))
            #expect(try answer.summary == "400 UNSUPPORTED")
            #expect(try answer.refusal.errors[0].message == "the form is not UTF-8")
        }
    }

    // MARK: What is asked for

    @Test func `a hundred scopes may be asked for, and not one more`() async throws {
        try await Guarded.with { (registry) async throws in
            let hundred = (0..<100).map { "repository:team/app\($0):pull" }
            let fine = try await registry.get(
                "/token?scope=" + hundred.joined(separator: "+"),
                [Guarded.basic("alice")]
            )
            #expect(try fine.grant.scope == hundred.joined(separator: " "))
            let apart = hundred.map { "scope=\($0)" }.joined(separator: "&")
            for more in ["/token?\(apart)&scope=a:b:c", "/token?scope=\(hundred.joined(separator: "+"))+a:b:c"] {
                #expect(try await registry.get(more).summary == "400 UNSUPPORTED")
            }
        }
    }

    @Test(arguments: [
        "service=other", "service=WHARF", "scope=nonsense", "scope=a::b", "scope=%", "scope=%zz", "%=", "scope=%ff",
        "scope=repository:" + String(repeating: "a", count: 1100) + ":pull",
    ])
    func `a query that cannot be read, or is for another service, is a bad request`(query: String) async throws {
        try await Guarded.with { (registry) async throws in
            for headers in [[], [Guarded.basic("alice")]] {
                #expect(try await registry.get("/token?\(query)", headers).summary == "400 UNSUPPORTED")
            }
        }
    }

    @Test(arguments: ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
    func `another method is refused with those that there are`(method: String) async throws {
        try await Guarded.with { (registry) async throws in
            let answer = try await registry.harness.send(
                TestRequest(method, "/token", headers: [Guarded.basic("alice")])
            )
            #expect(answer.status == 405 && answer[header: "Allow"] == "GET, POST")
        }
    }

    // MARK: Who asks

    @Test func `a wrong name, a wrong password and a closed account look alike`() async throws {
        try await Guarded.with { (registry) async throws in
            let closed: Bool = try await registry.directory.change {
                try $0.setDisabled(since: .init(microseconds: 0), "bob")
            }
            #expect(closed)
            var answers: [TestResponse] = []
            for (name, password) in [("alice", "wrong"), ("nobody", "wrong"), ("bob", GuardedRegistry.password)] {
                answers.append(try await registry.get("/token", [Guarded.basic(name, password)]))
                let form = "grant_type=password&username=\(name)&password="
                answers.append(try await registry.post(form + (name == "bob" ? Self.password : "wrong")))
            }
            #expect(Set(answers.map(\.text)).count == 1)
            for answer in answers {
                #expect(try answer.summary == "401 UNAUTHORIZED")
                #expect(try answer.refusal.error == "invalid_grant")
                #expect(answer[header: "WWW-Authenticate"]?.hasPrefix("Basic ") == true)
            }
        }
    }

    @Test(arguments: [
        "grant_type=password&username=&password=x", "grant_type=password&username=a%00b&password=x",
        "grant_type=password&username=a%0Ab&password=x", "grant_type=refresh_token&refresh_token=x",
        "grant_type=password&username=" + String(repeating: "%CC%81", count: 9000) + "&password=x",
        "grant_type=refresh_token&refresh_token=wharf_refresh_x", "grant_type=refresh_token&refresh_token=",
    ])
    func `what is nobody's name or token is refused like what is somebody's`(form: String) async throws {
        try await Guarded.with { (registry) async throws in
            #expect(try await registry.post(form).summary == "401 UNAUTHORIZED")
        }
    }

    // MARK: Elsewhere

    @Test func `the keys are shown, under the prefix too, and other paths go on`() async throws {
        try await Guarded.with(prefix: "/registry") { (registry) async throws in
            for path in ["/.well-known/jwks.json", "/registry/.well-known/jwks.json?x=y"] {
                let answer = try await registry.get(path)
                #expect(answer.status == 200 && answer.text == registry.directory.snapshot.keys.publicKeySet)
            }
            #expect(try await registry.get("/registry/token?scope=a:b:c").status == 200)
            for path in ["/token/", "/tokens", "/registry", "/v2/token/x", "/registry/registry/token"] {
                #expect(try await registry.get(path).status == 404, "\(path)")
            }
        }
    }
}
