import Metadata
import Synchronization

/// A read's way to a connection: a transaction, in which all that it asks sees one moment.
final class ReadSession: SQLConnection {
    private let connection: Connection
    private let habits: ReadHabits
    private var firstStatement: Statement?
    private var statementCount = 0
    /// What a statement ran into, whatever the closure makes of it.
    private(set) var failure: (any Error)?

    init(_ connection: Connection, habits: ReadHabits) {
        self.connection = connection
        self.habits = habits
    }

    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        try ask(statement, [arguments], wants: .rows).first?.rows ?? []
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        try ask(statement, [arguments], wants: .count).first?.count ?? 0
    }

    func rows(_ statement: Statement, each arguments: [[SQLValue]]) throws -> [[[SQLValue]]] {
        try arguments.inBatches { try ask(statement, $0, wants: .rows).map(\.rows) }
    }

    /// Ends the transaction, if there is one; nobody waits for the answer.
    func end() throws {
        guard let firstStatement else { return }
        habits.note(firstStatement, asksMore: statementCount > 1)
        guard !connection.isLost else { return }
        try connection.send(.commit)
        try connection.submit()
    }

    /// Asks, and begins with the first question.
    private func ask(_ statement: Statement, _ arguments: ArraySlice<[SQLValue]>, wants: Wanted) throws -> [Answer] {
        if let failure { throw failure }
        statementCount += arguments.count
        do {
            try connection.learn(statement)
            if firstStatement == nil {
                firstStatement = statement
                try connection.send(.beginReading)
            }
            for values in arguments { try connection.send(statement, values, wants: wants) }
            return try connection.exchange()
        } catch {
            failure = error
            throw error
        }
    }
}

/// Which reads ask more than one thing, known by what they ask first.
///
/// Each first statement has a mark that moves up when more followed and down when not; the reads of one that is above
/// zero begin with a transaction at once. A read that asks more only when something is missing stays below.
final class ReadHabits: Sendable {
    private static let marks = -4...4

    private let known = Mutex<[Statement: Int]>([:])

    func asksMore(_ first: Statement) -> Bool {
        known.withLock { $0[first, default: 0] > 0 }
    }

    func note(_ first: Statement, asksMore: Bool) {
        known.withLock { known in
            let mark = known[first, default: 0] + (asksMore ? 1 : -1)
            known[first] = min(max(mark, Self.marks.lowerBound), Self.marks.upperBound)
        }
    }
}

extension [[SQLValue]] {
    /// How many statements are sent before the answers are read: a bound for what both sides hold.
    private static var batchMax: Int { 512 }

    /// What `body` returns for a batch after the other.
    func inBatches<Value>(_ body: (ArraySlice<[SQLValue]>) throws -> [Value]) rethrows -> [Value] {
        var values: [Value] = []
        var rest = self[...]
        while !rest.isEmpty {
            values += try body(rest.prefix(Self.batchMax))
            rest = rest.dropFirst(Self.batchMax)
        }
        return values
    }
}
