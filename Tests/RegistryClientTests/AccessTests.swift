import OCI
import Outgoing
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import RegistryClient

@Suite("Getting in")
struct AccessTests {
    private static let image = SampleImage(seed: 3)

    private static func isToken(_ record: RequestRecord) -> Bool { record.url.contains("/token") }

    @Test("Who may pushes and pulls, with one challenge and a token for each kind of thing")
    func pushAndPull() async throws {
        try await GuardedServer.run { server in
            let credentials = GuardedServer.credentials("alice")
            try await TestClient.run(port: server.port, credentials: credentials) { test in
                try await test.client.push(Self.image, to: .app, tags: "1")
                try await test.client.demandWhole(Self.image.manifest, as: "1", in: .app)
                for blob in Self.image.blobs { try await test.client.demandWhole(blob, in: .app) }
                #expect(test.requests.all.filter { $0.status == 401 }.count == 1)
                #expect(test.requests.all.filter(Self.isToken).count == 1)
                try await test.client.deleteTag(Tag("1"), in: .app)
                let tags = try await test.client.allTags(in: .app)
                #expect(tags == [])
                #expect(test.requests.all.filter { $0.status == 401 }.count == 1)
            }
        }
    }

    @Test("Many requests at once ask for one token")
    func singleFlight() async throws {
        try await GuardedServer.run { server in
            let credentials = GuardedServer.credentials("alice")
            try await server.direct.push(Self.image, to: .app, tags: "1")
            try await TestClient.run(port: server.port, credentials: credentials) { test in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<32 {
                        group.addTask {
                            try await test.client.demandWhole(Self.image.manifest, as: "1", in: .app)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(test.requests.all.filter(Self.isToken).count == 1)
            }
        }
    }

    @Test("Nobody in particular reads what is public, and is told to log in for the rest")
    func anonymous() async throws {
        try await GuardedServer.run { server in
            let open = try RepositoryName("open/app")
            try await server.direct.push(Self.image, to: open, tags: "1")
            try await TestClient.run(port: server.port) { test in
                try await test.client.demandWhole(Self.image.manifest, as: "1", in: open)
                let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                #expect(error.code == .unauthorized)
                #expect(error.message.contains("`wharf login 127.0.0.1:\(server.port)`"))
            }
        }
    }

    @Test("A wrong password and one that lets nobody in there are told as they are")
    func refused() async throws {
        try await GuardedServer.run { server in
            let wrong = GuardedServer.credentials("alice", "wrong")
            try await TestClient.run(port: server.port, credentials: wrong) { test in
                let error = try await refusal { try await test.client.push(Self.image, to: .app, tags: "1") }
                #expect(error.code == .unauthorized)
                #expect(error.message.contains("does not accept the credentials"))
                let login = try await refusal { try await test.client.logIn() }
                #expect(login.code == .unauthorized)
            }
            try await TestClient.run(port: server.port, credentials: GuardedServer.credentials("bob")) { test in
                let error = try await refusal { try await test.client.push(Self.image, to: .app, tags: "1") }
                #expect(error.code == .unauthorized || error.code == .denied)
            }
            try await TestClient.run(port: server.port, credentials: GuardedServer.credentials("alice")) { test in
                try await test.client.logIn()
            }
        }
    }

    @Test("A token that has ended by the server's clock is asked for anew, once, by all at the same time")
    func ended() async throws {
        try await GuardedServer.run { server in
            try await server.direct.push(Self.image, to: .app, tags: "1")
            let credentials = GuardedServer.credentials("alice")
            try await TestClient.run(port: server.port, credentials: credentials) { test in
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                server.clock.advance(by: .seconds(3600))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                    }
                    try await group.waitForAll()
                }
                #expect(test.requests.all.filter(Self.isToken).count == 2)
            }
        }
    }

    @Test("A token that ends by the client's clock is renewed before it is refused")
    func renewed() async throws {
        try await GuardedServer.run { server in
            try await server.direct.push(Self.image, to: .app, tags: "1")
            let credentials = GuardedServer.credentials("alice")
            try await TestClient.run(port: server.port, credentials: credentials) { test in
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                test.time.advance(by: .seconds(291))
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                #expect(test.requests.all.filter(Self.isToken).count == 2)
                #expect(test.requests.all.filter { $0.status == 401 }.count == 1)
            }
        }
    }

    // MARK: Token services that are not as they should be

    private static func challenge(_ port: Int, host: String = "127.0.0.1") -> (String, String) {
        (
            "WWW-Authenticate",
            #"Bearer realm="http://\#(host):\#(port)/token",service="s",scope="repository:team/app:pull""#
        )
    }

    @Test("A password is not sent in the clear to another host than the registry's")
    func otherHost() async throws {
        try await HostileServer.run({ _, _ in .json(200, #"{"token":"t"}"#) }) { thief in
            let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
                .answer(401, [Self.challenge(thief.port, host: "localhost")])
            }
            try await TestClient.run(against: answer, credentials: FixedCredentials.password("u", "p")) { test, _ in
                let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                #expect(error.code == .unauthorized)
                #expect(error.message.contains("read the password along"))
                #expect(thief.asked.isEmpty)
            }
        }
    }

    @Test("A token service is asked by its forms, and what it says is kept to")
    func forms() async throws {
        let manifest = RegistryRules.index(1)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.target.hasPrefix("/token") {
                return .json(200, #"{"access_token":"t2","expires_in":100,"refresh_token":"r2"}"#)
            }
            guard asked.headers["authorization"] == "Bearer t2" else {
                return .answer(401, [Self.challenge(Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0)])
            }
            return .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
        }
        let credentials: [(RegistryCredential, String, String)] = [
            (.identityToken("id&1"), "POST", "refresh_token=id%261"),
            (.password(.init(user: "u", password: "p")), "GET", "account=u"),
        ]
        for (credential, method, part) in credentials {
            let source = FixedCredentials(credential: credential)
            try await TestClient.run(against: answer, credentials: source) { test, server in
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                test.time.advance(by: .seconds(91))
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                let asked = server.asked.filter { $0.target.hasPrefix("/token") }
                #expect(asked.map(\.method) == [method, method])
                #expect((asked[0].target + String(decoding: asked[0].body, as: UTF8.self)).contains(part))
                if method == "POST" {
                    #expect(String(decoding: asked[1].body, as: UTF8.self).contains("refresh_token=r2"))
                }
                #expect(server.asked.filter { $0.headers["authorization"] == nil && $0.method == "GET" }.count == 1)
            }
        }
    }

    @Test("A token service without OAuth is asked as of old")
    func noOAuth() async throws {
        let manifest = RegistryRules.index(1)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.target.hasPrefix("/token") {
                return asked.method == "POST" ? .answer(405) : .json(200, #"{"token":"t"}"#)
            }
            guard asked.headers["authorization"] == "Bearer t" else {
                return .answer(401, [Self.challenge(Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0)])
            }
            return .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
        }
        let source = FixedCredentials(credential: .identityToken("id"))
        try await TestClient.run(against: answer, credentials: source) { test, server in
            _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
            #expect(server.asked.map(\.method) == ["GET", "POST", "GET", "GET"])
        }
    }

    @Test("A refresh token does not follow a redirect")
    func redirectedToken() async throws {
        try await HostileServer.run({ _, _ in .json(200, #"{"token":"t"}"#) }) { thief in
            let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
                asked.target.hasPrefix("/token")
                    ? .answer(307, [("Location", "http://localhost:\(thief.port)/token")])
                    : .answer(401, [Self.challenge(Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0)])
            }
            for credential in [RegistryCredential.identityToken("id"), .password(.init(user: "u", password: "p"))] {
                let source = FixedCredentials(credential: credential)
                try await TestClient.run(against: answer, credentials: source) { test, _ in
                    _ = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                }
            }
            #expect(thief.asked.map(\.method) == ["GET"])
            #expect(thief.asked.allSatisfy { $0.headers["authorization"] == nil && $0.body.isEmpty })
        }
    }

    static let noTokens = [#"{}"#, #"{"token":""}"#, #"{"token":"a\r\nX: y"}"#, "<html>", #"{"token":17}"#]

    @Test("An answer without a token that can be sent is an error", arguments: noTokens)
    func noToken(text: String) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.target.hasPrefix("/token")
                ? .json(200, text)
                : .answer(401, [Self.challenge(Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0)])
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .unavailable)
            #expect(server.asked.count == 2)
        }
    }

    @Test("A registry that never takes a token is asked twice, and not for ever")
    func neverTaken() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            asked.target.hasPrefix("/token")
                ? .json(200, #"{"token":"t\#(number)"}"#)
                : .answer(401, [Self.challenge(Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0)])
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .unauthorized)
            #expect(server.asked.count == 3)
        }
    }

    @Test("A token that ends while a blob comes is renewed, and the blob goes on")
    func endsInTransfer() async throws {
        let blob = SampleBlob(count: 200_000, seed: 4)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            if asked.target.hasPrefix("/token") { return .json(200, #"{"token":"t\#(number)"}"#) }
            let port = Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0
            guard asked.headers["authorization"] == (number < 3 ? "Bearer t1" : "Bearer t4") else {
                return .answer(401, [Self.challenge(port)])
            }
            guard let range = asked.headers["range"] else {
                return .answer(200, [], Array(blob.bytes.prefix(90_000)), length: blob.bytes.count).cut
            }
            let start = range.dropFirst(6).split(separator: "-").first.flatMap { Int($0) } ?? 0
            return .answer(206, [("Content-Range", "bytes \(start)-199999/200000")], Array(blob.bytes[start...]))
        }
        try await TestClient.run(against: answer) { test, server in
            let content = try await test.client.blob(blob.name, in: .app)
            let bytes = try await content.allBytes()
            #expect(bytes == blob.bytes)
            #expect(server.asked.filter { $0.target.hasPrefix("/token") }.count == 2)
        }
    }

    @Test("A token that ends while bytes go up has the caller go on from where the upload stands")
    func endsInUpload() async throws {
        let blob = SampleBlob(count: 1000, seed: 4)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            if asked.target.hasPrefix("/token") { return .json(200, #"{"token":"t\#(number)"}"#) }
            let port = Int(asked.headers["host"]?.split(separator: ":").last ?? "") ?? 0
            guard asked.headers["authorization"] == (number < 3 ? "Bearer t1" : "Bearer t4") else {
                return .answer(401, [Self.challenge(port)])
            }
            return switch asked.method {
            case "POST": .answer(202, [("Location", "/up")])
            case "GET": .answer(204, [("Range", "0-0"), ("Location", "/up")])
            default: .answer(201)
            }
        }
        try await TestClient.run(against: answer) { test, _ in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            let error = try await refusal {
                _ = try await test.client.finishUpload(
                    id,
                    appending: blob.body(),
                    at: 0,
                    expecting: blob.name,
                    in: .app
                )
            }
            #expect(error.code == .unavailable)
            #expect(error.message.contains("Go on from where the upload stands"))
            let offset = try await test.client.upload(id, in: .app).offset
            let size = try await test.client.finishUpload(
                id,
                appending: blob.body(),
                at: offset,
                expecting: blob.name,
                in: .app
            )
            #expect(size == 1000)
        }
    }

    // MARK: TLS or not

    @Test("On this machine a registry without TLS is found once")
    func automatic() async throws {
        let manifest = RegistryRules.index(1)
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
        }
        try await HostileServer.run(answer) { server in
            try await TestClient.run(port: server.port, scheme: .automatic) { test in
                for _ in 0..<3 { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                #expect(test.requests.all.filter { $0.url.hasSuffix("/v2/") }.count == 1)
                #expect(test.requests.all.allSatisfy { $0.url.hasPrefix("http:") })
                let facts = try await test.client.ping()
                #expect(facts.url == "http://127.0.0.1:\(server.port)/v2/")
            }
        }
    }

    @Test("Where TLS is asked for, nothing goes in the clear")
    func https() async throws {
        try await HostileServer.run({ _, _ in .answer(200) }) { server in
            try await TestClient.run(port: server.port, scheme: .https) { test in
                let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                #expect(error.code == .unavailable)
                #expect(server.asked.isEmpty)
            }
        }
    }

    // MARK: What a registry says of itself

    @Test("What a registry is and how many pulls are left is read from its answers")
    func facts() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.target == "/v2/" {
                return .answer(
                    401,
                    [("Docker-Distribution-Api-Version", "registry/2.0"), ("WWW-Authenticate", "Basic realm=\"x\"")]
                )
            }
            let fields = [
                ("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "76;w=21600"),
                ("docker-ratelimit-source", "192.0.2.7"),
            ]
            return .answer(200, fields, [], length: 10, isHead: true)
        }
        try await TestClient.run(against: answer) { test, _ in
            let facts = try await test.client.ping()
            #expect(facts.status == 401)
            #expect(facts.apiVersion == "registry/2.0")
            #expect(facts.challenges == [.init(scheme: "basic", realm: "x", service: nil)])
            #expect(facts.isRegistry)
            let limit = try await test.client.rateLimit(in: .app, of: .tag(Tag("latest")))
            let expected = RateLimit(limit: 100, remaining: 76, window: .seconds(21_600), source: "192.0.2.7")
            #expect(limit == expected)
        }
    }
}
