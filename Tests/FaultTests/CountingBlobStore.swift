import BlobStorage
import Hashing
import NIOCore
import OCI
import Synchronization

/// Another store, and how many bytes it hashes: as they come, and anew.
final class CountingBlobStore: BlobStore {
    /// What was hashed.
    struct Counts: Equatable {
        var appended: Int64 = 0
        var rehashed: Int64 = 0
        /// Appends whose hash was not that of exactly the bytes before them.
        var misfitCount = 0
    }

    private let base: any BlobStore
    private let state = Mutex(Counts())

    init(_ base: any BlobStore) {
        self.base = base
    }

    var counts: Counts { state.withLock { $0 } }

    /// Begins to count anew.
    func reset() {
        state.withLock { $0 = Counts() }
    }

    func admit(byteCount: Int64) async throws {
        try await base.admit(byteCount: byteCount)
    }

    func append(
        _ bytes: [ByteBuffer],
        to key: BlobKey,
        at offset: Int64,
        hash: ContentHash
    ) async throws -> ContentHash {
        count(bytes, offset, hash)
        return try await base.append(bytes, to: key, at: offset, hash: hash)
    }

    func flush(_ key: BlobKey, byteCount: Int64) async throws {
        try await base.flush(key, byteCount: byteCount)
    }

    func rehash(_ key: BlobKey, byteCount: Int64, _ algorithm: Digest.Algorithm) async throws -> ContentHash {
        state.withLock { $0.rehashed += byteCount }
        return try await base.rehash(key, byteCount: byteCount, algorithm)
    }

    func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at offset: Int64,
        hash: ContentHash,
        expecting digest: Digest
    ) async throws -> Int64 {
        count(bytes, offset, hash)
        return try await base.finish(key, appending: bytes, at: offset, hash: hash, expecting: digest)
    }

    func discard(_ key: BlobKey) async throws {
        try await base.discard(key)
    }

    func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        try await base.open(key, digest: digest)
    }

    func remove(_ key: BlobKey, digest: Digest) async throws {
        try await base.remove(key, digest: digest)
    }

    func list(after token: String?, limit: Int) async throws -> BlobListing {
        try await base.list(after: token, limit: limit)
    }

    func space() async throws -> StorageSpace {
        try await base.space()
    }

    private func count(_ bytes: [ByteBuffer], _ offset: Int64, _ hash: ContentHash) {
        state.withLock { counts in
            counts.appended += bytes.reduce(0) { $0 + Int64($1.readableBytes) }
            if hash.byteCount != offset { counts.misfitCount += 1 }
        }
    }
}
