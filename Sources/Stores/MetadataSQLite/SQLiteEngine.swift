public import Metadata

/// The facts in one file of SQLite, for one process.
///
/// - A write-ahead log with `synchronous` FULL; writes of many callers share a transaction and its flush.
/// - One connection writes; a few read, each seeing what was committed when its closure began.
public final class SQLiteEngine: MetadataEngine {
    let writer: GroupWriter?
    private let readers: ReaderPool

    private init(writer: GroupWriter?, readers: ReaderPool) {
        self.writer = writer
        self.readers = readers
    }

    /// SQLite's way to write the statements.
    public var dialect: Dialect {
        .sqlite
    }

    /// Opens the database at a path; with read-write access it is made when it is not there.
    ///
    /// Throws ``MetadataError``: `corrupt` when the file is no database, or a damaged one; `unavailable` when it cannot
    /// be read or written, or is another program's; `full` when there is no room for a new one.
    public static func open(at path: String, _ options: SQLiteOptions = SQLiteOptions()) throws -> SQLiteEngine {
        let place = DatabasePlace(path)
        do {
            guard options.access == .readWrite else {
                let name = place.readOnlyName(isStill: options.access == .still)
                return SQLiteEngine(writer: nil, readers: try ReaderPool(path: name, options: options))
            }
            place.makeFile()
            let connection = try Connection(path: path, options: options, writes: true)
            try connection.claim(path, marking: true)
            let readers = try ReaderPool(path: path, options: options)
            return SQLiteEngine(writer: GroupWriter(connection: connection), readers: readers)
        } catch {
            throw place.explaining(error)
        }
    }

    /// Runs `body` in a transaction that only reads and sees one moment of the database.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await readers.read(body)
    }

    /// Runs `body` in a transaction that is durable when this returns, together with others that wait.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        guard let writer else { throw MetadataError(.unavailable, "the database was opened only for reading") }
        return try await writer.write(body)
    }

    /// What SQLite's integrity check and its check of foreign keys find, at most 100 sentences of each.
    public func integrityProblems() async throws -> [String] {
        try await readers.useApart { try $0.integrityProblems() }
    }

    /// Ends the writes that wait, moves the log into the database, and lets it go.
    public func close() async throws {
        try await readers.close()
        try await writer?.close()
    }
}
