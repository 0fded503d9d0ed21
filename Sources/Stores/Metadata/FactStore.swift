/// Every fact of the registry, in one database: what exists, where its bytes lie, which name points to it.
///
/// The SQL is written once, for SQLite and PostgreSQL; an engine only runs it. A function of ``Facts`` means what it
/// says inside of the transaction that it is called in; several in one closure are one transaction.
public struct FactStore: Sendable {
    private let engine: any MetadataEngine

    /// Stands over a database; does nothing until called.
    public init(engine: any MetadataEngine) {
        self.engine = engine
    }

    /// What the engine does differently from others.
    public var dialect: Dialect {
        engine.dialect
    }

    /// Looks at one moment of the facts.
    ///
    /// The closure must not write, may run more than once, and touches nothing else.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (Facts) throws -> Value) async throws -> Value {
        try await engine.read { try body(Facts(connection: $0)) }
    }

    /// Changes facts; durable when it returns.
    ///
    /// The closure may run more than once and touches nothing else.
    public func write<Value: Sendable>(_ body: @escaping @Sendable (Facts) throws -> Value) async throws -> Value {
        try await write(about: nil, body)
    }

    /// Changes events of a consumer that are there, and nothing that others read; durable when it returns.
    ///
    /// One after the other of a consumer, at whatever servers, and beside all else: a push neither waits for it nor is
    /// run again because of it. The closure may run more than once and touches nothing else.
    public func deliver<Value: Sendable>(
        to consumer: EventConsumerID,
        _ body: @escaping @Sendable (Facts) throws -> Value
    ) async throws -> Value {
        try await write(about: .events(of: consumer), body)
    }

    /// Changes facts about something, as ``write(_:)`` does, and not while another write about the same runs.
    func write<Value: Sendable>(
        about subject: WriteSubject?,
        _ body: @escaping @Sendable (Facts) throws -> Value
    ) async throws -> Value {
        do {
            return try await engine.write(about: subject) { try Self.change($0, asksFirst: false, body) }
        } catch let error as MetadataError where error.isLackOfRoom {
            // It may be somewhere else.
            return try await tellingWhatIsFree {
                try await engine.write(about: subject) { try Self.change($0, asksFirst: true, body) }
            }
        }
    }

    /// Adds to a refusal by a quota what could be freed: after what was refused is gone again.
    private func tellingWhatIsFree<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch var exceeded as QuotaExceeded where exceeded.measure == .bytes {
            let scope = exceeded.scope
            exceeded.freeable = (try? await read { try $0.freeable(of: scope) }) ?? QuotaFreeable()
            throw exceeded
        }
    }

    /// Runs what changes facts, and tells of it and counts it last.
    private static func change<Value>(
        _ connection: any SQLConnection,
        asksFirst: Bool,
        _ body: (Facts) throws -> Value
    ) throws -> Value {
        let ledger = QuotaLedger(asksFirst: asksFirst)
        let facts = Facts(connection: connection, notices: EventNotices(), ledger: ledger)
        let value = try body(facts)
        try facts.postEvents()
        try facts.settleQuotas()
        return value
    }

    /// Brings the schema to what this program knows, each step in a transaction of its own.
    ///
    /// A newer database stays as it is, if its newest steps are such that this program can go on.
    /// Throws ``MetadataError/Code/newerVersion`` when they are not.
    public func migrate() async throws {
        let version = try await engine.write(about: .schema) { connection in
            try connection.run(Schema.ground, [])
            return try Schema.version(on: connection)
        }
        guard try await !goesOn(with: version) else { return }
        for migration in Schema.migrations where migration.version > version {
            try await engine.write(about: .schema) { try Schema.apply(migration, on: $0) }
        }
    }

    /// Whether a database has any tables of this program, of whatever version.
    public func hasTables() async throws -> Bool {
        try await engine.read { try !$0.rows(FactTable.ground, []).isEmpty }
    }

    /// Makes sure, without writing, that a database has the schema that this program knows, or one that does for it.
    ///
    /// Throws ``MetadataError/Code/newerVersion``, or ``MetadataError/Code/unavailable`` when it is older.
    public func requireSchema() async throws {
        let version = try await engine.read { try Schema.version(on: $0) }
        guard try await !goesOn(with: version) else { return }
        guard version == Schema.version else {
            throw MetadataError(
                .unavailable,
                "the database has schema version \(version), this program needs \(Schema.version): "
                    + "start the server once, which brings it up"
            )
        }
    }

    /// Makes sure that a database has exactly the tables that this program knows, so that none would be left behind.
    ///
    /// Throws as ``requireSchema()`` does, and ``MetadataError/Code/newerVersion`` whenever the database is newer.
    public func requireOwnSchema() async throws {
        try await requireSchema()
        let version = try await engine.read { try Schema.version(on: $0) }
        guard version > Schema.version else { return }
        throw Self.newer(version)
    }

    /// What the database finds wrong with itself when it reads everything, as sentences; empty when it is sound.
    public func integrityProblems() async throws -> [String] {
        try await engine.integrityProblems()
    }

    /// Whether a database is newer than the program and does for it nevertheless; throws when it is newer and does not.
    private func goesOn(with version: Int64) async throws -> Bool {
        guard version > Schema.version else { return false }
        guard try await engine.read({ try Schema.oldestProgram(on: $0) }) > Schema.version else { return true }
        throw Self.newer(version)
    }

    private static func newer(_ version: Int64) -> MetadataError {
        MetadataError(
            .newerVersion,
            "the database has schema version \(version), this program knows \(Schema.version): run a newer wharf"
        )
    }
}
