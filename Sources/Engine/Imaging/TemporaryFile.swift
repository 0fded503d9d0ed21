import Glibc
import NIOCore
import RegistryContract
import Synchronization

/// A file without a name, which goes away with its last reference, or with the process.
final class TemporaryFile: Sendable {
    /// Open for reading and writing.
    private let descriptor: CInt
    private let written = Mutex<Int64>(0)
    private let folder: String

    /// Makes an empty file.
    ///
    /// - Parameter folder: on whose disk it lies; `TMPDIR` or `/var/tmp` when nil, since `/tmp` is often in memory.
    /// - Throws: `fileUnusable`.
    init(in folder: String? = nil) throws(ImagingError) {
        let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        self.folder = folder ?? (named.isEmpty ? "/var/tmp" : named)
        var name = Array((self.folder + "/wharf-XXXXXX").utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw Self.failure("No temporary file can be made", in: self.folder) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
    }

    deinit {
        close(descriptor)
    }

    /// How many bytes it has.
    var byteCount: Int64 { written.withLock { $0 } }

    /// Adds bytes at its end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(ImagingError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(byteCount))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("A temporary file cannot be written", in: folder) }
            written.withLock { $0 += Int64(count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Lends the bytes from the first to the last.
    func forEachBatch(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let memory = OwnedMemory(byteCount: 1 << 20)
        var offset: Int64 = 0
        while offset < byteCount {
            let count = pread(descriptor, memory.bytes.baseAddress, memory.bytes.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("A temporary file cannot be read", in: folder) }
            try body(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
            offset += Int64(count)
        }
    }

    /// The bytes, for whoever reads them.
    var content: BlobContent {
        BlobContent(byteCount: byteCount, source: .file(OpenDescriptor(descriptor: descriptor, owner: self)))
    }

    private static func failure(_ what: String, in folder: String) -> ImagingError {
        let reason = String(cString: strerror(errno))
        return ImagingError(
            .fileUnusable,
            "\(what) in \(folder): \(reason). Name a folder with more room by the variable TMPDIR."
        )
    }
}

/// Memory that goes away with its owner.
final class OwnedMemory {
    /// The memory.
    let bytes: UnsafeMutableRawBufferPointer

    /// Takes memory, whose content is not defined.
    init(byteCount: Int) {
        bytes = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        bytes.deallocate()
    }
}
