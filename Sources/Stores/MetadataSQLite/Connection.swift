import GRDB
import GRDBSQLite
import Metadata

/// How SQLite makes a commit durable, in its own words.
struct Durability: Equatable {
    /// Where changes are written first.
    var journalMode: String?
    /// How often files are flushed: 2 is at every commit.
    var synchronous: Int?

    /// What an acknowledged transaction needs to survive loss of power.
    static let full = Durability(journalMode: "wal", synchronous: 2)
}

/// One connection to a database, which one caller at a time is in.
///
/// The checks for safety against loss of power are here: a connection that writes has `synchronous` FULL and its
/// journal is a write-ahead log, or it is not opened. (GRDB's own way to a write-ahead log sets NORMAL, which loses
/// what was acknowledged last.) Sendable since `queue` lets one caller in at a time.
final class Connection: @unchecked Sendable {
    /// Guarded by `queue`: used only by what runs in it.
    private let prepared = PreparedStatements()
    private let queue: DatabaseQueue

    /// What a write-ahead log may grow to before a commit moves it into the database, in pages.
    private static let pagesPerCheckpoint = 4096
    /// What stays of a log that has been moved, in bytes.
    private static let logByteCountMax = 64 << 20

    /// Opens the database at a path.
    init(path: String, options: SQLiteOptions, writes: Bool) throws {
        var configuration = Configuration()
        configuration.readonly = !writes
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        // A transaction that could not even be rolled back is an error of the disk, not a reason to end the process.
        configuration.allowsUnsafeTransactions = true
        configuration.label = writes ? "metadata.writer" : "metadata.reader"
        configuration.prepareDatabase { database in
            // Nobody observes, and statements are stepped without GRDB.
            sqlite3_commit_hook(database.sqliteConnection, nil, nil)
            sqlite3_rollback_hook(database.sqliteConnection, nil, nil)
            let cache = writes ? options.cacheKibibytes : options.cacheKibibytes / 4
            try database.execute(sql: "PRAGMA cache_size = -\(cache)")
            guard writes else { return }
            // What undoes a part of a transaction; in a file it would cost three calls a part.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try Self.makeDurable(database)
            if let byteCount = options.byteCountMax {
                let pageSize = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 4096
                try database.execute(sql: "PRAGMA max_page_count = \(byteCount / pageSize)")
            }
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw MetadataError.mapped(error, "opening \(path)")
        }
    }

    deinit {
        queue.inDatabase { _ in prepared.removeAll() }
    }

    /// Runs something in the connection, outside of a transaction.
    func run<Value>(_ body: (Session) throws -> Value) rethrows -> Value {
        try queue.inDatabase { try body(Session(database: $0, prepared: prepared)) }
    }

    /// Runs something that sees one moment of the database.
    func read<Value>(_ body: (any SQLConnection) throws -> Value) throws -> Value {
        try run { session in
            try session.control(.beginReading)
            let value: Value
            do {
                value = try body(session)
            } catch {
                try? session.control(.rollback)
                throw error
            }
            try session.control(.commit)
            return value
        }
    }

    /// Lets the database go.
    ///
    /// The last connection that writes moves the log into the database.
    func close() throws {
        queue.inDatabase { _ in prepared.removeAll() }
        do {
            try queue.close()
        } catch {
            throw MetadataError.mapped(error, "closing")
        }
    }

    /// What the connection does so that a commit survives loss of power.
    func durability() throws -> Durability {
        try run { try Self.durability(of: $0.database) }
    }

    private static func durability(of database: Database) throws -> Durability {
        Durability(
            journalMode: try String.fetchOne(database, sql: "PRAGMA journal_mode"),
            synchronous: try Int.fetchOne(database, sql: "PRAGMA synchronous")
        )
    }

    private static func makeDurable(_ database: Database) throws {
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let found = try durability(of: database)
        guard found == .full else {
            throw MetadataError(
                .unavailable,
                "the file system cannot hold a write-ahead log: journal_mode is \(found.journalMode ?? "unknown"), "
                    + "synchronous is \(found.synchronous.map(String.init) ?? "unknown")"
            )
        }
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(pagesPerCheckpoint)")
        try database.execute(sql: "PRAGMA journal_size_limit = \(logByteCountMax)")
    }
}
