import BlobStorage
import Foundation
import NIOCore
import RegistryTesting
import Synchronization
import Testing

@testable import BlobStorageS3

/// A store that answers as it should not.
@Suite struct S3HostileTests {
    private static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    /// Objects in memory, by their path.
    private final class Objects: Sendable {
        private let all = Mutex<[String: [UInt8]]>([:])

        func said(to asked: Asked) -> Said {
            switch asked.method {
            case "PUT":
                all.withLock { $0[asked.target] = asked.body }
                return .answer(200, [("ETag", "\"1\"")])
            default:
                guard let body = all.withLock({ $0[asked.target] }) else { return .error(404, "NoSuchKey") }
                return .answer(200, [("ETag", "\"1\"")], body)
            }
        }
    }

    @Test func `a store that asks to slow down at three of ten requests loses nothing, and is asked less at once`()
        async throws
    {
        let objects = Objects()
        let random = Mutex(SeededGenerator(seed: TestSeed.run))
        // Time runs fifty times as fast, and the machine does not.
        var limits = S3Limits()
        limits.waitMax = .seconds(3600)
        limits.attemptsDurationMax = .seconds(3600)
        try await withHostile(
            { asked, _ in
                let isRefused = random.withLock { Int.random(in: 0..<10, using: &$0) < 3 }
                return isRefused ? .slowDown : objects.said(to: asked)
            },
            limits: limits
        ) { client, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<150 {
                    group.addTask {
                        let content = Array("content of \(index)".utf8)
                        try await client.put("\(index)", .bytes(content))
                        #expect(try await client.get("\(index)").body.collect(upTo: 100) == content)
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.requestsAtOnce < 32, "TEST_SEED=\(TestSeed.run)")
            #expect(server.asked.count > 350, "TEST_SEED=\(TestSeed.run)")
        }
    }

    @Test func `a completion that answers 200 and then an error is an error, or is repeated`() async throws {
        let upload = S3Upload(key: "x", id: "1")
        let part = S3Part(number: 1, etag: "\"1\"", byteCount: 1)
        let done = "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>"
        try await withHostile { _, count in
            count == 0 ? .error(200, "InternalError") : .xml(200, "  \r\n<?xml version=\"1.0\"?>\n\(done)")
        } _: { client, server in
            try await client.complete(upload, [part])
            #expect(server.asked.count == 2)
        }
        try await withHostile { _, _ in
            .error(200, "InvalidPart")
        } _: { client, server in
            try await expectFailure(.invalidPart) { try await client.complete(upload, [part]) }
            try await expectFailure(.invalidPart) { try await client.copyPart(1, of: upload, from: "y", byteCount: 1) }
            #expect(server.asked.count == 2)
        }
        for body in ["", "<CompleteMultipartUploadResult>", "<Other/>", "text"] {
            try await withHostile { _, _ in
                .xml(200, body)
            } _: { client, _ in
                try await expectFailure(.notUnderstood) { try await client.complete(upload, [part]) }
            }
        }
    }

    /// An answer to a GET of a stretch, cut short after `count` bytes.
    private static func part(_ asked: Asked, cutAfter count: Int?) -> Said {
        var range = 0..<content.count
        if let text = asked.headers["range"]?.dropFirst(6), let start = Int(text.prefix { $0 != "-" }) {
            range = start..<content.count
        }
        let headers =
            [("ETag", "\"e\"")]
            + (asked.headers["range"] == nil
                ? [] : [("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.count)")])
        let body = Array(content[range].prefix(count ?? content.count))
        let said = Said.answer(asked.headers["range"] == nil ? 200 : 206, headers, body, length: range.count)
        return count == nil ? said : said.cut
    }

    @Test func `a body that is cut goes on from where it was cut, and only of the same object`() async throws {
        try await withHostile { asked, count in
            Self.part(asked, cutAfter: count < 3 ? 66_000 : nil)
        } _: { client, server in
            let bytes = try await client.get("x").body.collect(upTo: 200_000)
            #expect(bytes == Self.content)
            let later = server.asked.dropFirst()
            #expect(!later.isEmpty && later.allSatisfy { $0.headers["if-match"] == "\"e\"" })
            #expect(later.allSatisfy { $0.headers["range"]?.hasSuffix("-199999") == true })
        }
        try await withHostile { asked, count in
            count == 0 ? Self.part(asked, cutAfter: 66_000) : .error(412, "PreconditionFailed")
        } _: { client, _ in
            let error = try await failure { try await client.get("x").body.collect(upTo: 200_000) }
            #expect(error.code == .preconditionFailed)
        }
    }

    @Test func `a body that never comes further is given up`() async throws {
        try await withHostile { asked, _ in
            Self.part(asked, cutAfter: 10)
        } _: { client, server in
            let error = try await failure { try await client.get("x").body.collect(upTo: 200_000) }
            #expect(error.code == .unavailable)
            #expect(server.asked.count < 20)
        }
    }

    @Test(
        arguments: [
            (206, "bytes 0-9/100", 10), (206, "bytes 10-19/100", 9), (206, "bytes 10-18/100", 9), (200, nil, 100),
            (206, "bytes 10-19/*", 10), (206, "bytes 19-10/100", 10), (206, "10-19/100", 10),
            (206, "bytes 10-19/15", 10),
            (206, "bytes 10-99999999999999999999/100", 10),
        ] as [(Int, String?, Int)]
    )
    func `other bytes than were asked for are refused`(status: Int, range: String?, count: Int) async throws {
        try await withHostile { _, _ in
            .answer(status, range.map { [("Content-Range", $0)] } ?? [], Array(repeating: 0, count: count))
        } _: { client, _ in
            try await expectFailure(.notUnderstood) { try await client.get("x", range: 10..<20) }
        }
    }

    @Test func `an endless answer is read only so far`() async throws {
        let piece = Array(repeating: UInt8(ascii: "a"), count: 16_384)
        try await withHostile { _, _ in
            .endless(piece: piece)
        } _: { client, _ in
            try await expectFailure(.notUnderstood) { try await client.list() }
            try await expectFailure(.notUnderstood) { try await client.put("x", .empty) }
        }
        let text = "<Error>" + String(repeating: "<Code>", count: 20_000)
        try await withHostile { _, _ in
            .xml(404, text)
        } _: { client, _ in
            try await expectFailure(.noSuchBucket) { try await client.delete(["x"]) }
        }
    }

    @Test(arguments: [
        "", "<ListBucketResult>", "<Other/>", "<!DOCTYPE a><ListBucketResult/>",
        "<ListBucketResult><Contents/></ListBucketResult>",
        "<ListBucketResult><Contents><Key>x</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>x</Key><Size>99999999999999999999</Size></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%FF</Key><Size>1</Size></Contents>"
            + "</ListBucketResult>",
    ])
    func `a list that cannot be is refused`(text: String) async throws {
        try await withHostile { _, _ in
            .xml(200, text)
        } _: { client, server in
            try await expectFailure(.notUnderstood) { try await client.list() }
            #expect(server.asked.count == 1)
        }
    }

    @Test func `a list of uploads that goes in a circle ends`() async throws {
        let text = """
            <ListMultipartUploadsResult><IsTruncated>true</IsTruncated>
            <Upload><Key>x</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>
            """
        try await withHostile { _, _ in
            .xml(200, text)
        } _: { client, _ in
            let first = try await client.listUploads()
            try await expectFailure(.notUnderstood) { try await client.listUploads(after: first.next) }
        }
        let parts = """
            <ListPartsResult><IsTruncated>true</IsTruncated>
            <Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>1</Size></Part></ListPartsResult>
            """
        try await withHostile { _, _ in
            .xml(200, parts)
        } _: { client, _ in
            try await expectFailure(.notUnderstood) { try await client.listParts(of: S3Upload(key: "x", id: "1")) }
        }
    }

    @Test func `a secret of an answer is not repeated, and nothing in it moves a terminal`() async throws {
        let text = """
            <Error><Code>SignatureDoesNotMatch\u{9d}31m</Code><Message>line&#10;two hunter2hunter2</Message>
            <StringToSign>hunter2hunter2</StringToSign></Error>
            """
        try await withHostile { _, _ in
            .xml(403, text)
        } _: { client, _ in
            let error = try await failure { try await client.put("x", .empty) }
            var told = ""
            dump(error, to: &told)
            dump(client.settings, to: &told)
            #expect(!told.contains("hunter2") && !told.contains("\u{1b}"))
        }
    }
}
