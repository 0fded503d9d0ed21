import BlobStorage
import Foundation
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3MultipartTests {
    private static let partSize = 5 << 20

    private static func bytes(_ count: Int) -> [UInt8] {
        // Not `SeededGenerator`, which takes seconds for so many.
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    }

    @Test(arguments: Party.allCases)
    func `an object is put in parts, and is there when it is completed`(party: Party) async throws {
        try await party.run { client in
            let content = Self.bytes(Self.partSize + 1234)
            let upload = try await client.createUpload("big", metadata: ["digest": "sha256:11"])
            let first = try await client.uploadPart(1, of: upload, .bytes(content[..<Self.partSize]))
            let second = try await client.uploadPart(2, of: upload, .bytes(content[Self.partSize...]))
            #expect(first.byteCount == Int64(Self.partSize) && second.byteCount == 1234)
            try await expectFailure(.noSuchKey) { try await client.head("big") }
            try await client.complete(upload, [first, second])
            let facts = try await client.head("big")
            #expect(facts.byteCount == Int64(content.count) && facts.metadata["digest"] == "sha256:11")
            #expect(try await client.get("big").body.collect(upTo: 10 << 20) == content)
        }
    }

    @Test(arguments: [S3Settings.Checksum.crc32, .sha256])
    func `parts may have checksums of their own`(checksum: S3Settings.Checksum) async throws {
        try await Party.radosGateway.run({ $0.checksum = checksum }) { client in
            let upload = try await client.createUpload("big")
            let part = try await client.uploadPart(1, of: upload, .bytes([1, 2, 3]))
            #expect(part.checksum != nil)
            try await client.complete(upload, [part])
            #expect(try await client.get("big").body.collect(upTo: 3) == [1, 2, 3])
        }
    }

    @Test func `a part is replaced by one of its number, and the parts are listed`() async throws {
        try await Party.radosGateway.run { client in
            let upload = try await client.createUpload("x")
            _ = try await client.uploadPart(1, of: upload, .bytes([1, 2, 3]))
            let part = try await client.uploadPart(1, of: upload, .bytes([4, 5]))
            let listed = try await client.listParts(of: upload)
            #expect(listed.map(\.number) == [1] && listed.map(\.byteCount) == [2])
            try await client.complete(upload, [part])
            #expect(try await client.get("x").body.collect(upTo: 3) == [4, 5])
        }
    }

    @Test(arguments: Party.allCases)
    func `uploads that have not ended are listed until they are aborted`(party: Party) async throws {
        try await party.run { client in
            var uploads: [S3Upload] = []
            for index in 0..<3 { uploads.append(try await client.createUpload("up/\(index)")) }
            let other = try await client.createUpload("other")
            let page = try await client.listUploads(prefix: "up/")
            #expect(Set(page.uploads.map(\.id)) == Set(uploads.map(\.id)) && page.next == nil)
            #expect(page.uploads.allSatisfy { $0.startedAt != nil })
            for upload in uploads + [other] {
                try await client.abort(upload)
                try await client.abort(upload)
            }
            #expect(try await client.listUploads().uploads == [])
            try await expectFailure(.noSuchUpload) { try await client.uploadPart(1, of: other, .bytes([1])) }
            // The gateway lists the parts of no object, and says for a while that such a completion is under way.
            guard party == .rclone else { return }
            try await expectFailure(.noSuchUpload) { try await client.listParts(of: other) }
            let part = S3Part(number: 1, etag: "\"0\"", byteCount: 1)
            try await expectFailure(.noSuchUpload) { try await client.complete(other, [part]) }
        }
    }

    @Test func `a part is made of an object that is there`() async throws {
        try await Party.radosGateway.run { client in
            let content = Self.bytes(Self.partSize)
            try await client.put("source + 1", .bytes(content))
            let upload = try await client.createUpload("copy")
            let first = try await client.copyPart(1, of: upload, from: "source + 1", byteCount: Int64(content.count))
            let second = try await client.uploadPart(2, of: upload, .bytes([9]))
            try await client.complete(upload, [first, second])
            #expect(try await client.get("copy").body.collect(upTo: 10 << 20) == content + [9])
            let missing = try await client.createUpload("missing")
            let error = try await failure { try await client.copyPart(1, of: missing, from: "none", byteCount: 1) }
            #expect(error.code == .noSuchKey)
        }
    }

    @Test func `parts that are too small or unknown make no object`() async throws {
        try await Party.radosGateway.run { client in
            let upload = try await client.createUpload("x")
            let parts = [
                try await client.uploadPart(1, of: upload, .bytes([1])),
                try await client.uploadPart(2, of: upload, .bytes([2])),
            ]
            try await expectFailure(.entityTooSmall) { try await client.complete(upload, parts) }
            var wrong = parts[0]
            wrong.etag = "\"00000000000000000000000000000000\""
            try await expectFailure(.invalidPart) { try await client.complete(upload, [wrong]) }
            try await client.abort(upload)
        }
    }

    @Test(arguments: Party.allCases)
    func `a probe leaves nothing behind and says what the store lacks`(party: Party) async throws {
        try await party.run { client in
            let findings = try await client.probe(name: "1")
            switch party {
            case .radosGateway: #expect(findings.sentences == [])
            case .rclone:
                #expect(Set(findings.lacking.keys) == [.conditionalPuts, .partCopies, .partReplacements])
            }
            #expect(findings.sentences.allSatisfy { $0.contains(client.settings.bucket) && $0.hasSuffix(".") })
            #expect(try await client.list().objects == [])
            #expect(try await client.listUploads().uploads == [])
        }
    }

    @Test(arguments: Party.allCases)
    func `what a probe has left whose process was ended is removed when it is old, and nothing else`(
        party: Party
    ) async throws {
        try await party.run { client in
            let left = ["probe/1/object", "probe/1/upload", "probe/1/corrupted"]
            let others = ["blobs/4f/4f0a", "probe/1/other", "probe/object", "probe/mine/and/object", "probes/1/object"]
            for name in left + others { try await client.put(name, .bytes(Array("text".utf8))) }
            let upload = try await client.createUpload("probe/2/upload")
            _ = try await client.uploadPart(1, of: upload, .bytes(Array("text".utf8)))
            let other = try await client.createUpload("blobs/4f/4f0b")
            #expect(try await client.removeProbes(before: Date() - 3600) == 0, "others may be at it now")
            #expect(try await client.list().objects.map(\.key) == (left + others).sorted())
            let canList = try await client.listUploads().uploads.count == 2
            #expect(try await client.removeProbes(before: Date() + 3600) == (canList ? 4 : 3))
            #expect(try await client.list().objects.map(\.key) == others.sorted())
            #expect(try await client.listUploads().uploads.map(\.key) == (canList ? ["blobs/4f/4f0b"] : []))
            try await client.abort(other)
        }
    }

    @Test(arguments: Party.allCases)
    func `a probe of a bucket that is not there says so`(party: Party) async throws {
        try await party.run({ $0.bucket = "not-there-at-all" }) { client in
            try await expectFailure(.noSuchBucket) { try await client.probe(name: "1") }
        }
    }
}
