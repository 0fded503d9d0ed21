import BlobStorage
import BlobStorageFiles
import Hosting
import NIOCore
import NIOPosix
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Servers over the same blobs, of which one knows less than another about bytes that are missing or needed.
@Suite(.timeLimit(.minutes(1))) struct SharedBytesTests {
    private static let shared = RegistryHost.Options(isAlone: false)

    // MARK: Missing bytes, of which one server has a copy

    /// A store in memory whose blobs come as over a network.
    private struct FarBlobStore: ForwardingBlobStore {
        let memory = MemoryBlobStore()
        var base: any BlobStore { memory }

        func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
            let blob = try await base.open(key, digest: digest)
            guard case .bytes(let bytes) = blob.content else { return blob }
            return StoredBlob(byteCount: blob.byteCount, content: .remote(Blob(bytes: bytes)))
        }

        /// Loses every blob.
        func lose() async throws {
            for blob in try await list(after: nil, limit: 100).entries {
                if let digest = blob.digest { try await remove(blob.key, digest: digest) }
            }
        }

        private struct Blob: RemoteBlob {
            let bytes: ByteBuffer

            func read(_ range: Range<Int64>) async throws -> any RemoteBytes {
                Part(bytes.getSlice(at: Int(range.lowerBound), length: range.count))
            }
        }

        private actor Part: RemoteBytes {
            private var rest: ByteBuffer?

            init(_ bytes: ByteBuffer?) { rest = bytes }

            func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
                defer { rest = nil }
                return rest.map { [$0] }
            }
        }
    }

    @Test func `a push mends a blob that the bucket lost, also where it comes to a server that keeps a copy`()
        async throws
    {
        let bucket = FarBlobStore()
        let folder = try TemporaryFolder(inMemory: true)
        let cache = try await CachingBlobStore.open(
            bucket,
            folder: "\(folder.path)/cache",
            limits: CacheLimits(byteCountMax: 8 << 20),
            threads: .singleton
        )
        // Too large to be kept in memory.
        let blob = SampleBlob(count: 200_000, seed: 31)
        let app = try RepositoryName("team/app")
        try await TestStores.with(blobs: { _ in bucket }) { stores in
            let host = RegistryHost(facts: stores.facts, blobs: cache, options: Self.shared) { stores.clock.now() }
            let (near, far) = (host.registry(for: .tester), stores.registry(Self.shared))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await cache.run() }
                try await eventually("the cache runs") { cache.isRunning }
                try await far.push(blob, to: app)
                try await near.demandWhole(blob, in: app)
                try await eventually("a copy is kept") { cache.counts.blobCount == 1 && cache.counts.activeCount == 0 }
                try await bucket.lose()
                try await near.demandWhole(blob, in: app)
                await #expect(throws: (any Error).self) { try await far.demandWhole(blob, in: app) }
                try await near.push(blob, to: app)
                for server in [far, near] { try await server.demandWhole(blob, in: app) }
                group.cancelAll()
            }
        }
    }

    // MARK: Bytes that another repository needs

    /// Another store, which keeps whoever has finished an upload waiting for as long as a test wants.
    private struct LateBlobStore: ForwardingBlobStore {
        let base: any BlobStore
        let reached = Latch()
        let freed = Latch()

        func finish(
            _ key: BlobKey,
            appending bytes: [ByteBuffer],
            at state: UploadState,
            expecting digest: Digest
        ) async throws -> Int64 {
            let byteCount = try await base.finish(key, appending: bytes, at: state, expecting: digest)
            reached.open()
            await freed.wait()
            return byteCount
        }
    }

    @Test func `who comes too late to finish an upload leaves the bytes to the repositories that have them by then`()
        async throws
    {
        let blob = SampleBlob(count: 200_000, seed: 32)
        let (app, other) = (try RepositoryName("team/app"), try RepositoryName("team/other"))
        try await TestStores.with { stores in
            let late = LateBlobStore(base: stores.blobs)
            let host = RegistryHost(facts: stores.facts, blobs: late, options: Self.shared) { stores.clock.now() }
            let (first, second) = (stores.registry(Self.shared), host.registry(for: .tester))
            let (id, digest) = (try await first.startUpload(in: app, algorithm: .sha256).id, try blob.name)
            _ = try await first.append(blob.body(0..<200_000), to: id, at: 0, in: app)
            let end = Task {
                try await second.finishUpload(id, appending: nil, at: nil, expecting: digest, in: app)
            }
            await late.reached.wait()
            _ = try await first.finishUpload(id, appending: nil, at: nil, expecting: digest, in: app)
            #expect(try await first.mountBlob(digest, from: .repository(app), into: other))
            try await first.deleteBlob(digest, in: app)
            late.freed.open()
            await #expect(throws: RegistryError(.uploadUnknown, "")) { _ = try await end.value }
            try await first.demandWhole(blob, in: other)
        }
    }
}
