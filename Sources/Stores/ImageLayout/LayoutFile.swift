import Glibc
import RegistryContract

/// An open file of a layout, closed when nobody holds it any longer.
///
/// Used only with explicit offsets, by any number of readers at once. Every method may wait for the disk.
final class LayoutFile: Sendable {
    /// What a file is opened for.
    enum Purpose {
        /// Reading only.
        case reading
        /// Reading and writing; made when it is missing.
        case writing
        /// Reading and writing; it must be new.
        case making
    }

    let descriptor: CInt
    let path: String

    /// Opens a regular file; nil when there is none to read.
    ///
    /// A symbolic link in the last place is refused, unless a person named it: a layout that came from elsewhere could
    /// point anywhere by it.
    init?(_ path: String, for purpose: Purpose = .reading, followsLink: Bool = false) throws {
        let flags =
            switch purpose {
            case .reading: O_RDONLY
            case .writing: O_RDWR | O_CREAT
            case .making: O_RDWR | O_CREAT | O_EXCL
            }
        // Not to wait for a writer where somebody put a named pipe.
        let all = flags | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW)
        let opened = retried { open(path, all, 0o644) }
        guard opened >= 0 else {
            if purpose == .reading, errno == ENOENT || errno == ENOTDIR { return nil }
            if errno == ELOOP { throw Self.notRegular(path) }
            throw FileProblem(purpose == .reading ? .read : .write, path)
        }
        descriptor = opened
        self.path = path
        guard try status().st_mode & S_IFMT == S_IFREG else { throw Self.notRegular(path) }
    }

    deinit {
        close(descriptor)
    }

    private static func notRegular(_ path: String) -> RegistryError {
        RegistryError(
            .unsupported,
            "\(path) is not a plain file but a link, a folder or a device. It is not followed: replace it by the file."
        )
    }

    /// What fstat(2) says.
    func status() throws -> stat {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw FileProblem(.read, path) }
        return found
    }

    /// The size in bytes.
    func byteCount() throws -> Int64 {
        Int64(try status().st_size)
    }

    /// Bytes from an offset on: as many as asked for, fewer only at the end of the file.
    func bytes(at offset: Int64 = 0, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let all = UnsafeMutableRawBufferPointer(buffer)
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: all[filled...])
                let got = try read(into: rest, at: offset + Int64(filled))
                guard got > 0 else { return }
                filled += got
            }
        }
    }

    /// Reads as much as comes at once; 0 at the end.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = retried { pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
        guard count >= 0 else { throw FileProblem(.read, path) }
        return count
    }

    /// Writes all of `pieces`, at most 64 of them, one after the other.
    func write(_ pieces: [UnsafeRawBufferPointer], at offset: Int64) throws {
        var rest = pieces.filter { !$0.isEmpty }[...]
        var offset = offset
        while !rest.isEmpty {
            let vectors = rest.map {
                iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
            }
            var written = retried { pwritev(descriptor, vectors, CInt(vectors.count), off_t(offset)) }
            guard written >= 0 else { throw FileProblem(.write, path) }
            offset += Int64(written)
            while let first = rest.first, written >= first.count {
                written -= first.count
                rest.removeFirst()
            }
            if let first = rest.popFirst() { rest = [UnsafeRawBufferPointer(rebasing: first[written...])] + rest }
        }
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8], at offset: Int64 = 0) throws {
        try bytes.withUnsafeBytes { try write([$0], at: offset) }
    }

    /// Cuts the file.
    func truncate(to byteCount: Int64) throws {
        guard retried({ Int(ftruncate(descriptor, off_t(byteCount))) }) >= 0 else { throw FileProblem(.write, path) }
    }

    /// Makes bytes and size durable.
    func synchronize() throws {
        guard retried({ Int(fdatasync(descriptor)) }) >= 0 else { throw FileProblem(.write, path) }
    }

    /// Takes an advisory lock; false when somebody else holds it and `waits` is not set.
    func lock(_ operation: CInt) throws -> Bool {
        guard retried({ Int(flock(descriptor, operation | LOCK_NB)) }) >= 0 else {
            if errno == EWOULDBLOCK { return false }
            throw FileProblem(.write, path)
        }
        return true
    }

    /// Gives the lock back.
    func unlock() {
        flock(descriptor, LOCK_UN)
    }
}

/// Makes a call until no signal interrupts it.
func retried<Result: SignedInteger>(_ body: () -> Result) -> Result {
    while true {
        let result = body()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// A system call on a file of this machine that failed: what lies below an error that says what to do.
public struct FileProblem: Error {
    /// What was to be done.
    enum Purpose: String {
        case read, write
    }

    let purpose: Purpose
    let path: String
    let number: CInt

    /// Takes the reason from errno(3).
    init(_ purpose: Purpose, _ path: String) {
        self.purpose = purpose
        self.path = path
        number = errno
    }

    private var reason: String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }

    /// The problem in the words of the contract.
    var refusal: RegistryError {
        switch number {
        case ENOSPC, EDQUOT:
            RegistryError(
                .storageFull,
                "There is no room left for \(path) (\(reason)). Free some and run the same again.",
                underlying: self
            )
        case EACCES, EPERM, EROFS:
            RegistryError(
                .denied,
                purpose == .read
                    ? "\(path) cannot be read (\(reason)). Run this as its owner, or let this user read it."
                    : "\(path) cannot be written (\(reason)). Run this as the owner of the folder, or choose another "
                        + "one.",
                underlying: self
            )
        case EMFILE, ENFILE:
            RegistryError(
                .unavailable,
                "\(path) cannot be opened: too many files are open. Raise the limit (ulimit -n).",
                underlying: self
            )
        default:
            RegistryError(
                .unavailable,
                "\(path) cannot be \(purpose == .read ? "read" : "written") (\(reason)). Look at the disk "
                    + "and the path.",
                underlying: self
            )
        }
    }
}
