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
    private let stop: Stop
    private var writer = TarWriter()
    /// Small writes are joined.
    private var waiting: [UInt8] = []
    /// How many bytes were handed to the file.
    private var offset: Int64 = 0
    /// Whether what was written can be changed: of a file, not of a pipe.
    let isChangeable: Bool

    /// Makes a file, or opens the pipe that is there as soon as somebody reads from it.
    init(_ path: String, isPipe: Bool, stop: Stop) throws {
        let opened = Result { try Self.opened(path, isPipe: isPipe, stop) }
        descriptor = (try? opened.get()) ?? -1
        self.path = path
        self.stop = stop
        isChangeable = !isPipe
        isOwned = descriptor >= 0
        _ = try opened.get()
    }

    /// A pipe is opened, and written to, so that the call does not wait: open(2) and write(2) would wait for a reader
    /// that may never come, and nobody could stop them.
    private static func opened(_ path: String, isPipe: Bool, _ stop: Stop) throws -> CInt {
        let flags = isPipe ? O_WRONLY | O_NONBLOCK : O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        while true {
            let descriptor = retried { open(path, flags | O_CLOEXEC, 0o644) }
            if descriptor >= 0 { return descriptor }
            let problem = FileProblem(.write, path)
            // What it says of a named pipe that nobody reads from yet.
            guard isPipe, problem.number == ENXIO, isNamedPipe(path) else { throw problem }
            try stop.check()
            usleep(readerWaitMicroseconds)
        }
    }

    private static func isNamedPipe(_ path: String) -> Bool {
        var found = stat()
        return stat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFIFO
    }

    /// How long until it is looked again whether a reader has come.
    private static let readerWaitMicroseconds: useconds_t = 20_000

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
        let (descriptor, path, stop) = (descriptor, path, stop)
        try body { piece in
            try stop.check()
            writer.wrote(piece.count)
            try Self.write(piece, descriptor, path, stop)
        }
        offset += byteCount
        try put(writer.end())
        self.writer = writer
    }

    /// A file of as many bytes as `body` hands over, which is not known before: its header is written after it.
    ///
    /// `body` may be called a second time, when there are so many bytes that the header becomes a longer one. Only for
    /// an output that ``isChangeable``.
    mutating func file(
        _ name: String,
        _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        precondition(isChangeable, "nothing that went into a pipe is changed")
        let gap = try writer.whole(TarEntry(path: name))
        try put(gap)
        try flush()
        let (descriptor, path, start, stop) = (descriptor, path, offset, stop)
        var byteCount: Int64 = 0
        try body { piece in
            try stop.check()
            byteCount += Int64(piece.count)
            try Self.write(piece, descriptor, path, stop)
        }
        var sized = TarWriter()
        let header = try sized.begin(TarEntry(path: name, size: byteCount))
        guard header.count == gap.count else {
            let before = start - Int64(gap.count)
            guard ftruncate(descriptor, off_t(before)) == 0, lseek(descriptor, off_t(before), SEEK_SET) >= 0 else {
                throw FileProblem(.write, path)
            }
            offset = before
            return try file(name, byteCount: byteCount, body)
        }
        guard pwrite(descriptor, header, header.count, off_t(start - Int64(gap.count))) == header.count else {
            throw FileProblem(.write, path)
        }
        offset += byteCount
        try put([UInt8](repeating: 0, count: Int(-byteCount & 511)))
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
        let (descriptor, path, stop) = (descriptor, path, stop)
        try waiting.withUnsafeBytes { try Self.write($0, descriptor, path, stop) }
        offset += Int64(waiting.count)
        waiting.removeAll(keepingCapacity: true)
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer,
        _ descriptor: CInt,
        _ path: String,
        _ stop: Stop
    ) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = retried { Glibc.write(descriptor, piece.baseAddress, piece.count) }
            if count < 0, errno == EAGAIN {
                try stop.wait(for: descriptor, POLLOUT)
                continue
            }
            guard count >= 0 else { throw FileProblem(.write, path) }
            rest = rest.dropFirst(count)
        }
    }
}
