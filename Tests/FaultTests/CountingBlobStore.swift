import BlobStorage
import Hashing
import NIOCore
import OCI
import Synchronization

/// Another store, and how many bytes it hashes: as they come, and anew.
final class CountingBlobStore: ForwardingBlobStore {
    /// What was hashed.
    struct Counts: Equatable {
        var appended: Int64 = 0
        var rehashed: Int64 = 0
        /// Appends whose hash was not that of exactly the bytes before them.
        var misfitCount = 0
    }

    let base: any BlobStore
    private let state = Mutex(Counts())

    init(_ base: any BlobStore) {
        self.base = base
    }

    var counts: Counts { state.withLock { $0 } }

    /// Begins to count anew.
    func reset() {
        state.withLock { $0 = Counts() }
    }

    func append(_ bytes: [ByteBuffer], to key: BlobKey, at upload: UploadState) async throws -> UploadState {
        count(bytes, upload.offset, upload.hash)
        return try await base.append(bytes, to: key, at: upload)
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

    private func count(_ bytes: [ByteBuffer], _ offset: Int64, _ hash: ContentHash) {
        state.withLock { counts in
            counts.appended += bytes.reduce(0) { $0 + Int64($1.readableBytes) }
            if hash.byteCount != offset { counts.misfitCount += 1 }
        }
    }
}
