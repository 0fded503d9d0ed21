public import BlobStorage
import Glibc

/// The system calls of the kernel that this process runs on.
public struct SystemCalls: FileSystemCalls {
    /// Needs nothing.
    public init() {}

    /// open(2).
    public func open(_ path: String, for access: FileAccess) throws(SystemCallError) -> OpenedFile {
        let flags =
            switch access {
            case .reading: O_RDONLY
            case .writing: O_RDWR
            case .creating: O_RDWR | O_CREAT
            }
        let descriptor = try retrying("open", path) { Glibc.open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        return OpenedFile(descriptor: descriptor, path: path)
    }

    /// close(2).
    public func close(_ file: OpenedFile) {
        _ = Glibc.close(file.descriptor)
    }

    /// fstat(2).
    public func status(of file: OpenedFile) throws(SystemCallError) -> FileStatus {
        var found = stat()
        try retrying("fstat", file.path) { fstat(file.descriptor, &found) }
        return FileStatus(found)
    }

    /// lstat(2).
    public func status(at path: String) throws(SystemCallError) -> FileStatus {
        var found = stat()
        try retrying("lstat", path) { lstat(path, &found) }
        return FileStatus(found)
    }

    /// pread(2).
    public func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        try retrying("pread", file.path) { pread(file.descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
    }

    /// pwritev(2).
    public func write(
        _ pieces: [UnsafeRawBufferPointer],
        to file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        let vectors = pieces.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
        return try retrying("pwritev", file.path) {
            pwritev(file.descriptor, vectors, CInt(vectors.count), off_t(offset))
        }
    }

    /// ftruncate(2).
    public func truncate(_ file: OpenedFile, to byteCount: Int64) throws(SystemCallError) {
        try retrying("ftruncate", file.path) { ftruncate(file.descriptor, off_t(byteCount)) }
    }

    /// fdatasync(2).
    public func synchronize(_ file: OpenedFile) throws(SystemCallError) {
        try retrying("fdatasync", file.path) { fdatasync(file.descriptor) }
    }

    /// open(2), fsync(2), close(2).
    public func synchronizeFolder(_ path: String) throws(SystemCallError) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let descriptor = try retrying("open", path) { Glibc.open(path, flags) }
        defer { _ = Glibc.close(descriptor) }
        try retrying("fsync", path) { fsync(descriptor) }
    }

    /// mkdir(2).
    public func makeFolder(_ path: String) throws(SystemCallError) {
        try retrying("mkdir", path) { mkdir(path, 0o700) }
    }

    /// rename(2).
    public func rename(_ path: String, to destination: String) throws(SystemCallError) {
        try retrying("rename", path) { Glibc.rename(path, destination) }
    }

    /// unlink(2).
    public func unlink(_ path: String) throws(SystemCallError) {
        try retrying("unlink", path) { Glibc.unlink(path) }
    }

    /// opendir(3), readdir(3), closedir(3).
    public func names(in folder: String) throws(SystemCallError) -> [String] {
        guard let stream = opendir(folder) else { throw SystemCallError("opendir", folder, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            // The end and a failure look alike but for errno.
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw SystemCallError("readdir", folder, errno) }
        return names
    }

    /// access(2), also for `X_OK`: a folder is used by both.
    public func checkWritable(_ path: String) throws(SystemCallError) {
        try retrying("access", path) { access(path, W_OK | X_OK) }
    }

    /// flock(2).
    public func lock(_ file: OpenedFile) throws(SystemCallError) -> Bool {
        do {
            try retrying("flock", file.path) { flock(file.descriptor, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            guard error.number == EWOULDBLOCK else { throw error }
            return false
        }
    }

    /// flock(2).
    public func unlock(_ file: OpenedFile) {
        flock(file.descriptor, LOCK_UN)
    }

    /// statvfs(3).
    public func space(at path: String) throws(SystemCallError) -> StorageSpace {
        var found = statvfs()
        try retrying("statvfs", path) { statvfs(path, &found) }
        let block = UInt64(found.f_frsize)
        return StorageSpace(
            free: Int64(clamping: UInt64(found.f_bavail) * block),
            total: Int64(clamping: UInt64(found.f_blocks) * block)
        )
    }
}

extension FileStatus {
    fileprivate init(_ found: stat) {
        let kind: Kind =
            switch found.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        self.init(
            kind: kind,
            byteCount: Int64(found.st_size),
            device: UInt64(found.st_dev),
            nameCount: UInt64(found.st_nlink)
        )
    }
}

/// Makes a call until no signal interrupts it; throws what it reports.
@discardableResult
@inline(__always)
private func retrying<Result: SignedInteger>(
    _ call: StaticString,
    _ path: String,
    _ body: () -> Result
) throws(SystemCallError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw SystemCallError(call, path, number) }
    }
}
