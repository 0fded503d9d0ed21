public import BlobStorage
public import Hashing
public import NIOCore
public import OCI
import Synchronization

/// A blob store in memory: the second implementer of the contract, and a fast one for tests of what stands on it.
public final class MemoryBlobStore: BlobStore {
    private struct Name: Hashable {
        var digest: Digest
        var key: BlobKey
    }

    private struct State {
        var uploads: [BlobKey: [UInt8]] = [:]
        var blobs: [Name: [UInt8]] = [:]
        var identity: BlobKey?

        var used: Int64 {
            let sizes = uploads.values.map(\.count) + blobs.values.map(\.count)
            return sizes.reduce(0) { $0 + Int64($1) }
        }
    }

    private let state: Mutex<State>
    private let capacity: Int64?

    /// Makes an empty store that has room for `capacity` bytes; nil is no bound.
    public init(capacity: Int64? = nil) {
        self.capacity = capacity
        state = Mutex(State())
    }

    /// Makes a store that holds what another one holds now.
    public init(copying other: MemoryBlobStore) {
        capacity = other.capacity
        state = Mutex(other.state.withLock { $0 })
    }

    /// Overwrites from `offset` on.
    public func append(_ bytes: [ByteBuffer], to key: BlobKey, at reached: UploadState) async throws -> UploadState {
        try state.withLock { state in
            let content = try Self.joined(state.uploads[key], bytes, key, reached.offset)
            if let capacity {
                let growth = Int64(content.count - (state.uploads[key]?.count ?? 0))
                guard state.used + growth <= capacity else {
                    throw BlobStoreError(.full, "The store has room for \(capacity) bytes.")
                }
            }
            state.uploads[key] = content
        }
        let offset = bytes.reduce(reached.offset) { $0 + Int64($1.readableBytes) }
        return UploadState(offset: offset, hash: Self.hashed(reached.hash, bytes))
    }

    /// Checks only that the bytes are there.
    public func flush(_ key: BlobKey, at reached: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        if reached.offset > 0 { _ = try upload(key, atLeast: reached.offset) }
        return reached
    }

    /// Hashes the first bytes of the array.
    public func rehash(
        _ key: BlobKey,
        at reached: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        var hash = ContentHash(algorithm)
        guard reached.offset > 0 else { return hash }
        hash.update(Array(try upload(key, atLeast: reached.offset).prefix(Int(reached.offset))))
        return hash
    }

    /// Moves the array.
    public func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at reached: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        let reached = try await self.state(reached, of: key, hashedFor: digest)
        let actual = Self.hashed(reached.hash, bytes).digest()
        let name = Name(digest: digest, key: key)
        if let done = state.withLock({ $0.uploads[key] == nil ? $0.blobs[name] : nil }), actual == digest {
            return Int64(done.count)
        }
        _ = try await append(bytes, to: key, at: reached)
        guard actual == digest else {
            throw BlobStoreError(.digestMismatch, "The bytes have the digest \(actual).", actual: actual)
        }
        let size = bytes.reduce(Int(reached.offset)) { $0 + $1.readableBytes }
        state.withLock { $0.blobs[name] = Array(($0.uploads.removeValue(forKey: key) ?? []).prefix(size)) }
        return Int64(size)
    }

    /// Forgets the array.
    public func discard(_ key: BlobKey, ledger: [UInt8]?) async throws {
        state.withLock { _ = $0.uploads.removeValue(forKey: key) }
    }

    /// Copies the array.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        guard let bytes = state.withLock({ $0.blobs[Name(digest: digest, key: key)] }) else {
            throw BlobStoreError(.notFound, "There is no blob \(digest) with the key \(key).")
        }
        return StoredBlob(byteCount: Int64(bytes.count), content: .bytes(ByteBuffer(bytes: bytes)))
    }

    /// Forgets the array.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        state.withLock { _ = $0.blobs.removeValue(forKey: Name(digest: digest, key: key)) }
    }

    /// Uploads first, then by digest.
    public func list(after token: String?, limit: Int) async throws -> BlobListing {
        let all = state.withLock { state in
            let uploads = state.uploads.map { ("0/\($0.key)", $0.key, nil as Digest?, $0.value.count) }
            return uploads
                + state.blobs.map { ("1/\($0.key.digest)/\($0.key.key)", $0.key.key, $0.key.digest, $0.value.count) }
        }
        let rest = all.sorted { $0.0 < $1.0 }.drop { entry in token.map { entry.0 <= $0 } ?? false }
        let page = rest.prefix(max(limit, 1))
        return BlobListing(
            entries: page.map { .init(key: $0.1, digest: $0.2, byteCount: Int64($0.3)) },
            next: page.count < rest.count ? page.last?.0 : nil
        )
    }

    /// The capacity, less what is there.
    public func space() async throws -> StorageSpace {
        let used = state.withLock { $0.used }
        return StorageSpace(free: capacity.map { max($0 - used, 0) }, total: capacity)
    }

    /// What it was given.
    public func identity() async throws -> BlobKey? {
        state.withLock { $0.identity }
    }

    /// Remembers it.
    public func identify(as name: BlobKey) async throws -> BlobKey {
        state.withLock { state in
            let held = state.identity ?? name
            state.identity = held
            return held
        }
    }

    private func upload(_ key: BlobKey, atLeast byteCount: Int64) throws -> [UInt8] {
        guard let content = state.withLock({ $0.uploads[key] }) else {
            throw BlobStoreError(.notFound, "There is no upload \(key).")
        }
        guard content.count >= byteCount else { throw BlobStoreError(.truncated, "\(key) has \(content.count) bytes.") }
        return content
    }

    private static func joined(
        _ content: [UInt8]?,
        _ bytes: [ByteBuffer],
        _ key: BlobKey,
        _ offset: Int64
    ) throws -> [UInt8] {
        if content == nil, offset > 0 { throw BlobStoreError(.notFound, "There is no upload \(key).") }
        let content = content ?? []
        guard content.count >= offset else { throw BlobStoreError(.truncated, "\(key) has \(content.count) bytes.") }
        let new = bytes.flatMap { Array($0.readableBytesView) }
        return content.prefix(Int(offset)) + new + content.dropFirst(Int(offset) + new.count)
    }

    private static func hashed(_ hash: ContentHash, _ bytes: [ByteBuffer]) -> ContentHash {
        var hash = hash
        for buffer in bytes { buffer.withUnsafeReadableBytes { hash.update($0) } }
        return hash
    }
}
