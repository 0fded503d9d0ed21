public import BlobStorage

/// The system calls that this module makes, in one place, so that a test can stand between it and the disk.
///
/// Every method blocks. A call that a signal interrupted is made again by the implementer (`EINTR` is never thrown).
public protocol FileSystemCalls: Sendable {
    /// open(2), never through a symbolic link in the last place, never inherited by a child; new files get mode 0600.
    func open(_ path: String, for access: FileAccess) throws(SystemCallError) -> OpenedFile
    /// close(2). What it may report concerns bytes that nobody was promised.
    func close(_ file: OpenedFile)
    /// fstat(2).
    func status(of file: OpenedFile) throws(SystemCallError) -> FileStatus
    /// lstat(2).
    func status(at path: String) throws(SystemCallError) -> FileStatus
    /// pread(2): may read less than asked for; 0 at the end of the file.
    func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int
    /// pwritev(2) of at most 64 pieces, one after the other: may write less than asked for.
    func write(
        _ pieces: [UnsafeRawBufferPointer],
        to file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int
    /// ftruncate(2).
    func truncate(_ file: OpenedFile, to byteCount: Int64) throws(SystemCallError)
    /// fdatasync(2): the bytes and the size are durable, the entry in the folder is not.
    func synchronize(_ file: OpenedFile) throws(SystemCallError)
    /// fsync(2) of a folder: the entries that were made in it, renamed into it or unlinked from it are durable.
    func synchronizeFolder(_ path: String) throws(SystemCallError)
    /// mkdir(2) with mode 0700.
    func makeFolder(_ path: String) throws(SystemCallError)
    /// rename(2).
    func rename(_ path: String, to destination: String) throws(SystemCallError)
    /// unlink(2).
    func unlink(_ path: String) throws(SystemCallError)
    /// readdir(3) to the end: every name but `.` and `..`, in no order.
    func names(in folder: String) throws(SystemCallError) -> [String]
    /// access(2) with `W_OK`.
    func checkWritable(_ path: String) throws(SystemCallError)
    /// flock(2), exclusive, without waiting: false when somebody else holds the lock.
    func lock(_ file: OpenedFile) throws(SystemCallError) -> Bool
    /// flock(2) with `LOCK_UN`: gives a lock back at once.
    ///
    /// Closing the file does so only when no process is just being begun: that one has the file open too, until it runs
    /// its program.
    func unlock(_ file: OpenedFile)
    /// statvfs(3): what a process without privileges may still write.
    func space(at path: String) throws(SystemCallError) -> StorageSpace
}

/// What a file is opened for.
public enum FileAccess: Sendable, Hashable {
    /// Reading only.
    case reading
    /// Reading and writing; the file must exist.
    case writing
    /// Reading and writing; the file is made when there is none.
    case creating
}

/// An open descriptor and the path that it was opened by.
///
/// A plain value: whoever opened it closes it.
public struct OpenedFile: Sendable, Hashable {
    /// The number of the descriptor.
    public let descriptor: CInt
    /// The path, for messages.
    public let path: String

    /// Names an open descriptor.
    public init(descriptor: CInt, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// What stat(2) tells of a file or folder.
public struct FileStatus: Sendable, Hashable {
    /// What kind of thing it is.
    public enum Kind: Sendable, Hashable {
        /// A regular file.
        case file
        /// A folder.
        case folder
        /// A symbolic link, a device, a socket.
        case other
    }

    /// What kind of thing it is.
    public var kind: Kind
    /// The size in bytes.
    public var byteCount: Int64
    /// The file system that it lies on.
    public var device: UInt64
    /// How many names it has: none when it was removed and somebody still has it open.
    public var nameCount: UInt64

    /// Describes a file or folder.
    public init(kind: Kind, byteCount: Int64, device: UInt64, nameCount: UInt64) {
        self.kind = kind
        self.byteCount = byteCount
        self.device = device
        self.nameCount = nameCount
    }
}

extension FileSystemCalls {
    /// Writes all of `pieces`, however many calls that takes.
    func writeAll(
        _ pieces: [UnsafeRawBufferPointer],
        to file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) {
        var rest = pieces.filter { !$0.isEmpty }
        var offset = offset
        while !rest.isEmpty {
            var written = try write(rest, to: file, at: offset)
            offset += Int64(written)
            while let first = rest.first, written >= first.count {
                written -= first.count
                rest.removeFirst()
            }
            if let first = rest.first { rest[0] = UnsafeRawBufferPointer(rebasing: first[written...]) }
        }
    }

    /// What is at a path; nil when nothing is.
    func statusIfPresent(at path: String) throws(SystemCallError) -> FileStatus? {
        do {
            return try status(at: path)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// Removes a file; not an error when there is none.
    func unlinkIfPresent(_ path: String) throws(SystemCallError) {
        do {
            try unlink(path)
        } catch {
            guard error.isMissing else { throw error }
        }
    }

    /// Makes a folder; not an error when it is there.
    func makeFolderIfMissing(_ path: String) throws(SystemCallError) {
        do {
            try makeFolder(path)
        } catch {
            guard error.isExisting else { throw error }
        }
    }
}
