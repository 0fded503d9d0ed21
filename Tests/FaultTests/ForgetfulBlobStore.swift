import BlobStorage
import Hashing
import NIOCore
import OCI

/// Another store, whose flush flushes nothing: a mistake that a test must find.
struct ForgetfulBlobStore: BlobStore {
    private let base: any BlobStore

    init(_ base: any BlobStore) {
        self.base = base
    }

    func append(
        _ bytes: [ByteBuffer],
        to key: BlobKey,
        at offset: Int64,
        hash: ContentHash
    ) async throws -> ContentHash {
        try await base.append(bytes, to: key, at: offset, hash: hash)
    }

    func flush(_ key: BlobKey, byteCount: Int64) async throws {}

    func rehash(_ key: BlobKey, byteCount: Int64, _ algorithm: Digest.Algorithm) async throws -> ContentHash {
        try await base.rehash(key, byteCount: byteCount, algorithm)
    }

    func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at offset: Int64,
        hash: ContentHash,
        expecting digest: Digest
    ) async throws -> Int64 {
        try await base.finish(key, appending: bytes, at: offset, hash: hash, expecting: digest)
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
}
