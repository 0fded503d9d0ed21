import Foundation
import RegistryTesting
import Testing

/// What is told for the audit: each login, refusal and change, and the pulls.
@Suite struct AuditTests {
    private typealias Guarded = GuardedRegistry

    private static let image = SampleImage(seed: 3, layerSize: 100)

    /// Pushes the image as `team/app:1`.
    private func push(to registry: GuardedRegistry, _ headers: [(String, String)]) async throws {
        for blob in [Self.image.layer, Self.image.config] {
            let path = "/v2/team/app/blobs/uploads/?digest=\(blob.digest)"
            let answer = try await registry.harness.send(TestRequest("POST", path, headers: headers, body: blob.bytes))
            #expect(answer.status == 201)
        }
        let manifest = Self.image.manifest
        let put = TestRequest(
            "PUT",
            "/v2/team/app/manifests/1",
            headers: headers + [("Content-Type", manifest.mediaType)],
            body: manifest.bytes
        )
        #expect(try await registry.harness.send(put).status == 201)
    }

    @Test func `a login at the token service is told, and no request with the token`() async throws {
        try await Guarded.with { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:pull")
            #expect(registry.told.next() == ["user:alice 127.0.0.1 login allowed"])
            #expect(try await registry.get("/v2/", [token]).status == 200)
            #expect(try await registry.get("/v2/team/app/tags/list", [token]).status == 404)
            #expect(registry.told.next() == [])
        }
    }

    @Test func `a password that is sent with each request is told once, a secret that was handed out by its id`()
        async throws
    {
        try await Guarded.with { (registry) async throws in
            for _ in 0..<3 { #expect(try await registry.get("/v2/", [Guarded.basic("alice")]).status == 200) }
            #expect(registry.told.next() == ["user:alice 127.0.0.1 login allowed"])
            let secret = try await registry.handOut()
            #expect(try await registry.get("/token", [Guarded.basic("alice", secret)]).status == 200)
            let told = registry.told.next()
            #expect(told.count == 1 && told[0].hasPrefix("user:alice 127.0.0.1 login allowed by "))
        }
    }

    @Test func `a form with a password or a refresh token is a login too`() async throws {
        try await Guarded.with { (registry) async throws in
            let password = Guarded.password.replacing(":", with: "%3A").replacing(" ", with: "+")
            let form = "grant_type=password&access_type=offline&username=alice&password=\(password)"
            let grant = try await registry.post(form).grant
            #expect(registry.told.next() == ["user:alice 127.0.0.1 login allowed"])
            let refresh = try #require(grant.refresh_token)
            #expect(try await registry.post("grant_type=refresh_token&refresh_token=\(refresh)").status == 200)
            #expect(registry.told.next().count == 1)
            #expect(try await registry.post("grant_type=refresh_token&refresh_token=x").status == 401)
            let told = registry.told.next()
            #expect(told.count == 1 && told[0].hasPrefix("anonymous 127.0.0.1 login denied"))
        }
    }

    @Test func `wrong credentials are told with the name that was given, wherever they were given`() async throws {
        try await Guarded.with { (registry) async throws in
            let wrong = Guarded.basic("alice", "wrong")
            for path in ["/v2/", "/token", "/v2/team/app/tags/list"] {
                #expect(try await registry.get(path, [wrong]).status == 401)
            }
            #expect(try await registry.post("grant_type=password&username=alice&password=wrong").status == 401)
            let line = "anonymous 127.0.0.1 login denied wrong name or password as alice"
            #expect(registry.told.next() == Array(repeating: line, count: 4))
            #expect(try await registry.get("/v2/", [("Authorization", "Bearer a.b.c")]).status == 401)
            let told = registry.told.next()
            #expect(told.count == 1 && told[0].hasPrefix("anonymous 127.0.0.1 login denied the token is not"))
        }
    }

    @Test func `the first question of a client that has no credentials yet is not told`() async throws {
        try await Guarded.with { (registry) async throws in
            for path in ["/v2/", "/v2/team/app/tags/list", "/v2/team/app/manifests/1"] {
                #expect(try await registry.get(path).status == 401)
            }
            #expect(registry.told.all == [])
        }
    }

    @Test func `a refusal is told with the rule that decided, and what was asked for`() async throws {
        try await Guarded.with { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:*", of: "bob")
            _ = registry.told.next()
            let digest = Self.image.manifest.digest
            let cases = [
                ("GET", "/v2/team/app/manifests/1", "manifest.pull team/app:1"),
                ("DELETE", "/v2/team/app/manifests/\(digest)", "manifest.delete team/app@\(digest)"),
                ("DELETE", "/v2/team/app/manifests/1", "tag.delete team/app:1"),
                ("POST", "/v2/team/app/blobs/uploads/", "blob.push team/app"),
                ("GET", "/v2/team/app/tags/list", "tag.list team/app"),
            ]
            for (method, path, what) in cases {
                #expect(try await registry.harness.send(TestRequest(method, path, headers: [token])).status == 403)
                #expect(
                    registry.told.next() == ["user:bob 127.0.0.1 \(what) denied denied because nothing allows it"]
                )
            }
        }
    }

    @Test func `a push, a pull and what is deleted are told after they happened`() async throws {
        try await Guarded.with { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:*")
            _ = registry.told.next()
            try await push(to: registry, [token])
            let who = "user:alice 127.0.0.1"
            let digest = Self.image.manifest.digest
            #expect(
                registry.told.next() == [
                    "\(who) blob.push team/app@\(Self.image.layer.digest) allowed",
                    "\(who) blob.push team/app@\(Self.image.config.digest) allowed",
                    "\(who) manifest.push team/app@\(digest) allowed", "\(who) tag.move team/app:1 allowed",
                ]
            )
            #expect(try await registry.get("/v2/team/app/manifests/1", [token]).status == 200)
            #expect(registry.told.next() == ["\(who) manifest.pull team/app:1 allowed"])
            for path in ["/v2/team/app/manifests/1", "/v2/team/app/manifests/\(digest)"] {
                #expect(try await registry.harness.send(TestRequest("DELETE", path, headers: [token])).status == 202)
            }
            #expect(
                registry.told.next() == [
                    "\(who) tag.delete team/app:1 allowed", "\(who) manifest.delete team/app@\(digest) allowed",
                ]
            )
            #expect(try await registry.get("/v2/team/app/manifests/1", [token]).status == 404)
            #expect(registry.told.next() == [], "what did not happen is not told")
        }
    }
}
