import Metadata

/// A write's way to a connection: one transaction.
///
/// It begins with the first statement, in the same round trip. What is posted goes out with what is asked next.
final class WriteSession: SQLConnection {
    private let connection: Connection
    /// The locks that are held from before the transaction until after it, in the order in which they are taken.
    private let locks: [Int64]
    private let isSerializable: Bool
    private var hasBegun = false
    private var postedCount = 0
    /// What a statement ran into, whatever the closure makes of it.
    private(set) var failure: (any Error)?

    /// How many statements may be posted before some answers are read.
    private static let postedMax = 512

    init(_ connection: Connection, locks: [Int64], isSerializable: Bool) {
        self.connection = connection
        self.locks = locks
        self.isSerializable = isSerializable
    }

    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        try ask { try connection.send(statement, arguments, wants: .rows) }.last?.rows ?? []
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        try ask { try connection.send(statement, arguments, wants: .count) }.last?.count ?? 0
    }

    func post(_ statement: Statement, _ arguments: [SQLValue]) throws {
        guard postedCount < Self.postedMax else {
            _ = try run(statement, arguments)
            return
        }
        try keeping {
            try begin()
            try connection.send(statement, arguments, wants: .nothing)
            postedCount += 1
        }
    }

    func rows(of questions: [Question]) throws -> [[[SQLValue]]] {
        try questions.inBatches { batch in try ask { try connection.send(batch) }.map(\.rows) }
    }

    /// Makes the transaction durable.
    ///
    /// Throws ``CommitDoubt`` when the connection was lost and nobody here knows whether it is.
    func commit() throws {
        if let failure { throw failure }
        guard hasBegun else { return }
        // What was only posted has not been answered, and a commit in doubt is asked about by its number.
        if connection.transactionNumber == nil { _ = try ask {} }
        let number = connection.transactionNumber
        do {
            try connection.commit { try unlock() }
        } catch {
            if connection.hasCommitted { return }
            guard connection.isLost else { throw error }
            throw CommitDoubt(number: number, processID: connection.processID, life: connection.life, cause: error)
        }
    }

    /// Undoes all; nobody waits for the answer.
    func abandon() throws {
        guard hasBegun, !connection.isLost else { return }
        // What was posted and not yet sent may fail, and would take what is in its batch with it.
        try connection.submit()
        try connection.send(.rollback)
        try connection.submit()
        try unlock()
    }

    private func unlock() throws {
        guard !locks.isEmpty else { return }
        for lock in locks { try connection.send(.unlock, [.integer(lock)]) }
        try connection.submit()
    }

    private func ask(_ send: () throws -> Void) throws -> [Answer] {
        try keeping {
            try begin()
            try send()
            postedCount = 0
            return try connection.exchange()
        }
    }

    private func begin() throws {
        guard !hasBegun else { return }
        hasBegun = true
        if !locks.isEmpty {
            // Before the transaction, which must see what the one before has done.
            for lock in locks { try connection.send(.lock, [.integer(lock)]) }
            try connection.submit(matters: true)
        }
        try connection.begin(isSerializable: isSerializable)
    }

    private func keeping<Value>(_ body: () throws -> Value) throws -> Value {
        if let failure { throw failure }
        do {
            return try body()
        } catch {
            failure = error
            throw error
        }
    }
}
