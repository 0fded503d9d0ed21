import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("Uploads to a registry that is not sound")
struct UploadTests {
    private static let blob = SampleBlob(count: 100_000, seed: 9)

    /// Begins an upload at a place, and answers what follows by `next`.
    private static func starting(
        at location: String = "/v2/team/app/blobs/uploads/1?state=a",
        _ fields: [(String, String)] = [],
        _ next: @escaping @Sendable (Asked) -> Said
    ) -> @Sendable (Asked, Int) async -> Said {
        { asked, _ in
            asked.method == "POST" ? .answer(202, [("Location", location)] + fields) : next(asked)
        }
    }

    @Test("A blob goes in one request behind the first, and the query of its place is kept")
    func monolithic() async throws {
        let answer = Self.starting { _ in .answer(201) }
        try await TestClient.run(against: answer) { test, server in
            let size = try await test.client.push(Self.blob, to: .app)
            #expect(size == 100_000)
            let put = try #require(server.asked.last)
            #expect(put.line == "PUT /v2/team/app/blobs/uploads/1?state=a&digest=\(Self.blob.digest)")
            #expect(put.body == Self.blob.bytes)
            #expect(put.headers["content-range"] == nil)
            #expect(server.lines.count == 2)
        }
    }

    @Test("Each chunk goes to the place that the last answer has named, relative or absolute")
    func places() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            let host = asked.headers["host"] ?? ""
            return switch asked.method {
            case "POST": .answer(202, [("Location", "/up/0")])
            case "PATCH" where asked.target == "/up/0":
                .answer(202, [("Location", "1?x=y"), ("Range", "0-49999")])
            case "PATCH": .answer(202, [("Location", "http://\(host)/up/2"), ("Range", "0-79999")])
            default: .answer(201)
            }
        }
        try await TestClient.run(against: answer) { test, server in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            _ = try await test.client.append(Self.blob.body(0..<50_000), to: id, at: 0, in: .app)
            let status = try await test.client.append(Self.blob.body(50_000..<80_000), to: id, at: 50_000, in: .app)
            #expect(status.offset == 80_000)
            let rest = Self.blob.body(80_000..<100_000)
            _ = try await test.client.finishUpload(id, appending: rest, at: 80_000, expecting: Self.blob.name, in: .app)
            #expect(server.asked.map { $0.headers["content-range"] } == [nil, "0-49999", "50000-79999", "80000-99999"])
            #expect(
                server.lines.dropFirst() == [
                    "PATCH /up/0", "PATCH /up/1?x=y", "PUT /up/2?digest=\(Self.blob.digest)",
                ]
            )
        }
    }

    @Test("Bytes go to another host without credentials, and are not sent again when it asks for some")
    func otherHost() async throws {
        let refusing: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(401, [("WWW-Authenticate", "Basic realm=\"store\"")])
        }
        try await HostileServer.run(refusing) { store in
            let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
                guard asked.headers["authorization"] != nil else {
                    return .answer(401, [("WWW-Authenticate", "Basic realm=\"r\"")])
                }
                return .answer(202, [("Location", "http://localhost:\(store.port)/up")])
            }
            try await TestClient.run(against: answer, credentials: FixedCredentials.password("u", "p")) { test, _ in
                let error = try await refusal { _ = try await test.client.push(Self.blob, to: .app) }
                #expect(error.code == .unavailable)
                #expect(error.message.contains("http://localhost:"))
                #expect(store.asked.map { $0.headers["authorization"] } == [nil])
            }
        }
    }

    @Test("An upload is not sent to what is no server", arguments: ["file:///tmp/x", "unix:/run/x", "http://"])
    func noServer(location: String) async throws {
        try await TestClient.run(against: Self.starting(at: location) { _ in .answer(201) }) { test, server in
            let error = try await refusal { _ = try await test.client.push(Self.blob, to: .app) }
            #expect(error.code == .unavailable)
            #expect(server.lines.count == 1)
        }
    }

    @Test(
        "A connection that breaks in the midst of an upload is not tried again, and the upload goes on where it stands"
    )
    func broken() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            switch (asked.method, number) {
            case ("POST", _): .answer(202, [("Location", "/up")])
            case ("PUT", 1): Said(bytes: [], ends: true)
            case ("GET", _): .answer(204, [("Range", "0-39999"), ("Location", "/up")])
            case ("HEAD", _): .answer(404, isHead: true)
            default: .answer(201)
            }
        }
        try await TestClient.run(against: answer) { test, server in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            let error = try await refusal {
                let body = Self.blob.body()
                _ = try await test.client.finishUpload(id, appending: body, at: 0, expecting: Self.blob.name, in: .app)
            }
            #expect(error.code == .unavailable)
            let offset = try await test.client.upload(id, in: .app).offset
            #expect(offset == 40_000)
            let rest = Self.blob.body(40_000..<100_000)
            let size = try await test.client.finishUpload(
                id,
                appending: rest,
                at: offset,
                expecting: Self.blob.name,
                in: .app
            )
            #expect(size == 100_000)
            #expect(server.asked.last?.headers["content-range"] == "40000-99999")
            #expect(server.lines.filter { $0.hasPrefix("PUT") }.count == 2)
        }
    }

    @Test("Of an upload whose last answer is lost, the blob is looked for")
    func lostAnswer() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            switch asked.method {
            case "POST": .answer(202, [("Location", "/up")])
            case "PUT": Said(bytes: [], ends: true)
            default: .answer(200, [], [], length: 100_000, isHead: true)
            }
        }
        try await TestClient.run(against: answer) { test, _ in
            let size = try await test.client.push(Self.blob, to: .app)
            #expect(size == 100_000)
        }
    }

    @Test("An upload that broke off is over where the registry cannot be asked about it", arguments: [405, 501])
    func unasked(status: Int) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            switch asked.method {
            case "POST": .answer(202, [("Location", "/up")])
            case "PUT": Said(bytes: [], ends: true)
            case "GET" where asked.target == "/up": .answer(status)
            default: .answer(404, isHead: asked.method == "HEAD")
            }
        }
        try await TestClient.run(against: answer) { test, server in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            _ = try await refusal {
                let body = Self.blob.body()
                _ = try await test.client.finishUpload(id, appending: body, at: 0, expecting: Self.blob.name, in: .app)
            }
            // It can be begun anew, and what came is dropped where that is possible.
            let error = try await refusal { _ = try await test.client.upload(id, in: .app) }
            #expect(error.code == .uploadUnknown)
            #expect(server.lines.last == "DELETE /up")
        }
    }

    @Test("An offset that is refused is told with the true one, also where a registry says 0-0 of one byte")
    func offsets() async throws {
        for (field, at, expected) in [("0-599", 700, 600), ("0-0", 0, 1), ("0-0", 5, 0)] as [(String, Int64, Int64)] {
            let answer = Self.starting { _ in .answer(416, [("Range", field)]) }
            try await TestClient.run(against: answer) { test, _ in
                let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
                let error = try await refusal {
                    _ = try await test.client.append(Self.blob.body(0..<10), to: id, at: at, in: .app)
                }
                #expect(error.code == .uploadOffsetInvalid)
                #expect(error.offset == expected)
            }
        }
    }

    @Test("Chunks that are shorter than a registry wants are kept back until they are long enough")
    func chunkMin() async throws {
        let answer = Self.starting([("OCI-Chunk-Min-Length", "40000")]) { asked in
            asked.method == "PATCH"
                ? .answer(202, [("Range", "0-\(asked.headers["content-range"]?.split(separator: "-").last ?? "0")")])
                : .answer(201)
        }
        try await TestClient.run(against: answer) { test, server in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            for start in stride(from: 0, to: 90_000, by: 30_000) {
                let body = Self.blob.body(start..<start + 30_000)
                let status = try await test.client.append(body, to: id, at: Int64(start), in: .app)
                #expect(status.offset == Int64(start + 30_000))
            }
            let size = try await test.client.finishUpload(
                id,
                appending: Self.blob.body(90_000..<100_000),
                at: 90_000,
                expecting: Self.blob.name,
                in: .app
            )
            #expect(size == 100_000)
            let chunks = server.asked.filter { $0.method == "PATCH" || $0.method == "PUT" }
            #expect(chunks.map { $0.headers["content-range"] } == ["0-59999", "60000-99999"])
            #expect(chunks.flatMap(\.body) == Self.blob.bytes)
        }
    }

    @Test("A mount that is not done is false, and the upload that came of it is cancelled")
    func mount() async throws {
        let answer = Self.starting(at: "/up") { _ in .answer(204) }
        try await TestClient.run(against: answer) { test, server in
            let isMounted = try await test.client.mountBlob(
                Self.blob.name,
                from: .repository(RepositoryName("team/other")),
                into: .app
            )
            #expect(!isMounted)
            let query = "mount=\(Self.blob.digest)&from=team%2Fother"
            #expect(server.lines == ["POST /v2/team/app/blobs/uploads/?\(query)", "DELETE /up"])
        }
    }

    @Test("A body of another length than was said is refused, and one that breaks throws what broke it")
    func lengths() async throws {
        try await TestClient.run(against: Self.starting(at: "/up") { _ in .answer(201) }) { test, _ in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            let short = ScriptedBody([.bytes([1, 2, 3])], declaring: 10)
            let error = try await refusal { _ = try await test.client.append(short, to: id, at: 0, in: .app) }
            #expect(error.code == .sizeInvalid)
            let broken = ScriptedBody([.bytes([1, 2, 3]), .fail], declaring: 10)
            await #expect(throws: ScriptedBody.Broken.self) {
                _ = try await test.client.append(broken, to: id, at: 0, in: .app)
            }
        }
    }

    // MARK: Manifests

    @Test("Tags that the answer does not confirm are pushed one by one")
    func tags() async throws {
        let manifest = RegistryRules.index(1)
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in .answer(201) }
        try await TestClient.run(against: answer) { test, server in
            let push = manifest.push(tags: [try Tag("a"), try Tag("b")])
            _ = try await test.client.putManifest(push, in: .app)
            let path = "/v2/team/app/manifests/"
            #expect(
                server.lines == [
                    "PUT \(path)\(manifest.digest)?tag=a&tag=b", "PUT \(path)a", "PUT \(path)b",
                ]
            )
        }
    }

    @Test("A registry that changes manifests on the way is found out")
    func changed() async throws {
        let other = RegistryRules.index(2).digest
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in .answer(201, [("Docker-Content-Digest", other)]) }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal {
                _ = try await test.client.putManifest(RegistryRules.index(1).push(tags: [Tag("a")]), in: .app)
            }
            #expect(error.code == .digestMismatch)
        }
    }

    @Test("A registry that deletes only whole manifests says so of a tag", arguments: [400, 405])
    func tagDeletion(status: Int) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .json(status, #"{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}"#)
        }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal { try await test.client.deleteTag(Tag("a"), in: .app) }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("only a whole manifest"))
        }
    }
}
