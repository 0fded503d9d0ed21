import BlobStorage
import Glibc
import Hashing
import NIOCore
import NIOPosix
import OCI
import Synchronization

/// The bytes of an upload that fill no part yet, in a file of this machine that has no name.
///
/// It is the memory of one process about an upload, and may be lost: what was flushed is in the store, too. A part that
/// was sent stays in it until the next call comes with a ledger that names the part: who failed in between begins
/// again where it was.
final class S3Spool: Sendable {
    /// Where the last part ended, which is as far as an upload is durable with little work.
    struct Boundary: Sendable {
        let part: S3Part
        let offset: Int64
        let hash: ContentHash
    }

    private struct Content {
        /// The offset in the upload of the file's first byte.
        var base: Int64
        var byteCount: Int64 = 0
        /// The ends of the upload, by their marks, whose bytes are those that are here.
        var tails: [UInt64: Int64] = [:]
        var boundary: Boundary?
        /// How far the store has the bytes, too.
        var durableEnd: Int64
        var usedAt: Duration
    }

    /// The file.
    let file: OpenFile
    private let threads: NIOThreadPool
    private let content: Mutex<Content>

    private init(file: OpenFile, base: Int64, threads: NIOThreadPool, usedAt: Duration) {
        self.file = file
        self.threads = threads
        content = Mutex(Content(base: base, durableEnd: base, usedAt: usedAt))
    }

    /// An empty one for the bytes of an upload from `base` on.
    static func make(
        in folder: String,
        base: Int64,
        threads: NIOThreadPool,
        at moment: Duration
    ) async throws -> S3Spool {
        let file = try await threads.runIfActive { try openNameless(in: folder) }
        return S3Spool(file: file, base: base, threads: threads, usedAt: moment)
    }

    // MARK: - What it has

    /// Where its bytes begin and end in the upload.
    var range: Range<Int64> { content.withLock { $0.base..<($0.base + $0.byteCount) } }

    /// Whether all that it has is in the store, too.
    var isDurable: Bool { content.withLock { $0.base + $0.byteCount <= $0.durableEnd } }

    /// When it was used last.
    var usedAt: Duration { content.withLock { $0.usedAt } }

    /// Whether it has the bytes from where the parts of `ledger` end up to `offset`, and no others.
    ///
    /// A state that was recorded is known by its end, which this file was written to or read from. A state that was not
    /// comes from this process, which has written here since.
    func has(_ ledger: S3Ledger, upTo offset: Int64) -> Bool {
        content.withLock { content in
            guard content.base <= ledger.partsEnd, offset <= content.base + content.byteCount else { return false }
            if content.base < ledger.partsEnd {
                guard let boundary = content.boundary, boundary.offset == ledger.partsEnd,
                    boundary.part == ledger.parts.last
                else { return false }
            }
            guard offset > ledger.partsEnd, let tail = ledger.currentTail else { return true }
            return content.tails[tail.mark] != nil
        }
    }

    /// Where the parts of `ledger` end, with the hash; nil when that is not known here.
    func boundary(of ledger: S3Ledger) -> Boundary? {
        guard let boundary = content.withLock({ $0.boundary }) else { return nil }
        return boundary.offset == ledger.partsEnd && boundary.part == ledger.parts.last ? boundary : nil
    }

    /// A stretch of the upload, to be sent.
    func body(_ range: Range<Int64>) -> S3Body {
        let base = content.withLock { $0.base }
        return .file(file, start: range.lowerBound - base, byteCount: range.upperBound - range.lowerBound)
    }

    // MARK: - What becomes of it

    /// Notes that it is in use.
    func touch(at moment: Duration) { content.withLock { $0.usedAt = moment } }

    /// Notes that the bytes up to an end of the upload are in the store, too.
    func know(_ tail: S3Ledger.Tail) {
        content.withLock {
            $0.tails[tail.mark] = tail.end
            $0.durableEnd = max($0.durableEnd, tail.end)
        }
    }

    /// Notes that the bytes up to here are in a part.
    func know(_ boundary: Boundary) { content.withLock { $0.boundary = boundary } }

    /// Writes bytes at an offset of the upload, over what a broken attempt may have left, and hashes them.
    func write(_ bytes: [ByteBuffer], at offset: Int64, _ hash: ContentHash) async throws -> ContentHash {
        let base = content.withLock { content in
            content.byteCount = offset - content.base
            content.tails = content.tails.filter { $0.value <= offset }
            if let boundary = content.boundary, boundary.offset > offset { content.boundary = nil }
            content.durableEnd = min(content.durableEnd, offset)
            return content.base
        }
        let file = file
        let (reached, written) = try await threads.runIfActive {
            var (hash, position) = (hash, offset - base)
            for buffer in bytes {
                try buffer.withUnsafeReadableBytes { raw in
                    hash.update(raw)
                    try file.write(raw, at: position)
                    position += Int64(raw.count)
                }
            }
            return (hash, position)
        }
        content.withLock { $0.byteCount = written }
        return reached
    }

    /// Forgets the bytes before an offset, which are in parts that were recorded.
    func advance(to offset: Int64) async throws {
        let (base, end) = content.withLock { ($0.base, $0.byteCount) }
        guard offset > base else { return }
        let (file, start) = (file, offset - base)
        try await threads.runIfActive { try file.move(from: start, to: end) }
        content.withLock { content in
            content.base = offset
            content.byteCount = end - start
            content.tails = [:]
            content.durableEnd = offset
        }
    }

    /// The hash of a stretch of the upload.
    func hash(_ range: Range<Int64>, _ algorithm: Digest.Algorithm) async throws -> ContentHash {
        let base = content.withLock { $0.base }
        let (file, start, end) = (file, range.lowerBound - base, range.upperBound - base)
        return try await threads.runIfActive {
            var (hash, position) = (ContentHash(algorithm), start)
            while position < end {
                let piece = try file.bytes(at: position, byteCount: Int(min(end - position, OpenFile.piece)))
                piece.withUnsafeReadableBytes { hash.update($0) }
                position += Int64(piece.readableBytes)
            }
            return hash
        }
    }

    /// A file that nobody else can open, and that is gone with this process.
    private static func openNameless(in folder: String) throws -> OpenFile {
        let name = "\(folder)/spool-\(BlobKey.random())"
        let descriptor = Glibc.open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw S3SpoolFailure.error("open", name) }
        unlink(name)
        return OpenFile(owning: descriptor)
    }

    /// The room of the file system that a folder is in.
    static func space(in folder: String) throws -> StorageSpace {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { throw S3SpoolFailure.error("statvfs", folder) }
        let unit = Int64(facts.f_frsize)
        return StorageSpace(free: Int64(facts.f_bavail) * unit, total: Int64(facts.f_blocks) * unit)
    }
}

/// What went wrong with a file of this machine.
enum S3SpoolFailure {
    /// The failure of a system call, whose reason errno still has.
    static func error(_ call: String, _ path: String) -> BlobStoreError {
        let number = errno
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        let isFull = number == ENOSPC || number == EDQUOT
        return BlobStoreError(
            isFull ? .full : .unusable,
            "What was pushed waits for the rest of its part in a file of this machine, which failed: "
                + "\(call) \(path): \(reason)."
        )
    }
}

extension OpenFile {
    /// The largest piece of a file that is held in memory.
    fileprivate static let piece: Int64 = 256 << 10

    fileprivate func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw S3SpoolFailure.error("pwrite", "in the folder of uploads") }
            done += count
        }
    }

    /// Moves the bytes from `start` to `end` to the beginning, and cuts off what is behind them.
    fileprivate func move(from start: Int64, to end: Int64) throws {
        var position = start
        while position < end {
            let piece = try bytes(at: position, byteCount: Int(min(end - position, Self.piece)))
            try piece.withUnsafeReadableBytes { try write($0, at: position - start) }
            position += Int64(piece.readableBytes)
        }
        guard ftruncate(descriptor, off_t(end - start)) == 0 else {
            throw S3SpoolFailure.error("ftruncate", "in the folder of uploads")
        }
    }
}
