import AWS
import BlobStorage
import Foundation
import NIOCore
import NetworkAddress
import Outgoing
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3ObjectTests {
    private static func bytes(_ count: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(count))
        return generator.bytes(count)
    }

    @Test(arguments: Party.allCases)
    func `an object is put, described, read and removed`(party: Party) async throws {
        try await party.run { client in
            let content = Self.bytes(300_000)
            try await client.put("a/b", .bytes(content), metadata: ["digest": "sha256:00"])
            let facts = try await client.head("a/b")
            #expect(facts.byteCount == 300_000 && facts.metadata["digest"] == "sha256:00" && facts.etag != nil)
            let object = try await client.get("a/b")
            #expect(object.range == 0..<300_000 && object.facts.byteCount == 300_000)
            #expect(try await object.body.collect(upTo: 300_000) == content)
            try await client.delete("a/b")
            try await client.delete("a/b")
            try await expectFailure(.noSuchKey) { try await client.head("a/b") }
            try await expectFailure(.noSuchKey) { try await client.get("a/b") }
        }
    }

    @Test(arguments: Party.allCases)
    func `objects of no bytes, in pieces and out of files are what was put there`(party: Party) async throws {
        try await party.run { client in
            let content = Self.bytes(1_000_003)
            let folder = try TemporaryFolder()
            let path = "\(folder.path)/content"
            try Data(content).write(to: URL(filePath: path))
            let file = OpenFile(owning: open(path, O_RDONLY))
            let pieces = stride(from: 0, to: content.count, by: 99_991).map { start in
                ByteBuffer(bytes: content[start..<min(start + 99_991, content.count)])
            }
            try await client.put("empty", .empty)
            try await client.put("pieces", .buffers(pieces))
            try await client.put("file", .file(file, byteCount: Int64(content.count)))
            try await client.put("part", .file(file, start: 1000, byteCount: 500_000))
            try await client.put("stream", .stream(byteCount: Int64(content.count), Chunks(pieces: pieces)))
            let expected: [(String, ArraySlice<UInt8>)] = [
                ("empty", []), ("pieces", content[...]), ("file", content[...]), ("part", content[1000..<501_000]),
                ("stream", content[...]),
            ]
            for (key, bytes) in expected {
                #expect(try await client.get(key).body.collect(upTo: 2 << 20) == Array(bytes), "\(key)")
            }
        }
    }

    @Test(arguments: Party.allCases)
    func `a stretch of an object is read, up to its end`(party: Party) async throws {
        try await party.run { client in
            let content = Self.bytes(100_000)
            try await client.put("x", .bytes(content))
            for range: Range<Int64> in [0..<1, 0..<100_000, 99_999..<100_000, 5000..<70_000] {
                let object = try await client.get("x", range: range)
                #expect(object.range == range && object.facts.byteCount == 100_000)
                let expected = Array(content[Int(range.lowerBound)..<Int(range.upperBound)])
                #expect(try await object.body.collect(upTo: 100_000) == expected, "\(range)")
            }
            let tail = try await client.get("x", range: 90_000..<500_000)
            #expect(tail.range == 90_000..<100_000)
            #expect(try await tail.body.collect(upTo: 100_000) == Array(content[90_000...]))
            try await expectFailure(.rangeInvalid) { try await client.get("x", range: 100_000..<100_001) }
        }
    }

    @Test(arguments: Party.allCases)
    func `names may have signs that URLs and XML treat apart`(party: Party) async throws {
        try await party.run { client in
            let keys = ["a b", "a+b", "a%20b", "a&b=c?d#e", "é/ü/日本", "q'\"(x)!*;@:$,~^|{}[]"].sorted()
            for key in keys { try await client.put(key, .bytes(Array(key.utf8))) }
            for key in keys {
                #expect(try await client.get(key).body.collect(upTo: 100) == Array(key.utf8), "\(key)")
            }
            #expect(try await client.list().objects.map(\.key).sorted() == keys)
            #expect(try await client.delete(keys) == [])
            #expect(try await client.list().objects == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `objects are listed in pages, from a name on, and up to a delimiter`(party: Party) async throws {
        try await party.run { client in
            let keys = (0..<25).map { "\($0 % 3)/\(100 + $0)" }.sorted()
            for key in keys { try await client.put(key, .bytes(Array(key.utf8))) }
            for limit in [1, 7, 24, 25, 26] {
                var found: [S3Listed] = []
                var token: String?
                repeat {
                    let page = try await client.list(limit: limit, token: token)
                    #expect(page.objects.count <= limit)
                    found += page.objects
                    token = page.next
                } while token != nil && found.count < 100
                #expect(found.map(\.key) == keys && found.allSatisfy { $0.byteCount == 5 && $0.modifiedAt != nil })
            }
            #expect(try await client.list(prefix: "1/").objects.map(\.key) == keys.filter { $0.hasPrefix("1/") })
            #expect(try await client.list(after: keys[9], limit: 3).objects.map(\.key) == Array(keys[10..<13]))
            let folders = try await client.list(delimiter: "/")
            #expect(folders.prefixes == ["0/", "1/", "2/"] && folders.objects == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `many objects are removed at once, those that are not there too`(party: Party) async throws {
        try await party.run { client in
            for index in 0..<12 { try await client.put("many/\(index)", .empty) }
            try await client.put("kept", .empty)
            #expect(try await client.delete((0..<20).map { "many/\($0)" }) == [])
            #expect(try await client.list().objects.map(\.key) == ["kept"])
            #expect(try await client.delete([String]()) == [])
        }
    }

    @Test func `an object is not put where there is one`() async throws {
        try await Party.radosGateway.run { client in
            try await client.put("x", .bytes([1]), onlyIfAbsent: true)
            let error = try await failure { try await client.put("x", .bytes([2]), onlyIfAbsent: true) }
            #expect(error.code == .preconditionFailed && error.attempts == 1)
            #expect(try await client.get("x").body.collect(upTo: 1) == [1])
        }
    }

    @Test(arguments: Party.allCases)
    func `whoever has a signed URL reads an object, and nobody with another`(party: Party) async throws {
        try await party.run { client in
            try await client.put("a b", .bytes(Array("content".utf8)))
            let overrides = S3ResponseFields(contentType: "application/vnd.test", cacheControl: "max-age=5")
            let url = try await client.presignedGet("a b", lifetime: .seconds(60), overrides: overrides)
            #expect(!"\(url)".contains("X-Amz-Signature"))
            try await OutgoingClient.withClient { reader in
                let answer = try await reader.send(OutgoingRequest(.get, url))
                #expect(answer.status == 200)
                #expect(try await answer.body.collect(upTo: 100) == Array("content".utf8))
                if party == .radosGateway { #expect(answer.headers["Content-Type"] == "application/vnd.test") }
                let other = try OutgoingURL(
                    url.target,
                    path: url.pathAndQuery.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=61")
                )
                #expect(try await reader.send(OutgoingRequest(.get, other)).status == 403)
                let bare = try OutgoingURL(url.target, path: url.pathAndQuery.prefix { $0 != "?" })
                #expect([400, 403].contains(try await reader.send(OutgoingRequest(.get, bare)).status))
            }
        }
    }

    @Test(arguments: Party.allCases)
    func `a wrong key, and a bucket that is not there, are told apart`(party: Party) async throws {
        try await party.run({ $0.bucket = "not-there-at-all" }) { client in
            try await expectFailure(.noSuchBucket) { try await client.headBucket() }
            try await expectFailure(.noSuchBucket) { try await client.list() }
            try await expectFailure(.noSuchBucket) { try await client.put("x", .empty) }
        }
        let server = try await party.server()
        let wrong = S3Settings.Credentials.fixed(
            .init(accessKeyID: server.accessKeyID, secretAccessKey: "hunter2hunter2", source: "a test")
        )
        try await party.run({ $0.credentials = wrong }) { client in
            let error = try await failure { try await client.put("x", .empty) }
            #expect(error.code == .credentialsRefused || error.code == .denied)
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    @Test func `a store refuses bytes that are not those that were signed`() async throws {
        try await Party.radosGateway.run { client in
            var call = S3Call("s3:PutObject", .put, key: try client.address.full("x"))
            call.body = .bytes(Array("other bytes".utf8))
            call.isRepeated = false
            var sums = S3Sums([.sha256])
            Array("bytes".utf8).withUnsafeBytes { sums.update($0) }
            call.sums = sums
            let said = call
            try await expectFailure(.corrupted) { try await client.answer(said) }
        }
    }

    @Test(arguments: [S3Settings.Checksum.none, .md5, .crc32, .sha256])
    func `an object is put whatever it is checked by`(checksum: S3Settings.Checksum) async throws {
        try await Party.radosGateway.run({ $0.checksum = checksum }) { client in
            let content = Self.bytes(100_000)
            try await client.put("x", .bytes(content))
            #expect(try await client.get("x").body.collect(upTo: 100_000) == content)
        }
    }

    @Test func `a bucket may stand in the host's name`() async throws {
        let server = try await RadosGateway.shared
        var settings = S3Settings(
            region: "us-east-1",
            bucket: try await server.makeBucket(),
            credentials: server.credentials
        )
        let port = try #require(server.endpoint.target.port)
        settings.endpoint = try OutgoingURL("http://\(RadosGateway.domain):\(port)/")
        settings.addressing = .virtualHosted
        var configuration = OutgoingClient.Configuration()
        configuration.guardian = .publicOnly(allowing: [try #require(AddressBlock("127.0.0.0/8"))])
        configuration.resolver = AddressResolver { _, _ in [IPAddress("127.0.0.1")].compactMap { $0 } }
        let transport = try OutgoingClient(configuration)
        let client = try S3Client(settings, transport: transport)
        try await client.put("x", .bytes([7]))
        #expect(try await client.get("x").body.collect(upTo: 1) == [7])
        #expect(try await client.list().objects.map(\.key) == ["x"])
        await transport.shutDown()
    }
}

/// Chunks that can be gone through.
private struct Chunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>

        mutating func next() async -> ByteBuffer? { rest.popFirst() }
    }

    let pieces: [ByteBuffer]

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: pieces[...]) }
}
