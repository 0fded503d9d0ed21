import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("Coming again")
struct RetryTests {
    private static let manifest = RegistryRules.index(1)

    private static func manifestAnswer(_ asked: Asked) -> Said {
        .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
    }

    @Test("Who asks to come again is asked again after the time that was named", arguments: [429, 503])
    func retryAfter(status: Int) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            number < 2 ? .answer(status, [("Retry-After", "7")]) : Self.manifestAnswer(asked)
        }
        try await TestClient.run(against: answer) { test, server in
            _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
            #expect(server.asked.count == 3)
            #expect(test.time.waits == [.seconds(7), .seconds(7)])
        }
    }

    @Test("Too long a wait is not waited, and named")
    func tooLong() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .json(429, #"{"errors":[{"code":"TOOMANYREQUESTS","message":"pull limit"}]}"#, [("Retry-After", "3600")])
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .tooManyRequests)
            #expect(error.message.contains("3600 seconds"))
            #expect(error.message.contains("pull limit"))
            #expect(server.asked.count == 1)
            #expect(test.time.waits.isEmpty)
        }
    }

    @Test("A lost connection is tried again with longer waits, and not for ever")
    func lost() async throws {
        try await TestClient.run(against: { _, _ in Said(bytes: [], ends: true) }) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .unavailable)
            #expect(server.asked.count == 4)
            #expect(test.time.waits == [.milliseconds(250), .milliseconds(500), .seconds(1)])
        }
    }

    @Test("A refusal is not tried again", arguments: [400, 401, 403, 404, 405, 501])
    func refused(status: Int) async throws {
        try await TestClient.run(against: { _, _ in .answer(status) }) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.message.contains("127.0.0.1:\(server.port)"))
            #expect(server.asked.count == 1)
        }
    }

    @Test("What a registry says is in the error, without what could harm a terminal")
    func said() async throws {
        let body = #"{"errors":[{"code":"DENIED","message":"no \u001b[2J entry"}]}"#
        try await TestClient.run(against: { _, _ in .json(403, body) }) { test, _ in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .denied)
            #expect(error.message.contains("no ?[2J entry"))
            #expect(error.message.contains("read the manifest team/app:1"))
        }
    }

    @Test(
        "Who has used up a quota is told to free some, and others to ask for the right",
        arguments: [("adding 1 MiB would exceed the storage QUOTA", "Free some"), ("not for you", "Ask its operator")]
    )
    func quota(message: String, advice: String) async throws {
        let body = #"{"errors":[{"code":"DENIED","message":"\#(message)"}]}"#
        try await TestClient.run(against: { _, _ in .json(403, body) }) { test, _ in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.message.contains(advice) && error.message.contains("wharf login") != (advice == "Free some"))
        }
    }

    @Test("A manifest with a condition is pushed once, and one without is pushed again")
    func pushes() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            asked.method == "PUT" ? (number == 0 ? Said(bytes: [], ends: true) : .answer(201)) : .answer(404)
        }
        try await TestClient.run(against: answer) { test, server in
            let receipt = try await test.client.putManifest(Self.manifest.push(tags: [Tag("1")]), in: .app)
            #expect(receipt.digest == (try Self.manifest.name))
            #expect(server.lines == ["PUT /v2/team/app/manifests/1", "PUT /v2/team/app/manifests/1"])
        }
        let losing: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.method == "PUT" ? Said(bytes: [], ends: true) : .answer(404, isHead: asked.method == "HEAD")
        }
        try await TestClient.run(against: losing) { test, server in
            let push = Self.manifest.push(tags: [try Tag("1")], if: .absent)
            let error = try await refusal { _ = try await test.client.putManifest(push, in: .app) }
            #expect(error.code == .unavailable)
            #expect(server.lines.filter { $0.hasPrefix("PUT") }.count == 1)
            #expect(server.asked.last?.headers["if-none-match"] == "*")
        }
    }

    @Test("What is gone when a deletion is sent again was deleted by it", arguments: [true, false])
    func deletions(wasThere: Bool) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            let isFirst = asked.method == "DELETE" && number % 2 == 0
            return wasThere && isFirst ? Said(bytes: [], ends: true) : .answer(404)
        }
        try await TestClient.run(against: answer) { test, server in
            func delete(_ body: () async throws -> Void) async throws {
                guard !wasThere else { return try await body() }
                let error = try await refusal(body)
                #expect([.manifestUnknown, .blobUnknown].contains(error.code))
            }
            try await delete { try await test.client.deleteTag(Tag("1"), in: .app) }
            try await delete { try await test.client.deleteBlob(Self.manifest.name, in: .app) }
            #expect(server.asked.count == (wasThere ? 4 : 2))
        }
    }

    @Test("What is not there when a deletion was only put off was not deleted by it")
    func laterDeletion() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, number in .answer(number == 0 ? 503 : 404) }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal { try await test.client.deleteTag(Tag("1"), in: .app) }
            #expect(error.code == .manifestUnknown)
        }
    }

    @Test("A call that is cancelled while it waits ends at once")
    func cancelled() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in .answer(503, [("Retry-After", "30")]) }
        try await HostileServer.run(answer) { server in
            try await TestClient.run(port: server.port) { configuration in
                configuration.time = .system
            } _: { test in
                let task = Task { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                while server.asked.isEmpty { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }
}
