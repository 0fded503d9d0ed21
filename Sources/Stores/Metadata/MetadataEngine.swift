/// A statement with its arguments, of which the rows are wanted.
public struct Question: Sendable, Equatable {
    /// The statement.
    public let statement: Statement
    /// What is put in for `$1`, `$2`, ….
    public let arguments: [SQLValue]

    /// Asks a statement with some arguments.
    public init(_ statement: Statement, _ arguments: [SQLValue]) {
        self.statement = statement
        self.arguments = arguments
    }
}

/// One connection to a database, for the length of one transaction.
///
/// After a statement has thrown the closure throws as well: some engines give the whole transaction up.
/// Not Sendable: it stays in the closure that got it.
public protocol SQLConnection {
    /// Runs one statement and returns its rows; empty when it has none.
    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]]
    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int
    /// Runs one statement of which nothing is asked.
    ///
    /// It may be sent together with what comes later: if it fails, then a later call or the commit throws.
    func post(_ statement: Statement, _ arguments: [SQLValue]) throws
    /// Runs statements one after another, and returns the rows of each; it may send all at once.
    func rows(of questions: [Question]) throws -> [[[SQLValue]]]
}

extension SQLConnection {
    /// Runs the statement at once, for an engine to which nothing is far.
    public func post(_ statement: Statement, _ arguments: [SQLValue]) throws {
        try run(statement, arguments)
    }

    /// Runs them one after another, for an engine to which nothing is far.
    public func rows(of questions: [Question]) throws -> [[[SQLValue]]] {
        try questions.map { try rows($0.statement, $0.arguments) }
    }
}

/// A database that holds the facts: only transactions and values, no knowledge of what they mean.
///
/// Invariants, for every engine:
/// - What ``write(_:)`` has returned for survives kill -9 and loss of power.
/// - A read begun after a write has returned sees it.
/// - Writes happen as if one after another. An engine that runs them side by side isolates them as SERIALIZABLE and
///   runs a closure again that lost against another.
/// - A closure may therefore run more than once, and has no effect outside of the database.
/// - Of writes about one ``WriteSubject`` the next begins when the one before has ended. One that is not to be
///   serializable sees one moment, and loses against whatever has changed a row since that it changes.
/// - A write happens whole or not at all; a closure that throws has happened not at all, and its error is thrown.
///
/// Errors: what the closure throws; ``MetadataError`` for what the database cannot do.
public protocol MetadataEngine: Sendable {
    /// What differs between the engines.
    var dialect: Dialect { get }
    /// Runs `body` in a transaction that only reads and sees one moment of the database.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs `body` in a transaction that is durable when this returns.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
    /// Runs `body` as ``write(_:)`` does, and not while another write about the same subject runs, in any process.
    func write<Value: Sendable>(
        about subject: WriteSubject?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value
    /// What the database finds wrong with itself when it reads everything, as sentences; empty when it is sound.
    func integrityProblems() async throws -> [String]
    /// Ends what is under way and lets the database go; whatever comes later is ``MetadataError/Code/unavailable``.
    func close() async throws
}

extension MetadataEngine {
    /// Runs `body` as any other write: for an engine that runs one at a time.
    public func write<Value: Sendable>(
        about subject: WriteSubject?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await write(body)
    }
}
