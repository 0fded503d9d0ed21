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

    func append(_ bytes: [ByteBuffer], to key: BlobKey, at upload: UploadState) async throws -> UploadState {
        count(bytes, upload.offset, upload.hash)
        return try await base.append(bytes, to: key, at: upload)
    }

    func flush(_ key: BlobKey, at upload: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        try await base.flush(key, at: upload, extent)
    }

    func rehash(
        _ key: BlobKey,
        at upload: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        state.withLock { $0.rehashed += upload.offset }
        return try await base.rehash(key, at: upload, algorithm)
    }

    func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at upload: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        count(bytes, upload.offset, upload.hash)
        return try await base.finish(key, appending: bytes, at: upload, expecting: digest)
    }

    func discard(_ key: BlobKey, ledger: [UInt8]?) async throws {
        try await base.discard(key, ledger: ledger)
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

    func identity() async throws -> BlobKey? {
        try await base.identity()
    }

    func identify(as name: BlobKey) async throws {
        try await base.identify(as: name)
    }

    private func count(_ bytes: [ByteBuffer], _ offset: Int64, _ hash: ContentHash) {
        state.withLock { counts in
            counts.appended += bytes.reduce(0) { $0 + Int64($1.readableBytes) }
            if hash.byteCount != offset { counts.misfitCount += 1 }
        }
    }
}
