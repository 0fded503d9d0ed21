import BlobStorage
import Glibc
import Hashing
import NIOCore
import OCI

extension StoredBlob {
    /// How many bytes are read at once.
    private static let chunkByteCount = 1 << 20

    /// Reads and hashes all of it, away from whoever asked.
    ///
    /// - Parameters:
    ///   - algorithm: The hash.
    ///   - fromDisk: Whether a file is read from the disk even where the system has it in memory.
    ///   - pace: Is told of the bytes of each piece, and may wait.
    /// - Returns: The digest of the bytes.
    /// - Throws: What reading ran into; CancellationError.
    @concurrent
    func digest(
        _ algorithm: Digest.Algorithm,
        fromDisk: Bool = false,
        pace: @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> Digest {
        var hash = ContentHash(algorithm)
        switch content {
        case .bytes(let bytes):
            bytes.withUnsafeReadableBytes { hash.update($0) }
            try await pace(bytes.readableBytes)
        case .file(let file):
            var offset: Int64 = 0
            while offset < byteCount {
                try Task.checkCancellation()
                let count = min(Self.chunkByteCount, Int(byteCount - offset))
                if fromDisk { file.dropPages(at: offset, byteCount: count) }
                let chunk = try file.bytes(at: offset, byteCount: count)
                chunk.withUnsafeReadableBytes { hash.update($0) }
                if fromDisk { file.dropPages(at: offset, byteCount: count) }
                offset += Int64(chunk.readableBytes)
                try await pace(chunk.readableBytes)
            }
        case .remote(let blob):
            let bytes = try await blob.read(0..<byteCount)
            while let chunks = try await bytes.next(upTo: Self.chunkByteCount) {
                try Task.checkCancellation()
                for chunk in chunks { chunk.withUnsafeReadableBytes { hash.update($0) } }
                try await pace(chunks.reduce(0) { $0 + $1.readableBytes })
            }
        }
        return hash.digest()
    }
}

extension OpenFile {
    /// Lets the system forget a part that it has in memory: it then comes from the disk, and pushes nothing else out.
    fileprivate func dropPages(at offset: Int64, byteCount: Int) {
        posix_fadvise(descriptor, off_t(offset), off_t(byteCount), CInt(POSIX_FADV_DONTNEED))
    }
}
