import GRDB
import GRDBSQLite
import Metadata

/// One transaction's way to a connection: binds, steps and reads columns by SQLite's own functions.
///
/// GRDB opens the connection, guards who is in it and prepares; its bindings and rows cost three times as much as the
/// lookups that they serve.
struct Session: SQLConnection {
    let database: Database
    let prepared: PreparedStatements

    /// Whether a transaction is open.
    var isInTransaction: Bool {
        sqlite3_get_autocommit(database.sqliteConnection) == 0
    }

    /// Begins or ends a transaction, or a part of one.
    func control(_ control: TransactionControl) throws {
        let handle = try prepared.handle(of: control, on: database)
        defer { sqlite3_reset(handle) }
        guard sqlite3_step(handle) == SQLITE_DONE else {
            throw MetadataError(on: database.sqliteConnection, "running: \(control.rawValue)")
        }
    }

    func rows(_ statement: Metadata.Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        var rows: [[SQLValue]] = []
        try step(statement, arguments) { handle in
            let count = sqlite3_column_count(handle)
            rows.append((0..<count).map { Self.value(of: handle, at: $0) })
        }
        return rows
    }

    func run(_ statement: Metadata.Statement, _ arguments: [SQLValue]) throws -> Int {
        let before = sqlite3_total_changes(database.sqliteConnection)
        try step(statement, arguments) { _ in }
        return Int(sqlite3_total_changes(database.sqliteConnection) &- before)
    }

    private func step(
        _ statement: Metadata.Statement,
        _ arguments: [SQLValue],
        row: (OpaquePointer) -> Void
    ) throws {
        let handle = try prepared.handle(of: statement, on: database)
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, argument) in arguments.enumerated() {
            guard Self.bind(argument, to: handle, at: CInt(index + 1)) == SQLITE_OK else {
                throw MetadataError(on: database.sqliteConnection, "binding: \(statement.sql)")
            }
        }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: row(handle)
            case SQLITE_DONE: return
            default: throw MetadataError(on: database.sqliteConnection, "running: \(statement.sql)")
            }
        }
    }

    /// Tells SQLite to copy what is bound. (`SQLITE_TRANSIENT` is a cast that Swift does not import.)
    private static var transient: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    private static func bind(_ value: SQLValue, to handle: OpaquePointer, at index: CInt) -> CInt {
        switch value {
        case .null:
            return sqlite3_bind_null(handle, index)
        case .integer(let number):
            return sqlite3_bind_int64(handle, index, number)
        case .text(var text):
            // The address of no bytes may be none, which would bind NULL.
            guard !text.isEmpty else { return sqlite3_bind_text(handle, index, "", 0, transient) }
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text(handle, index, characters.baseAddress, CInt(characters.count), transient)
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
            return bytes.withUnsafeBytes { raw in
                sqlite3_bind_blob(handle, index, raw.baseAddress, CInt(raw.count), transient)
            }
        }
    }

    private static func value(of handle: OpaquePointer, at column: CInt) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER:
            return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_TEXT, SQLITE_FLOAT:
            guard let bytes = sqlite3_column_text(handle, column) else { return .null }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let bytes = sqlite3_column_blob(handle, column) else { return .blob([]) }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
        default:
            return .null
        }
    }
}
