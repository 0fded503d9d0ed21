import Glibc
import Hashing
import NIOCore
import OCI
import RegistryContract
import Transfer

extension Place {
    /// A blob that is small, all of it, checked against its descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: what it is to be.
    ///   - byteCountMax: the largest that is read.
    /// - Returns: the bytes.
    /// - Throws: `limitExceeded`, `contentMismatch`, what the registry refuses.
    func bytes(of descriptor: Descriptor, atMost byteCountMax: Int) async throws -> [UInt8] {
        guard descriptor.size <= byteCountMax else {
            throw ImagingError(
                .limitExceeded,
                "\(descriptor.digest) has \(descriptor.size) bytes; no more than \(byteCountMax) are read."
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(descriptor.size))
        try await readBlob(descriptor) { batch in bytes += batch.readableBytesView }
        return bytes
    }

    /// Reads a blob from its first byte to its last, checked against its descriptor: the check comes last.
    ///
    /// - Parameters:
    ///   - descriptor: what it is to be.
    ///   - take: is called with the bytes, in order; never with more of them than the descriptor says.
    /// - Throws: `contentMismatch`, what the registry refuses, what `take` throws.
    func readBlob(_ descriptor: Descriptor, _ take: (ByteBuffer) throws -> Void) async throws {
        let content = try await registry.blob(descriptor.digest, in: repository)
        let stream = content.stream(from: 0)
        var hash = ContentHash(descriptor.digest.algorithm)
        while let batch = try await stream.next(upTo: stream.batchByteCount) {
            try Task.checkCancellation()
            for buffer in batch {
                buffer.withUnsafeReadableBytes { hash.update($0) }
                guard hash.byteCount <= descriptor.size else { break }
                try take(buffer)
            }
            guard hash.byteCount <= descriptor.size else { break }
        }
        guard hash.byteCount == descriptor.size else {
            throw ImagingError(
                .contentMismatch,
                "\(descriptor.digest) from \(registryName) does not have the \(descriptor.size) bytes that its manifest"
                    + " says. The copy there is damaged, or was cut short on its way."
            )
        }
        guard hash.digest() == descriptor.digest else {
            throw ImagingError(
                .contentMismatch,
                "\(descriptor.digest) from \(registryName) has other bytes than its digest says. The copy there is"
                    + " damaged: push it again."
            )
        }
    }
}
