import Archives
import Glibc
import RegistryContract

/// A tar archive on its way to a file or a pipe, one entry after the other.
///
/// Every method waits for the disk.
struct ArchiveOutput: ~Copyable {
    private let descriptor: CInt
    private let path: String
    private let isOwned: Bool
    private var writer = TarWriter()
    /// Small writes are joined.
    private var waiting: [UInt8] = []

    /// Makes a file, or opens the pipe that is there.
    init(_ path: String, isPipe: Bool) throws {
        let flags = isPipe ? O_WRONLY : O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        descriptor = retried { open(path, flags | O_CLOEXEC, 0o644) }
        self.path = path
        isOwned = descriptor >= 0
        guard isOwned else { throw FileProblem(.write, path) }
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// A file of bytes that are at hand.
    mutating func file(_ name: String, _ bytes: [UInt8]) throws {
        try put(try writer.whole(TarEntry(path: name), bytes))
    }

    /// A folder.
    mutating func folder(_ name: String) throws {
        try put(try writer.whole(TarEntry(path: name, kind: .folder, mode: 0o755)))
    }

    /// A file of `byteCount` bytes, which `body` hands over in pieces.
    mutating func file(
        _ name: String,
        byteCount: Int64,
        _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        try put(try writer.begin(TarEntry(path: name, size: byteCount)))
        try flush()
        var writer = writer
        let (descriptor, path) = (descriptor, path)
        try body { piece in
            writer.wrote(piece.count)
            try Self.write(piece, descriptor, path)
        }
        try put(writer.end())
        self.writer = writer
    }

    /// Ends the archive; makes it durable where it is a file.
    mutating func finish(isDurable: Bool) throws {
        try put(writer.finish())
        try flush()
        guard isDurable else { return }
        guard fsync(descriptor) == 0 else { throw FileProblem(.write, path) }
    }

    private mutating func put(_ bytes: [UInt8]) throws {
        waiting += bytes
        if waiting.count > 64 << 10 { try flush() }
    }

    private mutating func flush() throws {
        let (descriptor, path) = (descriptor, path)
        try waiting.withUnsafeBytes { try Self.write($0, descriptor, path) }
        waiting.removeAll(keepingCapacity: true)
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, _ descriptor: CInt, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = retried { Glibc.write(descriptor, piece.baseAddress, piece.count) }
            guard count >= 0 else { throw FileProblem(.write, path) }
            rest = rest.dropFirst(count)
        }
    }
}
