import BlobStorage
import NIOPosix
import OCI
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite("Many blobs are removed from a bucket")
struct S3RemovalTests {
    private static func store(_ client: S3Client, _ folder: TemporaryFolder, isBatching: Bool = true) -> S3BlobStore {
        S3BlobStore(
            client: client,
            folder: folder.path,
            partByteCount: 1000,
            isConditional: true,
            isBatching: isBatching,
            threads: .singleton
        )
    }

    private static func push(_ seeds: Range<Int>, to store: S3BlobStore) async throws -> [FinishedBlob] {
        var blobs: [FinishedBlob] = []
        for seed in seeds {
            let content = SampleUpload(count: 10, seed: UInt64(seed))
            try await content.finish(store)
            blobs.append(FinishedBlob(key: content.key, digest: content.digest, byteCount: 10))
        }
        return blobs
    }

    @Test func `a thousand go with two requests, after one look at each`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            let store = Self.store(client, folder)
            let blobs = try await Self.push(0..<1003, to: store)
            #expect(bucket.names.count == 2006)
            let before = bucket.count
            #expect(try await store.remove(blobs).isEmpty)
            #expect(bucket.names == [])
            #expect(bucket.count - before == 1003 + 2 * 2)
        }
    }

    @Test func `what is refused of many is told, keeps its name, and goes later`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            let store = Self.store(client, folder)
            let blobs = try await Self.push(0..<5, to: store)
            let (bytes, name) = (
                S3BlobLayout.blob(blobs[1].key), S3BlobLayout.digest(blobs[3].digest, blobs[3].key, byteCount: 10)
            )
            for locked in [bytes, name] { bucket.lock(locked) }
            let failures = try await store.remove(blobs)
            #expect(Set(failures.map(\.blob)) == [blobs[1], blobs[3]])
            for failure in failures { #expect((failure.error as? BlobStoreError)?.code == .unusable) }
            let rest = [bytes, S3BlobLayout.digest(blobs[1].digest, blobs[1].key, byteCount: 10), name]
            #expect(bucket.names == rest.sorted(), "no bytes are left without their name")
            for blob in failures.map(\.blob) { try await store.remove(blob.key, digest: blob.digest) }
            #expect(bucket.names == [])
        }
    }

    @Test(arguments: MemoryBucket.Fault.allCases)
    func `whichever request goes wrong, what is left is listed and goes with the next attempt`(
        fault: MemoryBucket.Fault
    ) async throws {
        for number in 0..<5 {
            // Three blobs are put there with two requests each.
            let bucket = MemoryBucket(faults: [6 + number: fault])
            try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
                let folder = try TemporaryFolder(inMemory: true)
                let store = Self.store(client, folder)
                let blobs = try await Self.push(0..<3, to: store)
                _ = try? await store.remove(blobs)
                let left = try await store.list(after: nil, limit: 10).entries
                #expect(try await store.remove(blobs).isEmpty)
                #expect(bucket.names == [], "\(left.count) were listed")
            }
        }
    }

    @Test func `a bucket that cannot remove many at once removes one after the other`() async throws {
        let bucket = MemoryBucket()
        try await withHostile({ asked, _ in bucket.answer(asked) }) { client, _ in
            let folder = try TemporaryFolder(inMemory: true)
            let store = Self.store(client, folder, isBatching: false)
            let blobs = try await Self.push(0..<3, to: store)
            for blob in blobs { bucket.lock(S3BlobLayout.blob(blob.key)) }
            #expect(try await store.remove(blobs).isEmpty)
            #expect(bucket.names == [], "nothing was asked of what it cannot do")
        }
    }
}
