import NIOCore
import OCI
import Synchronization

/// Bytes on their way, read once from the front, by one reader.
public protocol ByteStream: Sendable {
    /// How many bytes will come, when whoever sends them has said so.
    var declaredByteCount: Int64? { get }
    /// A good number of bytes to ask for at once, which keeps all bodies together within the memory they may use.
    var batchByteCount: Int { get }
    /// The next bytes, about `byteCount` of them and at least one, or nil at the end.
    ///
    /// Throws when whoever sends them is gone or has stalled.
    func next(upTo byteCount: Int) async throws -> [ByteBuffer]?
}

/// Bytes that are hashed on their way: the end comes only when they have the digest, else an error in its place.
///
/// Whoever makes a blob of the whole of them, under that digest, need not hash them again.
public protocol VerifiedByteStream: ByteStream {
    /// The digest of all bytes, from the first that the stream gives to the last.
    var verifiedDigest: Digest { get }
}

/// A body that is all in memory.
public final class BytesBody: ByteStream {
    private let bytes: ByteBuffer
    private let isRead = Mutex(false)

    /// Makes a body.
    public init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    /// All of it.
    public var declaredByteCount: Int64? { Int64(bytes.readableBytes) }

    /// All of it.
    public var batchByteCount: Int { max(1, bytes.readableBytes) }

    /// Everything at the first call, then nil.
    public func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        let isFirst = isRead.withLock { isRead in
            defer { isRead = true }
            return !isRead
        }
        return isFirst && bytes.readableBytes > 0 ? [bytes] : nil
    }
}
