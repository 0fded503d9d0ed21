import OCI
import Outgoing
import RegistryContract
import RegistryTesting
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
