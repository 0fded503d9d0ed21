import BlobStorage
import BlobStorageFiles
import NIOPosix
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite("A bucket behind a read cache")
struct S3BehindCacheTests {
    @Test(arguments: Party.allCases)
    func `many readers get the right bytes by one download, and then need the bucket no more`(
        party: Party
    ) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let sample = SampleUpload(count: 12_000_000, seed: 500)
            try await sample.append(0..<11_000_000, to: store)
            try await sample.finish(store, from: 11_000_000)
            try await Self.withCache(store) { cache in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 { group.addTask { try await sample.demandStored(in: cache) } }
                    try await group.waitForAll()
                }
                #expect(cache.counts.fills == 1 && cache.counts.bypasses == 0)
                #expect(cache.counts.filledByteCount == 12_000_000)
                // Behind the cache's back, as another server would.
                try await store.remove(sample.key, digest: sample.digest)
                try await sample.demandStored(in: cache)
                #expect(cache.counts.hits >= 1)
                try await cache.remove(sample.key, digest: sample.digest)
                let error = await #expect(throws: BlobStoreError.self) {
                    try await cache.open(sample.key, digest: sample.digest)
                }
                #expect(error?.code == .notFound)
            }
        }
    }

    @Test(arguments: Party.allCases)
    func `a blob that goes while it is opened is not found, and not half an answer`(party: Party) async throws {
        try await party.runStores { stores in
            let store = try await stores.store()
            let sample = SampleUpload(count: 100_000, seed: 501)
            try await sample.finish(store)
            try await Self.withCache(store) { cache in
                guard case .remote(let blob) = try await cache.open(sample.key, digest: sample.digest).content else {
                    Issue.record("it is in the cache before it was read")
                    return
                }
                try await store.remove(sample.key, digest: sample.digest)
                let error = await #expect(throws: BlobStoreError.self) { try await blob.read(0..<100_000) }
                #expect(error?.code == .notFound)
                #expect(cache.counts.blobCount == 0)
            }
        }
    }

    /// Runs `body` with a cache that works.
    private static func withCache(
        _ store: S3BlobStore,
        _ body: (CachingBlobStore) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let cache = try await CachingBlobStore.open(
            store,
            folder: "\(folder.path)/cache",
            limits: CacheLimits(byteCountMax: 64 << 20),
            threads: .singleton
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cache.run() }
            while !cache.isRunning { try await Task.sleep(for: .milliseconds(1)) }
            try await body(cache)
            group.cancelAll()
        }
    }
}
