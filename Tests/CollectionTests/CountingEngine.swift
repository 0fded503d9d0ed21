import Metadata
import Synchronization

/// Another engine, and how many statements it ran, and how many rows these gave or changed.
final class CountingEngine: MetadataEngine {
    /// What was counted.
    struct Counts: Sendable, Equatable {
        var statements = 0
        var rows = 0
    }

    private let base: any MetadataEngine
    private let state = Mutex(Counts())

    init(_ base: any MetadataEngine) {
        self.base = base
    }

    /// What was counted since the last ``reset()``; a write that lost a race and ran again is counted again.
    var counts: Counts { state.withLock { $0 } }

    func reset() {
        state.withLock { $0 = Counts() }
    }

    var dialect: Dialect { base.dialect }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await base.read { try body(CountingConnection(base: $0, engine: self)) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await write(about: nil, body)
    }

    func write<Value: Sendable>(
        about subject: WriteSubject?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.write(about: subject) { try body(CountingConnection(base: $0, engine: self)) }
    }

    func integrityProblems() async throws -> [String] {
        try await base.integrityProblems()
    }

    func close() async throws {
        try await base.close()
    }

    fileprivate func count(_ rows: Int) {
        state.withLock { counts in
            counts.statements += 1
            counts.rows += rows
        }
    }
}

private struct CountingConnection: SQLConnection {
    let base: any SQLConnection
    let engine: CountingEngine

    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        let rows = try base.rows(statement, arguments)
        engine.count(rows.count)
        return rows
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        let count = try base.run(statement, arguments)
        engine.count(count)
        return count
    }
}
