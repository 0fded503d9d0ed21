import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("Reading from a registry that is not sound")
struct ReadingTests {
    private static let manifest = RegistryRules.index(1)
    private static let blob = SampleBlob(count: 300_000, seed: 1)

    private static func blobAnswer(_ asked: Asked, cutAfter: Int? = nil) -> Said {
        let bytes = blob.bytes
        guard let text = asked.headers["range"]?.dropFirst("bytes=".count) else {
            let said = Said.answer(200, [], cutAfter.map { Array(bytes.prefix($0)) } ?? bytes, length: bytes.count)
            return cutAfter == nil ? said : said.cut
        }
        let bounds = text.split(separator: "-").compactMap { Int($0) }
        let end = min(bounds[1], bytes.count - 1)
        let part = Array(bytes[bounds[0]...end])
        let headers = [("Content-Range", "bytes \(bounds[0])-\(end)/\(bytes.count)")]
        let said = Said.answer(206, headers, cutAfter.map { Array(part.prefix($0)) } ?? part, length: part.count)
        return cutAfter == nil ? said : said.cut
    }

    // MARK: Manifests

    @Test("A manifest with other bytes than its digest is refused, by digest and by tag")
    func forged() async throws {
        let manifest = Self.manifest
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(
                200,
                [("Content-Type", manifest.mediaType), ("Docker-Content-Digest", manifest.digest)],
                manifest.bytes + [0x20]
            )
        }
        try await TestClient.run(against: answer) { test, _ in
            for reference in [Reference.digest(try manifest.name), .tag(try Tag("1"))] {
                let error = try await refusal { _ = try await test.client.manifest(reference, in: .app) }
                #expect(error.code == .digestMismatch)
            }
        }
    }

    @Test("A manifest that a tag points to has its digest where the registry does not say it, and its type from within")
    func silent() async throws {
        let manifest = Self.manifest
        try await TestClient.run(against: { _, _ in .answer(200, [], manifest.bytes) }) { test, server in
            let found = try await test.client.manifest(.tag(Tag("1")), in: .app)
            #expect(found.digest.description == manifest.digest)
            #expect(found.mediaType.description == manifest.mediaType)
            let accept = try #require(server.asked[0].headers["accept"])
            #expect(accept.split(separator: ",").count == 6)
            // HEAD says nothing here, so that the descriptor comes from the manifest itself.
            let descriptor = try await test.client.descriptor(of: .tag(Tag("1")), in: .app)
            #expect(descriptor.size == Int64(manifest.bytes.count))
            #expect(descriptor.digest.description == manifest.digest)
        }
    }

    @Test("A manifest over the limit is refused before it is read")
    func large() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in .answer(200, [], [], length: 5 << 20) }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .manifestTooLarge)
        }
    }

    @Test("A page for people is told from a registry's answer", arguments: [200, 403, 404])
    func page(status: Int) async throws {
        let html = Array("<!DOCTYPE html><html>Welcome</html>".utf8)
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(status, [("Content-Type", "text/html; charset=utf-8")], html)
        }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("but not as a registry does"))
        }
    }

    // MARK: Blobs

    @Test("A blob that breaks off again and again is gone on with from where it broke")
    func resumed() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            Self.blobAnswer(asked, cutAfter: number < 3 ? 70_000 : nil)
        }
        try await TestClient.run(against: answer) { test, server in
            let content = try await test.client.blob(Self.blob.name, in: .app)
            let found1 = try await content.allBytes()
            #expect(found1 == Self.blob.bytes)
            // What the transport had not handed on when the connection broke is asked for again.
            let starts = server.asked.map { $0.headers["range"]?.dropFirst(6).split(separator: "-").first ?? "0" }
            let offsets = starts.compactMap { Int($0) }
            #expect(offsets.count == 4)
            #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= 70_000 })
        }
    }

    @Test("A blob that breaks off and comes no further fails after some attempts")
    func stuck() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in Self.blobAnswer(asked, cutAfter: 10) }
        try await TestClient.run(against: answer) { test, server in
            let content = try await test.client.blob(Self.blob.name, in: .app)
            let error = try await refusal { _ = try await content.allBytes() }
            #expect(error.code == .unavailable)
            #expect(server.asked.count == RetryPolicy().attemptCountMax)
        }
    }

    @Test("Of a blob a range is fetched, also from a server that gives the whole")
    func ranges() async throws {
        for isIgnoring in [false, true] {
            let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
                var asked = asked
                if isIgnoring { asked.headers["range"] = nil }
                return Self.blobAnswer(asked)
            }
            try await TestClient.run(against: answer) { test, _ in
                for range in [0..<10, 100_000..<100_001, 299_990..<300_000] as [Range<Int64>] {
                    let content = try await test.client.blob(Self.blob.name, range: range, in: .app)
                    #expect(content.byteCount == 300_000)
                    #expect(content.range == range)
                    #expect(
                        try await content.allBytes()
                            == Array(Self.blob.bytes[Int(range.lowerBound)..<Int(range.upperBound)])
                    )
                }
            }
        }
    }

    static let wrongRanges = [
        "bytes 1-10/300000", "bytes 0-10/300000", "bytes 0-8/300000", "bytes 9-0/300000", "nonsense", nil,
    ]

    @Test("Another range than was asked for is refused", arguments: wrongRanges)
    func wrongRange(field: String?) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
            .answer(206, field.map { [("Content-Range", $0)] } ?? [], Array(Self.blob.bytes[0..<10]))
        }
        try await TestClient.run(against: answer) { test, _ in
            let error = try await refusal { _ = try await test.client.blob(Self.blob.name, range: 0..<10, in: .app) }
            #expect(error.code == .sizeInvalid)
        }
    }

    @Test("A blob that has another size after it broke off is refused")
    func otherSize() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            guard number > 0 else { return Self.blobAnswer(asked, cutAfter: 100_000) }
            return .answer(206, [("Content-Range", "bytes 100000-100009/100010")], Array(repeating: 0, count: 10))
        }
        try await TestClient.run(against: answer) { test, _ in
            let content = try await test.client.blob(Self.blob.name, in: .app)
            let error = try await refusal { _ = try await content.allBytes() }
            #expect(error.code == .sizeInvalid)
        }
    }

    @Test("The size of a blob is asked by GET where HEAD does not do")
    func sizeByGet() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.method == "HEAD" ? .answer(405, isHead: true) : Self.blobAnswer(asked)
        }
        try await TestClient.run(against: answer) { test, server in
            let found2 = try await test.client.blobByteCount(Self.blob.name, in: .app)
            #expect(found2 == 300_000)
            #expect(server.asked.last?.headers["range"] == "bytes=0-0")
        }
    }

    // MARK: Redirects

    @Test("A blob is fetched where it is said to be, without the credentials, which nobody there can ask for either")
    func redirected() async throws {
        let elsewhere: @Sendable (Asked, Int) async -> Said = { asked, number in
            number == 0 ? Self.blobAnswer(asked) : .answer(401, [("WWW-Authenticate", "Basic realm=\"store\"")])
        }
        try await HostileServer.run(elsewhere) { store in
            let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
                guard asked.headers["authorization"] != nil else {
                    return .answer(401, [("WWW-Authenticate", "Basic realm=\"r\"")])
                }
                return .answer(307, [("Location", "http://localhost:\(store.port)/blob?signature=x")])
            }
            try await TestClient.run(against: answer, credentials: FixedCredentials.password("u", "p")) {
                test,
                server in
                let content = try await test.client.blob(Self.blob.name, in: .app)
                let found3 = try await content.allBytes()
                #expect(found3 == Self.blob.bytes)
                let error = try await refusal { _ = try await test.client.blob(Self.blob.name, in: .app) }
                #expect(error.code == .unavailable)
                #expect(error.message.contains("http://localhost:"))
                #expect(store.asked.map { $0.headers["authorization"] } == [nil, nil])
                #expect(server.asked.map { $0.headers["authorization"] != nil } == [false, true, true])
                #expect(test.requests.all.allSatisfy { !$0.description.contains("signature") })
            }
        }
    }

    @Test(
        "A redirect to itself, to a file, or to nowhere ends with an error",
        arguments: ["/v2/team/app/blobs/again", "file:///etc/passwd", "http://", "unix:/run/x"]
    )
    func wrongRedirect(location: String) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            .answer(307, [("Location", location.hasPrefix("/") ? asked.target : location)])
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await test.client.blob(Self.blob.name, in: .app) }
            #expect(error.code == .unavailable)
            #expect(server.asked.count <= 6)
        }
    }
}
