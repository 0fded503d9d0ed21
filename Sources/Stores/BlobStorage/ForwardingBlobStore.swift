public import Hashing
public import NIOCore
public import OCI

/// A blob store that has its blobs from another one, and writes only what it does otherwise.
///
/// Not for a store that guards: there a method that is new in the contract has to be an error of the compiler until
/// somebody has thought of it.
public protocol ForwardingBlobStore: BlobStore {
    /// The store that has the blobs.
    var base: any BlobStore { get }
}

extension ForwardingBlobStore {
    /// As it is there.
    public func admit(byteCount: Int64) async throws {
        try await base.admit(byteCount: byteCount)
    }

    /// As it is there.
    public func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
        try await base.append(bytes, to: key, at: state)
    }

    /// As it is there.
    public func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        try await base.flush(key, at: state, extent)
    }

    /// As it is there.
    public func rehash(
        _ key: BlobKey,
        at state: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        try await base.rehash(key, at: state, algorithm)
    }

    /// As it is there.
    public func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        try await base.finish(key, appending: bytes, at: state, expecting: digest)
    }

    /// As it is there.
    public func discard(_ key: BlobKey, ledger: [UInt8]?) async throws {
        try await base.discard(key, ledger: ledger)
    }
}

extension ForwardingBlobStore {
    /// As it is there.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        try await base.open(key, digest: digest)
    }

    /// As it is there, whatever is opened here.
    public func byteCount(of key: BlobKey, digest: Digest) async throws -> Int64 {
        try await base.byteCount(of: key, digest: digest)
    }

    /// As it is there.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        try await base.remove(key, digest: digest)
    }

    /// As it is there.
    public func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        try await base.remove(blobs)
    }

    /// As it is there.
    public func list(after token: String?, limit: Int) async throws -> BlobListing {
        try await base.list(after: token, limit: limit)
    }

    /// As they are there.
    public func blobs(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry] {
        try await base.blobs(under: keys)
    }

    /// As it is there.
    public func space() async throws -> StorageSpace {
        try await base.space()
    }

    /// As it is there.
    public func identity() async throws -> BlobKey? {
        try await base.identity()
    }

    /// As it is there.
    public func identify(as name: BlobKey) async throws -> BlobKey {
        try await base.identify(as: name)
    }

    /// As it is there.
    public var isNamedOnce: Bool { base.isNamedOnce }
}
