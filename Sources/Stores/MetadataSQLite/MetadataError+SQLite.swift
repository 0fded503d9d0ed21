import GRDB
import GRDBSQLite
import Glibc
import Metadata

/// What SQLite says that it ran into, with its extended code.
struct SQLiteFailure: Error {
    let code: CInt

    /// Whether one statement was refused, and the transaction that it is in is as sound as before.
    var isOfStatement: Bool {
        [SQLITE_CONSTRAINT, SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE].contains(code & 0xFF)
    }
}

extension MetadataError {
    /// What comes after the database was let go.
    static var closed: MetadataError {
        MetadataError(.unavailable, "the database is closed")
    }

    /// What the last call on a connection ran into.
    init(on connection: OpaquePointer?, _ doing: String) {
        let code = sqlite3_extended_errcode(connection)
        let text = String(cString: sqlite3_errmsg(connection))
        self.init(sqlite: code, text, systemError: sqlite3_system_errno(connection), doing)
    }

    /// What GRDB ran into, or another error as it is.
    static func mapped(_ error: any Error, _ doing: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let text = error.message ?? "no more is known"
        return MetadataError(sqlite: error.extendedResultCode.rawValue, text, systemError: 0, doing)
    }

    /// Whether an error is the database's own, so that nothing of a transaction is to be trusted.
    static func isFailureOfDatabase(_ error: any Error) -> Bool {
        guard let failure = (error as? MetadataError)?.underlying as? SQLiteFailure else { return false }
        return !failure.isOfStatement
    }

    private init(sqlite code: CInt, _ text: String, systemError: CInt, _ doing: String) {
        self.init(
            Self.code(code, systemError),
            "SQLite \(code) while \(doing): \(text)",
            underlying: SQLiteFailure(code: code)
        )
    }

    private static func code(_ extended: CInt, _ systemError: CInt) -> Code {
        switch extended & 0xFF {
        // Only some of the ways in which a disk or a quota is full are SQLITE_FULL.
        case SQLITE_IOERR where systemError == ENOSPC || systemError == EDQUOT: return .full
        case SQLITE_FULL: return .full
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_CONSTRAINT: return .constraint
        // SQLITE_ERROR: a table or column that should be there is not.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_FORMAT: return .corrupt
        default: return .unavailable
        }
    }
}
