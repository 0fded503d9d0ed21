import Hashing
public import NIOCore
public import OCI
public import RegistryContract
import Synchronization

/// The bytes of a blob on their way from where nobody need be believed.
///
/// The last of them are given out only when size and digest are right, so that nobody ever gets the whole of a wrong
/// blob. Reading is done by one task at a time.
public final class VerifiedStream: ByteStream {
    private let base: any ByteStream
    private let digest: Digest
    private let byteCount: Int64
    private let hash: Mutex<ContentHash>

    /// Checks a stream, which has the whole blob.
    ///
    /// - Parameters:
    ///   - base: The bytes.
    ///   - digest: What they must have.
    ///   - byteCount: How many they must be.
    public init(_ base: any ByteStream, digest: Digest, byteCount: Int64) {
        self.base = base
        self.digest = digest
        self.byteCount = byteCount
        hash = Mutex(ContentHash(digest.algorithm))
    }

    /// The size of the blob.
    public var declaredByteCount: Int64? { byteCount }

    /// As the stream below wants it.
    public var batchByteCount: Int { base.batchByteCount }

    /// The next bytes, or an error of ``RegistryError/Code/digestMismatch``.
    public func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        let chunks = try await base.next(upTo: byteCount)
        try hash.withLock { hash in
            for chunk in chunks ?? [] { chunk.withUnsafeReadableBytes { hash.update($0) } }
            let count = hash.byteCount
            guard count <= self.byteCount, chunks != nil || count == self.byteCount else {
                let came = count > self.byteCount ? "more than \(self.byteCount)" : "only \(count) of \(self.byteCount)"
                throw RegistryError(.sizeInvalid, "\(came) bytes of \(digest) came: they are not what they should be")
            }
            // Also at the end: of no bytes nothing has come before.
            guard count == self.byteCount else { return }
            let found = hash.digest()
            guard found == digest else {
                throw RegistryError(.digestMismatch, "the bytes that came as \(digest) have the digest \(found)")
            }
        }
        return chunks
    }
}
