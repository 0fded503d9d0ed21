public import Metadata
import Synchronization

/// Another engine, in which the n-th step fails as it would on a broken disk.
///
/// A step is a statement, of a read or a write, or the commit of a write. Count the steps of what is tested once, with
/// ``stepCount``, and let each of them fail in turn.
public final class FailingMetadataEngine: MetadataEngine {
    private struct State {
        var stepCount = 0
        var failing: Int?
        var isLasting = false
    }

    private let base: any MetadataEngine
    private let state = Mutex(State())

    /// Stands before an engine; nothing fails until told to.
    public init(_ base: any MetadataEngine) {
        self.base = base
    }

    /// How many steps were begun since the start, or since ``failStep(_:lasting:)``.
    public var stepCount: Int {
        state.withLock { $0.stepCount }
    }

    /// Lets the `number`-th step from now on fail, counted from 1, and all after it when `lasting`; nil lets none fail.
    public func failStep(_ number: Int?, lasting: Bool = false) {
        state.withLock { $0 = State(failing: number, isLasting: lasting) }
    }

    /// The same as that of the engine behind.
    public var dialect: Dialect {
        base.dialect
    }

    /// Reads through the engine behind, unless a step fails.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.read { try body(FailingConnection(base: $0, engine: self)) }
    }

    /// Writes through the engine behind, unless a step fails.
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await write(about: nil, body)
    }

    /// Writes through the engine behind, unless a step fails.
    public func write<Value: Sendable>(
        about subject: WriteSubject?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.write(about: subject) { connection in
            let value = try body(FailingConnection(base: connection, engine: self))
            try self.step("the commit")
            return value
        }
    }

    /// What the engine behind finds.
    public func integrityProblems() async throws -> [String] {
        try await base.integrityProblems()
    }

    /// Closes the engine behind.
    public func close() async throws {
        try await base.close()
    }

    fileprivate func step(_ what: @autoclosure () -> String) throws {
        let number: Int? = state.withLock { state in
            state.stepCount += 1
            guard let failing = state.failing else { return nil }
            let fails = state.isLasting ? state.stepCount >= failing : state.stepCount == failing
            return fails ? state.stepCount : nil
        }
        guard let number else { return }
        throw MetadataError(.unavailable, "step \(number) was told to fail: \(what())")
    }
}

private struct FailingConnection: SQLConnection {
    let base: any SQLConnection
    let engine: FailingMetadataEngine

    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        try engine.step(statement.sql)
        return try base.rows(statement, arguments)
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        try engine.step(statement.sql)
        return try base.run(statement, arguments)
    }
}
