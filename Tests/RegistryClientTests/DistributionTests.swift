import Foundation
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

/// Debian's docker-registry (CNCF distribution 2.8) on a free port, over a folder of its own.
struct DistributionServer: Sendable {
    let port: Int

    /// Of the user `user`: `secret`, as bcrypt has it.
    private static let htpasswd = "user:$2b$04$88lb7284uVrPP72czvqUoetmjeHk.6TZ1g5/zo15TXM7D1l.iJ94W\n"

    static func run(isGuarded: Bool = false, _ body: (DistributionServer) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let port = try FreePort.find()
        var text = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: "\(folder.path)/data"}
              delete: {enabled: true}
            http: {addr: "127.0.0.1:\(port)"}

            """
        if isGuarded {
            try htpasswd.write(toFile: "\(folder.path)/htpasswd", atomically: true, encoding: .utf8)
            text += "auth: {htpasswd: {realm: test, path: \"\(folder.path)/htpasswd\"}}\n"
        }
        try text.write(toFile: "\(folder.path)/config.yml", atomically: true, encoding: .utf8)
        let arguments = ["serve", "\(folder.path)/config.yml"]
        let process = try Command("/usr/bin/docker-registry", arguments).start()
        try await process.waitUntil("docker-registry answers") {
            (try? await TestHTTPClient(port: port).send(TestRequest("GET", "/v2/")))?.status != nil
        }
        do {
            try await body(DistributionServer(port: port))
        } catch {
            await process.kill()
            throw error
        }
        await process.kill()
    }
}

@Suite("With Debian's docker-registry")
struct DistributionTests {
    private static let image = SampleImage(seed: 5, layerSize: 3_000_000)

    private static func open(_ body: (TestClient) async throws -> Void) async throws {
        try await DistributionServer.run { server in try await TestClient.run(port: server.port) { try await body($0) }
        }
    }

    @Test("An image is pushed and pulled, whole and in ranges")
    func image() async throws {
        try await Self.open { test in
            try await test.client.push(Self.image, to: .app, tags: "1", "2")
            for tag in ["1", "2", Self.image.manifest.digest] {
                try await test.client.demandWhole(Self.image.manifest, as: tag, in: .app)
            }
            for blob in Self.image.blobs { try await test.client.demandWhole(blob, in: .app) }
            let descriptor = try await test.client.descriptor(of: .tag(Tag("1")), in: .app)
            #expect(descriptor.digest.description == Self.image.manifest.digest)
            #expect(descriptor.size == Int64(Self.image.manifest.bytes.count))
            let range: Range<Int64> = 1_000_000..<1_000_100
            let content = try await test.client.blob(Self.image.layer.name, range: range, in: .app)
            let bytes = try await content.allBytes()
            #expect(bytes == Array(Self.image.layer.bytes[1_000_000..<1_000_100]))
        }
    }

    @Test("An upload goes in chunks, is gone on with after a break, and knows its offsets")
    func chunks() async throws {
        try await Self.open { test in
            let blob = Self.image.layer
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            _ = try await test.client.append(blob.body(0..<1_000_000), to: id, at: 0, in: .app)
            // What breaks without a length is kept.
            let broken = ScriptedBody([.bytes(Array(blob.bytes[1_000_000..<1_500_000])), .fail])
            await #expect(throws: ScriptedBody.Broken.self) {
                _ = try await test.client.append(broken, to: id, at: 1_000_000, in: .app)
            }
            let offset = try await test.client.upload(id, in: .app).offset
            #expect(offset == 1_500_000)
            let rest = blob.body(1_500_000..<3_000_000)
            let size = try await test.client.finishUpload(
                id,
                appending: rest,
                at: offset,
                expecting: blob.name,
                in: .app
            )
            #expect(size == 3_000_000)
            try await test.client.demandWhole(blob, in: .app)
        }
    }

    @Test("A long body of unknown length goes as it comes")
    func unknownLength() async throws {
        try await Self.open { test in
            let blob = Self.image.layer
            let steps = stride(from: 0, to: 3_000_000, by: 100_000).map { start in
                ScriptedBody.Step.bytes(Array(blob.bytes[start..<start + 100_000]))
            }
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            let body = ScriptedBody(steps)
            let size = try await test.client.finishUpload(id, appending: body, at: 0, expecting: blob.name, in: .app)
            #expect(size == 3_000_000)
            try await test.client.demandWhole(blob, in: .app)
        }
    }

    @Test("A blob is mounted where it can be")
    func mount() async throws {
        try await Self.open { test in
            let other = try RepositoryName("team/other")
            try await test.client.push(Self.image.config, to: .app)
            let isMounted = try await test.client.mountBlob(
                Self.image.config.name,
                from: .repository(.app),
                into: other
            )
            #expect(isMounted)
            try await test.client.demandWhole(Self.image.config, in: other)
            let absent = try await test.client.mountBlob(Self.image.layer.name, from: .repository(.app), into: other)
            #expect(!absent)
        }
    }

    @Test("Lists come in the contract's order and pages")
    func lists() async throws {
        try await Self.open { test in
            for name in ["a", "a-b", "a/b", "a.b"] {
                try await test.client.push(Self.image, to: RepositoryName(name), tags: "1")
            }
            var found: [String] = []
            for expected in [2, 2] {
                let page = try await test.client.repositories(after: found.last, limit: 2)
                #expect(page.elements.count == expected)
                found += page.elements.map(\.description)
            }
            #expect(found == ["a", "a-b", "a.b", "a/b"])
            let push = Self.image.manifest.push(tags: try ["B", "a", "10", "9"].map { try Tag($0) })
            _ = try await test.client.putManifest(push, in: RepositoryName("a"))
            let first = try await test.client.tags(in: RepositoryName("a"), after: nil, limit: 3)
            #expect(first.elements.map(\.description) == ["1", "10", "9"])
            let rest = try await test.client.tags(in: RepositoryName("a"), after: "9", limit: 3)
            #expect(rest.elements.map(\.description) == ["B", "a"])
            #expect(!rest.hasMore)
        }
    }

    @Test("Referrers are kept in the fallback index, also those that are pushed at the same time")
    func referrers() async throws {
        try await Self.open { test in
            try await test.client.push(Self.image, to: .app, tags: "1")
            try await test.client.push(SampleBlob.emptyJSON, to: .app)
            let subject = Self.image.manifest
            let pushed = (0..<8).map {
                SampleManifest.referrer(to: subject.descriptor(), artifactType: "a/\($0 % 2)", note: "\($0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for manifest in pushed {
                    group.addTask {
                        let receipt = try await test.client.push(manifest, to: .app)
                        #expect(receipt.subject?.description == subject.digest)
                    }
                }
                try await group.waitForAll()
            }
            let all = try await test.client.referrers(
                to: subject.name,
                artifactType: nil,
                in: .app,
                after: nil,
                limit: 10
            )
            #expect(all.elements.map(\.digest.description) == pushed.map(\.digest).sorted())
            #expect(all.elements.allSatisfy { $0.annotations.contains { $0.name == "note" } })
            let some = try await test.client.referrers(
                to: subject.name,
                artifactType: "a/1",
                in: .app,
                after: nil,
                limit: 10
            )
            #expect(some.elements.count == 4)
            for manifest in pushed.dropFirst() { try await test.client.deleteManifest(manifest.name, in: .app) }
            let left = try await test.client.referrers(
                to: subject.name,
                artifactType: nil,
                in: .app,
                after: nil,
                limit: 10
            )
            #expect(left.elements.map(\.digest.description) == [pushed[0].digest])
        }
    }

    @Test("What is missing, and what it cannot do, is told by its code")
    func refusals() async throws {
        try await Self.open { test in
            let nowhere = try RepositoryName("nowhere")
            let unknown = try await refusal { _ = try await test.client.tags(in: nowhere, after: nil, limit: 10) }
            #expect(unknown.code == .nameUnknown)
            try await test.client.push(Self.image, to: .app, tags: "1")
            let manifest = try await refusal { _ = try await test.client.manifest(.tag(Tag("2")), in: .app) }
            #expect(manifest.code == .manifestUnknown)
            let head = try await refusal { _ = try await test.client.descriptor(of: .tag(Tag("2")), in: .app) }
            #expect(head.code == .manifestUnknown)
            let blob = try await refusal { _ = try await test.client.blobByteCount(SampleBlob("x").name, in: .app) }
            #expect(blob.code == .blobUnknown)
            let tag = try await refusal { try await test.client.deleteTag(Tag("1"), in: .app) }
            #expect(tag.code == .unsupported)
            let condition = try await refusal {
                let push = RegistryRules.index(1).push(tags: [try Tag("1")], if: .absent)
                _ = try await test.client.putManifest(push, in: .app)
            }
            #expect(condition.code == .conditionFailed)
            let wrong = try await refusal {
                let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
                let body = SampleBlob("y").body()
                _ = try await test.client.finishUpload(
                    id,
                    appending: body,
                    at: 0,
                    expecting: SampleBlob("z").name,
                    in: .app
                )
            }
            #expect(wrong.code == .digestMismatch)
            try await test.client.deleteManifest(Self.image.manifest.name, in: .app)
            let gone = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(gone.code == .manifestUnknown)
        }
    }

    @Test("Name and password let in whom htpasswd knows")
    func basic() async throws {
        try await DistributionServer.run(isGuarded: true) { server in
            try await TestClient.run(port: server.port, credentials: FixedCredentials.password("user", "secret")) {
                test in
                try await test.client.logIn()
                try await test.client.push(Self.image, to: .app, tags: "1")
                try await test.client.demandWhole(Self.image.manifest, as: "1", in: .app)
                #expect(test.requests.all.filter { $0.status == 401 }.count == 1)
            }
            for credentials in [nil, FixedCredentials.password("user", "wrong")] {
                try await TestClient.run(port: server.port, credentials: credentials) { test in
                    let error = try await refusal { try await test.client.logIn() }
                    #expect(error.code == .unauthorized)
                    #expect(error.message.contains("`wharf login 127.0.0.1:\(server.port)`"))
                    let pull = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                    #expect(pull.code == .unauthorized)
                }
            }
        }
    }
}
