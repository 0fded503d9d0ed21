import BlobStorage
import Hashing
import NIOCore
import NIOPosix
import OCI
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3BlobStoreFaultTests {
    private static let chunk = 700

    /// A process that has just started, with parts of 1000 bytes.
    private static func process(_ client: S3Client, _ folder: TemporaryFolder) -> S3BlobStore {
        S3BlobStore(
            client: client,
            folder: folder.path,
            partByteCount: 1000,
            isConditional: true,
            threads: .singleton
        )
    }

    /// Pushes in chunks, each from what was recorded last; who fails goes on, or is followed by another process.
    private static func push(
        _ content: SampleUpload,
        _ client: S3Client,
        _ folder: TemporaryFolder,
        restarting: Bool
    ) async throws {
        var recorded = UploadState.start(.sha256)
        var store = process(client, folder)
        for _ in 0..<100 {
            do {
                let start = Int(recorded.offset)
                guard content.bytes.count - start > chunk else {
                    let last = [content.buffer(start..<content.bytes.count)]
                    let size = try await store.finish(
                        content.key,
                        appending: last,
                        at: recorded,
                        expecting: content.digest
                    )
                    #expect(size == Int64(content.bytes.count))
                    return
                }
                let bytes = [content.buffer(start..<start + chunk)]
                let reached = try await store.append(bytes, to: content.key, at: recorded)
                recorded = try await store.flush(content.key, at: reached, .whole)
            } catch let error as BlobStoreError where error.code == .unusable {
                if restarting { store = process(client, folder) }
            }
        }
        Issue.record("the upload does not come to its end")
    }

    /// Pushes with a bucket with which a request goes wrong; returns whether it was that many.
    private static func pushes(
        _ content: SampleUpload,
        failing number: Int,
        _ fault: MemoryBucket.Fault,
        restarting: Bool
    ) async throws -> Bool {
        let bucket = MemoryBucket(faults: [number: fault])
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            try await push(content, client, folder, restarting: restarting)
            let store = process(client, folder)
            try await content.demandStored(in: store)
            // What the sweep does with what no fact names.
            for entry in try await store.list(after: nil, limit: 100).entries where entry.digest == nil {
                try await store.discard(entry.key, ledger: nil)
            }
            try await content.demandStored(in: store)
            let listed = try await store.list(after: nil, limit: 100).entries
            let size = Int64(content.bytes.count)
            #expect(listed == [.init(key: content.key, digest: content.digest, byteCount: size)])
            #expect(bucket.names.count == 2 && bucket.uploadCount == 0, "\(bucket.names)")
            try await store.remove(content.key, digest: content.digest)
            #expect(bucket.names == [])
        }
        return bucket.count > number
    }

    @Test(arguments: MemoryBucket.Fault.allCases, [false, true])
    func `an upload comes to its end whichever request goes wrong`(
        fault: MemoryBucket.Fault,
        restarting: Bool
    ) async throws {
        let content = SampleUpload(count: 4500, seed: 1)
        var number = 0
        // The last of them are those of the looks afterwards, which are no part of the upload.
        while number < Self.uploadRequests {
            #expect(try await Self.pushes(content, failing: number, fault, restarting: restarting))
            number += 1
        }
    }

    /// How many requests an upload makes of which none goes wrong.
    private static let uploadRequests = 20

    @Test func `an upload to a busy store, some of whose answers are lost, comes to its end by itself`() async throws {
        var faults: [Int: MemoryBucket.Fault] = [:]
        for number in 0..<400 {
            faults[number] = [nil, .slow, nil, nil, .slow, .cut, nil, .slow, nil, nil][number % 10]
        }
        let bucket = MemoryBucket(faults: faults)
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            let store = Self.process(client, folder)
            for seed in 0..<5 {
                let content = SampleUpload(count: 3456, seed: UInt64(seed))
                for start in stride(from: 0, to: 2800, by: 700) {
                    try await content.append(start..<start + 700, to: store)
                    try await content.flush(start + 700, in: store)
                }
                try await content.finish(store, from: 2800)
                try await content.demandStored(in: store)
            }
            #expect(try await store.list(after: nil, limit: 100).entries.count == 5)
        }
        #expect(bucket.count > 100)
    }

    @Test func `uploads are listed by their keys, however many pages the store makes of them`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            let keys = (0..<9).map { _ in BlobKey.random() }.sorted { $0.description < $1.description }
            for key in keys { _ = try await client.createUpload(S3BlobLayout.blob(key)) }
            let store = Self.process(client, folder)
            for limit in [1, 2, 3, 8, 9, 10] {
                var (found, token): ([BlobKey], String?) = ([], nil)
                repeat {
                    let page = try await store.list(after: token, limit: limit)
                    found += page.entries.map(\.key)
                    token = page.next
                } while token != nil && found.count < 100
                #expect(found == keys)
            }
        }
    }

    @Test func `an upload makes as many requests as are tried`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            try await Self.push(SampleUpload(count: 4500, seed: 1), client, folder, restarting: false)
            #expect(bucket.count == Self.uploadRequests)
        }
    }

    @Test func `a small blob takes two requests, and one that came in two calls four more`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, server in
            let folder = try TemporaryFolder(inMemory: true)
            let store = Self.process(client, folder)
            try await SampleUpload(count: 10, seed: 1).finish(store)
            #expect(server.asked.map(\.method) == ["PUT", "PUT"])
            let content = SampleUpload(count: 10, seed: 2)
            try await content.append(0..<10, to: store)
            try await content.flush(10, in: store)
            try await content.finish(store, from: 10)
            #expect(server.asked.map(\.method).dropFirst(2) == ["PUT", "PUT", "PUT", "DELETE"])
            let blob = try await store.open(content.key, digest: content.digest)
            #expect(try await blob.allBytes() == content.bytes)
            #expect(server.asked.map(\.method).dropFirst(6) == ["HEAD", "GET"])
        }
    }

    @Test func `an end that is other bytes by now is refused`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            let content = SampleUpload(count: 100, seed: 1)
            let first = Self.process(client, folder)
            try await content.append(0..<60, to: first)
            try await content.flush(60, in: first)
            try await client.put(bucket.names[0], .bytes([UInt8](repeating: 0, count: 60)))
            let error = await #expect(throws: BlobStoreError.self) {
                try await content.append(60..<100, to: Self.process(client, folder))
            }
            #expect(error?.code == .truncated)
        }
    }
}
