import Glibc
import NIOCore

/// A finished blob, opened for reading.
public struct StoredBlob: Sendable {
    /// Where the bytes are.
    public enum Content: Sendable {
        /// In a file of this machine; any number of readers may use it at once, with pread(2) or sendfile(2).
        case file(OpenFile)
        /// In memory.
        case bytes(ByteBuffer)
        /// Elsewhere: a part is asked for when it is needed, and comes over a network.
        case remote(any RemoteBlob)
    }

    /// The size in bytes.
    public var byteCount: Int64
    /// The bytes.
    public var content: Content

    /// Describes an opened blob.
    public init(byteCount: Int64, content: Content) {
        self.byteCount = byteCount
        self.content = content
    }
}

/// A finished blob that lies elsewhere.
public protocol RemoteBlob: Sendable {
    /// Asks for a part of the bytes.
    ///
    /// Throws ``BlobStoreError/Code/notFound`` when the blob is there no longer.
    func read(_ range: Range<Int64>) async throws -> any RemoteBytes

    /// A URL at which whoever has it reads the bytes for a while; nil where there is none.
    func location(for lifetime: Duration) async throws -> String?
}

extension RemoteBlob {
    /// None.
    public func location(for lifetime: Duration) async throws -> String? { nil }
}

/// A part of a blob on its way here, to be read once, by one reader.
public protocol RemoteBytes: Sendable {
    /// The next bytes, about `byteCount` of them and at least one; nil when all of the part has come.
    ///
    /// Throws when they end before that.
    func next(upTo byteCount: Int) async throws -> [ByteBuffer]?
}

/// A descriptor that is closed when nobody holds it any longer.
public final class OpenFile: Sendable {
    /// The descriptor, open for reading.
    ///
    /// Its file position is nobody's: use it only with explicit offsets.
    public let descriptor: CInt

    /// Takes ownership of an open descriptor.
    public init(owning descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}

extension OpenFile {
    /// Exactly `byteCount` bytes from an offset on; waits for the disk.
    ///
    /// Throws ``BlobStoreError/Code/truncated`` where there are fewer, and ``BlobStoreError/Code/unreadable`` where the
    /// disk cannot give them back.
    public func bytes(at start: Int64 = 0, byteCount: Int) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(byteCount)
        var offset = 0
        while offset < byteCount {
            var failure: CInt = 0
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount - offset) { raw in
                let count = pread(descriptor, raw.baseAddress, byteCount - offset, off_t(start) + off_t(offset))
                if count < 0 { failure = errno }
                return max(0, count)
            }
            if failure == EINTR { continue }
            guard failure == 0 else { throw BlobStoreError(readingFailedWith: failure) }
            guard count > 0 else { throw BlobStoreError(.truncated, "a blob's file is shorter than it was") }
            offset += count
        }
        return buffer
    }
}
