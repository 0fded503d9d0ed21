public import BlobStorage
public import BlobStorageFiles
import Glibc
import Synchronization

/// A way to the disk on which one call fails, or all from one on.
///
/// Calls are counted from 1, all kinds together, except close(2), which cannot fail for its caller.
public final class FailingFileSystem: FileSystemCalls {
    /// What happens at the chosen call.
    public enum Manner: Sendable, Hashable, CaseIterable {
        /// It does nothing and reports the error.
        case once
        /// It does its work and reports the error all the same, as a disk does that loses an answer.
        case afterwards
        /// It and every later one do nothing and report the error, as if the process had ended there.
        case fromThenOn
    }

    private let base: any FileSystemCalls
    private let failing: Int
    private let number: CInt
    private let manner: Manner
    private let writeMax: Int
    private let made = Mutex<[String]>([])
    private let isCutByHand = Atomic(false)

    /// Wraps `base`.
    ///
    /// - Parameters:
    ///   - base: Where the calls go.
    ///   - failing: Which call fails; 0 is none.
    ///   - number: The error that it reports.
    ///   - manner: How it fails.
    ///   - writeMax: The most bytes that one write takes.
    public init(
        _ base: any FileSystemCalls = SystemCalls(),
        failing: Int = 0,
        with number: CInt = EIO,
        _ manner: Manner = .once,
        writeMax: Int = .max
    ) {
        self.base = base
        self.failing = failing
        self.number = number
        self.manner = manner
        self.writeMax = writeMax
    }

    /// The calls that were made so far, the failed ones included.
    public var calls: [String] {
        made.withLock { $0 }
    }

    /// Lets every call from now on do nothing and report the error, as if the process had ended here.
    public func cut() {
        isCutByHand.store(true, ordering: .relaxed)
    }

    /// Whether every call does nothing now.
    public var isCut: Bool {
        let isReached = failing > 0 && manner == .fromThenOn && made.withLock { $0.count } >= failing
        return isReached || isCutByHand.load(ordering: .relaxed)
    }

    private func counted<Result>(
        _ call: StaticString,
        _ path: String,
        _ body: () throws(SystemCallError) -> Result
    ) throws(SystemCallError) -> Result {
        let count = made.withLock { made in
            made.append("\(call) \(path)")
            return made.count
        }
        let error = SystemCallError(call, path, number)
        if isCutByHand.load(ordering: .relaxed) { throw error }
        if count == failing, manner == .afterwards {
            if let file = try body() as? OpenedFile { base.close(file) }
            throw error
        }
        if count == failing || (count > failing && failing > 0 && manner == .fromThenOn) { throw error }
        return try body()
    }

    /// Counted.
    public func open(_ path: String, for access: FileAccess) throws(SystemCallError) -> OpenedFile {
        try counted("open", path) { () throws(SystemCallError) in try base.open(path, for: access) }
    }

    /// Not counted.
    public func close(_ file: OpenedFile) {
        base.close(file)
    }

    /// Counted.
    public func status(of file: OpenedFile) throws(SystemCallError) -> FileStatus {
        try counted("fstat", file.path) { () throws(SystemCallError) in try base.status(of: file) }
    }

    /// Counted.
    public func status(at path: String) throws(SystemCallError) -> FileStatus {
        try counted("lstat", path) { () throws(SystemCallError) in try base.status(at: path) }
    }

    /// Counted.
    public func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        try counted("pread", file.path) { () throws(SystemCallError) in
            try base.read(into: bytes, from: file, at: offset)
        }
    }

    /// Counted; takes no more than the bound.
    public func write(
        _ pieces: [UnsafeRawBufferPointer],
        to file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        var room = writeMax
        let some = pieces.map { piece in
            let part = UnsafeRawBufferPointer(rebasing: piece.prefix(room))
            room -= part.count
            return part
        }
        return try counted("pwritev", file.path) { () throws(SystemCallError) in
            try base.write(some, to: file, at: offset)
        }
    }

    /// Counted.
    public func truncate(_ file: OpenedFile, to byteCount: Int64) throws(SystemCallError) {
        try counted("ftruncate", file.path) { () throws(SystemCallError) in try base.truncate(file, to: byteCount) }
    }

    /// Counted.
    public func synchronize(_ file: OpenedFile) throws(SystemCallError) {
        try counted("fdatasync", file.path) { () throws(SystemCallError) in try base.synchronize(file) }
    }

    /// Counted.
    public func synchronizeFolder(_ path: String) throws(SystemCallError) {
        try counted("fsync", path) { () throws(SystemCallError) in try base.synchronizeFolder(path) }
    }

    /// Counted.
    public func makeFolder(_ path: String) throws(SystemCallError) {
        try counted("mkdir", path) { () throws(SystemCallError) in try base.makeFolder(path) }
    }

    /// Counted.
    public func rename(_ path: String, to destination: String) throws(SystemCallError) {
        try counted("rename", path) { () throws(SystemCallError) in try base.rename(path, to: destination) }
    }

    /// Counted.
    public func unlink(_ path: String) throws(SystemCallError) {
        try counted("unlink", path) { () throws(SystemCallError) in try base.unlink(path) }
    }

    /// Counted.
    public func names(in folder: String) throws(SystemCallError) -> [String] {
        try counted("readdir", folder) { () throws(SystemCallError) in try base.names(in: folder) }
    }

    /// Counted.
    public func checkWritable(_ path: String) throws(SystemCallError) {
        try counted("access", path) { () throws(SystemCallError) in try base.checkWritable(path) }
    }

    /// Counted.
    public func lock(_ file: OpenedFile) throws(SystemCallError) -> Bool {
        try counted("flock", file.path) { () throws(SystemCallError) in try base.lock(file) }
    }

    /// Passed through.
    public func unlock(_ file: OpenedFile) {
        base.unlock(file)
    }

    /// Counted.
    public func space(at path: String) throws(SystemCallError) -> StorageSpace {
        try counted("statvfs", path) { () throws(SystemCallError) in try base.space(at: path) }
    }
}
