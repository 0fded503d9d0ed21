public import BlobStorage
public import Hashing
public import NIOCore
public import OCI

/// Content under a key of its own, and the steps of pushing it into a ``BlobStore``.
public struct SampleUpload: Sendable {
    /// The content.
    public let bytes: [UInt8]
    /// The digest of the content.
    public let digest: Digest
    /// The key that it is pushed under.
    public let key = BlobKey.random()

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

    /// Appends a range that begins where the last one ended.
    @discardableResult
    public func append(_ range: Range<Int>, to store: any BlobStore) async throws -> ContentHash {
        try await store.append(
            [buffer(range)],
            to: key,
            at: Int64(range.lowerBound),
            hash: hash(upTo: range.lowerBound)
        )
    }

    /// Finishes with the bytes from `offset` on.
    @discardableResult
    public func finish(_ store: any BlobStore, from offset: Int = 0, expecting other: Digest? = nil) async throws
        -> Int64
    {
        try await store.finish(
            key,
            appending: offset < bytes.count ? [buffer(offset..<bytes.count)] : [],
            at: Int64(offset),
            hash: hash(upTo: offset),
            expecting: other ?? digest
        )
    }

    /// Throws unless the store gives back these bytes.
    public func demandStored(in store: any BlobStore) async throws {
        let blob = try await store.open(key, digest: digest)
        try demandEqual(blob.byteCount, Int64(bytes.count), "the size of \(digest)")
        try demand(try blob.allBytes() == bytes, "\(digest) reads back other bytes than were pushed")
    }
}
