public import BlobStorage
public import Hashing
public import NIOCore
public import OCI
import Synchronization

/// Content under a key of its own, and the steps of pushing it into a ``BlobStore``.
public struct SampleUpload: Sendable {
    /// The content.
    public let bytes: [UInt8]
    /// The digest of the content.
    public let digest: Digest
    /// The key that it is pushed under.
    public let key = BlobKey.random()
    private let ledgers = Ledgers()

    /// Gives `bytes` a new key.
    public init(_ bytes: [UInt8], _ algorithm: Digest.Algorithm = .sha256) {
        self.bytes = bytes
        digest = ContentHash.digest(of: bytes, algorithm)
    }

    /// Makes `count` random bytes, the same for the same seed.
    public init(count: Int, seed: UInt64, _ algorithm: Digest.Algorithm = .sha256) {
        var generator = SeededGenerator(seed: seed)
        self.init(generator.bytes(count), algorithm)
    }

    /// The bytes of a range in one buffer, which does not begin at the start of its memory.
    public func buffer(_ range: Range<Int>) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [0xff, 0xff, 0xff] + bytes[range])
        buffer.moveReaderIndex(forwardBy: 3)
        return buffer
    }

    /// The hash of the first bytes.
    public func hash(upTo count: Int) -> ContentHash {
        var hash = ContentHash(digest.algorithm)
        hash.update(Array(bytes[..<count]))
        return hash
    }

    /// The state of the upload at some offset, with the ledger that the store has given there.
    public func state(at offset: Int) -> UploadState {
        UploadState(offset: Int64(offset), hash: hash(upTo: offset), ledger: ledgers[Int64(offset)])
    }

    /// Appends a range that begins where the last one ended; returns the hash up to its end.
    @discardableResult
    public func append(_ range: Range<Int>, to store: any BlobStore) async throws -> ContentHash {
        let reached = try await store.append([buffer(range)], to: key, at: state(at: range.lowerBound))
        try demandEqual(reached.offset, Int64(range.upperBound), "the offset after an append")
        ledgers[reached.offset] = reached.ledger
        return reached.hash
    }

    /// Makes the first bytes durable.
    public func flush(_ count: Int, in store: any BlobStore) async throws {
        let durable = try await store.flush(key, at: state(at: count), .whole)
        try demandEqual(durable.offset, Int64(count), "the offset of a whole flush")
        ledgers[durable.offset] = durable.ledger
    }

    /// What the store says is the hash of the first bytes.
    public func rehash(
        _ count: Int,
        in store: any BlobStore,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        try await store.rehash(key, at: state(at: count), algorithm)
    }

    /// Drops the upload, as it stood last.
    public func discard(in store: any BlobStore) async throws {
        try await store.discard(key, ledger: ledgers.last)
    }

    /// Finishes with the bytes from `offset` on.
    @discardableResult
    public func finish(_ store: any BlobStore, from offset: Int = 0, expecting other: Digest? = nil) async throws
        -> Int64
    {
        try await store.finish(
            key,
            appending: offset < bytes.count ? [buffer(offset..<bytes.count)] : [],
            at: state(at: offset),
            expecting: other ?? digest
        )
    }

    /// Throws unless the store gives back these bytes.
    public func demandStored(in store: any BlobStore) async throws {
        let blob = try await store.open(key, digest: digest)
        try demandEqual(blob.byteCount, Int64(bytes.count), "the size of \(digest)")
        try demand(try await blob.allBytes() == bytes, "\(digest) reads back other bytes than were pushed")
    }
}

/// The ledgers that a store has given, by offset.
private final class Ledgers: Sendable {
    private let known = Mutex<[Int64: [UInt8]]>([:])

    subscript(offset: Int64) -> [UInt8]? {
        get { known.withLock { $0[offset] } }
        set { known.withLock { $0[offset] = newValue } }
    }

    var last: [UInt8]? { known.withLock { all in all.keys.max().flatMap { all[$0] } } }
}
