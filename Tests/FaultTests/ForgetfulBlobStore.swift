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

    func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
        try await base.append(bytes, to: key, at: state)
    }

    func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        state
    }

    func rehash(
        _ key: BlobKey,
        at state: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        try await base.rehash(key, at: state, algorithm)
    }

    func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        try await base.finish(key, appending: bytes, at: state, expecting: digest)
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
}
