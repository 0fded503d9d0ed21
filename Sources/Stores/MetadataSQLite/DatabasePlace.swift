import GRDBSQLite
import Glibc
import Metadata

/// Where a database lies, and what its file system allows.
struct DatabasePlace {
    let path: String
    private let isReadOnly: Bool
    private let freeByteCount: UInt64

    /// A new database with its log takes more than this.
    private static let roomMin: UInt64 = 64 << 10

    /// Looks at the file system of a path.
    init(_ path: String) {
        self.path = path
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        var found = statvfs()
        let isKnown = statvfs(folder, &found) == 0
        isReadOnly = isKnown && found.f_flag & UInt(ST_RDONLY) != 0
        freeByteCount = isKnown ? UInt64(found.f_bavail) * UInt64(found.f_frsize) : .max
    }

    /// Makes the file of a new database, which nobody else on the machine may read; SQLite gives its log the same mode.
    ///
    /// Where that fails, opening the database says why.
    func makeFile() {
        let descriptor = Glibc.open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// What SQLite is told to open for reading alone.
    ///
    /// Readers of a write-ahead log write a file too (`-shm`). Where nobody can write, or `isStill` since nobody does,
    /// SQLite may take the database for one that never changes (https://www.sqlite.org/wal.html#readonly); not while
    /// there is something in a log, which it would pass over.
    func readOnlyName(isStill: Bool) -> String {
        guard isReadOnly || isStill, !hasLog else { return path }
        let escaped = path.map { "?#%".contains($0) ? "%\(String($0.asciiValue ?? 0, radix: 16))" : String($0) }
        return "file:\(escaped.joined())?immutable=1"
    }

    private var hasLog: Bool {
        var found = stat()
        return stat("\(path)-wal", &found) == 0 && found.st_size > 0
    }

    /// What it means that the database could not be opened here, where that is more than SQLite says.
    func explaining(_ error: any Error) -> any Error {
        guard let error = error as? MetadataError, error.code == .unavailable,
            let failure = error.underlying as? SQLiteFailure
        else { return error }
        switch failure.code & 0xFF {
        case SQLITE_CANTOPEN where isReadOnly, SQLITE_READONLY where isReadOnly, SQLITE_IOERR where isReadOnly:
            return MetadataError(
                .unavailable,
                "\(path) lies on a read-only file system and was not closed by its server: to read its log SQLite has "
                    + "to write the file \(path)-shm. Mount it writable, or look at a copy (\(error.message))",
                underlying: failure
            )
        case SQLITE_CANTOPEN where freeByteCount < Self.roomMin, SQLITE_IOERR where freeByteCount < Self.roomMin:
            return MetadataError(.full, error.message, underlying: failure)
        default:
            return error
        }
    }
}
