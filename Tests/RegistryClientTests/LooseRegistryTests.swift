import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

/// What pulp-container 2.30 does, and others may.
@Suite("A registry that takes things loosely")
struct LooseRegistryTests {
    private static let blob = SampleBlob(count: 100_000, seed: 9)
    private static let manifest = RegistryRules.index(1)

    /// Takes a deletion, and still has the manifest the next so many times that it is asked for.
    private static func deleting(after lookCount: Int) -> @Sendable (Asked, Int) async -> Said {
        { asked, number in
            switch asked.method {
            case "DELETE": .answer(202)
            // The first request is the one that looks for a subject.
            case "GET" where number == 0: .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
            case "HEAD" where number < 2 + lookCount: .answer(200, fields, length: manifest.bytes.count, isHead: true)
            default: .answer(404, isHead: asked.method == "HEAD")
            }
        }
    }

    private static let fields = [
        ("Content-Type", manifest.mediaType), ("Docker-Content-Digest", manifest.digest),
    ]

    @Test("A manifest that is deleted later is waited for")
    func later() async throws {
        try await TestClient.run(against: Self.deleting(after: 3)) { test, server in
            try await test.client.deleteManifest(Self.manifest.name, in: .app)
            #expect(server.asked.map(\.method) == ["GET", "DELETE", "HEAD", "HEAD", "HEAD", "HEAD"])
            #expect(test.time.waits == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
        }
    }

    @Test("Who has deleted at once is looked after only the first time")
    func prompt() async throws {
        try await TestClient.run(against: Self.deleting(after: 0)) { test, server in
            try await test.client.deleteManifest(Self.manifest.name, in: .app)
            try await test.client.deleteManifest(Self.manifest.name, in: .app)
            #expect(server.asked.map(\.method) == ["GET", "DELETE", "HEAD", "GET", "DELETE"])
            #expect(test.time.waits.isEmpty)
        }
    }

    @Test("Who never deletes is not waited for without end, and not a second time")
    func endless() async throws {
        try await TestClient.run(against: Self.deleting(after: .max - 2)) { test, server in
            try await test.client.deleteManifest(Self.manifest.name, in: .app)
            let waited = test.time.waits.reduce(.zero, +)
            #expect(waited > .seconds(15) && waited <= RegistryClient.deletionTimeMax)
            let count = server.asked.count
            try await test.client.deleteManifest(Self.manifest.name, in: .app)
            #expect(server.asked.dropFirst(count).map(\.method).last == "DELETE")
        }
    }

    @Test("What a registry says that is not well for a moment does not mean that a manifest is gone")
    func unwell() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            switch (asked.method, number) {
            case ("DELETE", _): .answer(202)
            case ("GET", 0): .answer(200, [("Content-Type", Self.manifest.mediaType)], Self.manifest.bytes)
            // So often the first look is repeated.
            case ("HEAD", 2...5): .answer(503, isHead: true)
            case ("HEAD", 6): .answer(200, Self.fields, length: Self.manifest.bytes.count, isHead: true)
            default: .answer(404, isHead: asked.method == "HEAD")
            }
        }
        try await TestClient.run(against: answer) { test, server in
            try await test.client.deleteManifest(Self.manifest.name, in: .app)
            let heads = [String](repeating: "HEAD", count: 6)
            #expect(server.asked.map(\.method) == ["GET", "DELETE"] + heads)
        }
    }

    @Test("Who may delete and not look is believed that it is done; any other refusal is told", arguments: [403, 400])
    func unseen(status: Int) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.method == "DELETE" ? .answer(202) : .answer(status, isHead: asked.method == "HEAD")
        }
        try await TestClient.run(against: answer) { test, server in
            let name = try Self.manifest.name
            if status == 403 {
                try await test.client.deleteManifest(name, in: .app)
                #expect(server.asked.map(\.method) == ["GET", "DELETE", "HEAD"])
            } else {
                let error = try await refusal { try await test.client.deleteManifest(name, in: .app) }
                #expect(error.code == .unsupported)
            }
            #expect(test.time.waits.isEmpty)
        }
    }

    @Test("Of an upload that broke off and is there with fewer bytes, nobody believes that it is done")
    func truncated() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            switch asked.method {
            case "POST": .answer(202, [("Location", "/up")])
            case "PUT": Said(bytes: [], ends: true)
            case "HEAD": .answer(200, [], length: 40_000, isHead: true)
            default: .json(404, #"{"errors":[{"code":"UNSUPPORTED","message":"","detail":{}}]}"#)
            }
        }
        try await TestClient.run(against: answer) { test, _ in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            let lost = try await refusal {
                let body = Self.blob.body()
                _ = try await test.client.finishUpload(id, appending: body, at: 0, expecting: Self.blob.name, in: .app)
            }
            #expect(lost.code == .unavailable)
            // The registry says of the upload only that it does not do this: it is over.
            let ended = try await refusal { _ = try await test.client.upload(id, in: .app) }
            #expect(ended.code == .uploadUnknown)
        }
    }

    @Test("A registry that compares digests only of what was appended is sent blobs so, and anew after a loss")
    func trusting() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            let fields = [("Location", "/up/\(number)"), ("X-Registry-Supports-Signatures", "1")]
            return switch asked.method {
            case "POST": .answer(202, fields)
            case "PATCH" where number == 1: Said(bytes: [], ends: true)
            // So many were announced.
            case "PATCH": .answer(202, fields + [("Range", "0-99999")])
            case "GET": .answer(204, fields + [("Range", "0-99999")])
            case "DELETE": .answer(204)
            default: .answer(201)
            }
        }
        try await TestClient.run(against: answer) { test, server in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            _ = try await refusal {
                let body = Self.blob.body()
                _ = try await test.client.finishUpload(id, appending: body, at: 0, expecting: Self.blob.name, in: .app)
            }
            let unknown = try await refusal { _ = try await test.client.upload(id, in: .app) }
            #expect(unknown.code == .uploadUnknown)
            let size = try await test.client.push(Self.blob, to: .app)
            #expect(size == 100_000)
            let methods = server.asked.map(\.method)
            #expect(methods == ["POST", "PATCH", "GET", "DELETE", "POST", "PATCH", "PUT"])
            #expect(server.asked[5].body == Self.blob.bytes && server.asked[6].body.isEmpty)
            // A range would have it hold all of them in memory.
            #expect(server.asked[5].headers["content-range"] == nil)
        }
    }

    @Test("The size of a blob is asked once more where HEAD says that it is empty")
    func emptyHead() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.method == "HEAD"
                ? .answer(200, [], length: 0, isHead: true)
                : .answer(206, [("Content-Range", "bytes 0-0/100000")], [Self.blob.bytes[0]])
        }
        try await TestClient.run(against: answer) { test, server in
            let size = try await test.client.blobByteCount(Self.blob.name, in: .app)
            #expect(size == 100_000)
            #expect(server.asked.map(\.method) == ["HEAD", "GET"])
        }
    }
}
