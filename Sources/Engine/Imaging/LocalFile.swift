import Glibc
import Hashing
import NIOCore
import OCI
import RegistryContract
import Transfer

/// A regular file of this machine, opened for reading.
final class LocalFile: Sendable {
    private let descriptor: CInt
    /// Its size when it was opened, in bytes.
    let byteCount: Int64

    /// Opens a file; nothing but a regular file, and without waiting for the writer of a pipe.
    init(_ path: String) throws(ImagingError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path, String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Self.failure(path, "It is no regular file")
        }
        byteCount = Int64(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// The bytes, for whoever reads them.
    var content: BlobContent {
        BlobContent(byteCount: byteCount, source: .file(OpenDescriptor(descriptor: descriptor, owner: self)))
    }

    private static func failure(_ path: String, _ reason: String) -> ImagingError {
        ImagingError(.fileUnusable, "\(path) cannot be read: \(reason).")
    }
}

extension ImageDraft {
    /// Adds a file of this machine as a blob: it is read for its digest now, and again when it is pushed.
    mutating func add(_ file: ArtifactPlan.File) async throws -> Descriptor {
        let local = try LocalFile(file.path)
        let stream = local.content.stream()
        var hash = ContentHash(.sha256)
        while let batch = try await stream.next(upTo: stream.batchByteCount) {
            for buffer in batch { buffer.withUnsafeReadableBytes { hash.update($0) } }
        }
        return add(path: file.path, digest: hash.digest(), byteCount: hash.byteCount, mediaType: file.mediaType)
    }
}
