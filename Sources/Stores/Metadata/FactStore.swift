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

    /// Looks at one moment of the facts.
    ///
    /// The closure must not write.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (Facts) throws -> Value) async throws -> Value {
        try await engine.read { try body(Facts(connection: $0)) }
    }

    /// Changes facts; durable when it returns.
    ///
    /// The closure may run more than once and touches nothing else.
    public func write<Value: Sendable>(_ body: @escaping @Sendable (Facts) throws -> Value) async throws -> Value {
        try await engine.write { try body(Facts(connection: $0)) }
    }

    /// Brings the schema to what this program knows, each step in a transaction of its own.
    ///
    /// Throws ``MetadataError/Code/newerVersion`` when the database has steps that this program does not know.
    public func migrate() async throws {
        let version = try await engine.write { connection in
            try connection.run(Schema.ground, [])
            return try Schema.version(on: connection)
        }
        try Self.refuseNewer(version)
        for migration in Schema.migrations where migration.version > version {
            try await engine.write { try Schema.apply(migration, on: $0) }
        }
    }

    /// Makes sure, without writing, that a database has the schema that this program knows.
    ///
    /// Throws ``MetadataError/Code/newerVersion``, or ``MetadataError/Code/unavailable`` when it is older.
    public func requireSchema() async throws {
        let version = try await engine.read { try Schema.version(on: $0) }
        try Self.refuseNewer(version)
        guard version == Schema.version else {
            throw MetadataError(
                .unavailable,
                "the database has schema version \(version), this program needs \(Schema.version): "
                    + "start the server once, which brings it up"
            )
        }
    }

    /// What the database finds wrong with itself when it reads everything, as sentences; empty when it is sound.
    public func integrityProblems() async throws -> [String] {
        try await engine.integrityProblems()
    }

    private static func refuseNewer(_ version: Int64) throws {
        guard version > Schema.version else { return }
        throw MetadataError(
            .newerVersion,
            "the database has schema version \(version), this program knows \(Schema.version): run a newer wharf"
        )
    }
}
