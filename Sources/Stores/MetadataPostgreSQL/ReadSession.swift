import Metadata
import Synchronization

/// A read's way to a connection.
///
/// A read that asks one thing needs no transaction: a statement sees one moment. When it asks a second thing, which has
/// to see the same moment, a transaction is begun in which the first is asked again; only if that has changed meanwhile
/// all that the read does is thrown away, and it is run again.
final class ReadSession: SQLConnection {
    /// What was asked before there was a transaction, and what was answered.
    private struct First {
        let statement: Statement
        let arguments: ArraySlice<[SQLValue]>
        let wants: Wanted
        let answers: [Answer]
    }

    private let connection: Connection
    private let habits: ReadHabits
    private let mustBeInTransaction: Bool
    private var isInTransaction = false
    private var firstStatement: Statement?
    private var alone: First?
    private var statementCount = 0
    /// What a statement ran into, whatever the closure makes of it.
    private(set) var failure: (any Error)?
    /// Whether what was asked first has changed before the second was.
    private(set) var hasSeenTwoMoments = false

    /// What is thrown into a closure that has to be run again.
    private struct RunAgain: Error {}

    init(_ connection: Connection, habits: ReadHabits, inTransaction: Bool) {
        self.connection = connection
        self.habits = habits
        mustBeInTransaction = inTransaction
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
        if let firstStatement { habits.note(firstStatement, asksMore: statementCount > 1) }
        guard isInTransaction, !connection.isLost else { return }
        try connection.send(.commit)
        try connection.submit()
    }

    private func ask(_ statement: Statement, _ arguments: ArraySlice<[SQLValue]>, wants: Wanted) throws -> [Answer] {
        if let failure { throw failure }
        if hasSeenTwoMoments { throw RunAgain() }
        statementCount += arguments.count
        do {
            try connection.learn(statement)
            guard firstStatement != nil else { return try askFirst(statement, arguments, wants) }
            guard let alone else { return try answers(statement, arguments, wants) }
            return try ask(statement, arguments, wants, after: alone)
        } catch {
            if !hasSeenTwoMoments { failure = error }
            throw error
        }
    }

    private func askFirst(
        _ statement: Statement,
        _ arguments: ArraySlice<[SQLValue]>,
        _ wants: Wanted
    ) throws -> [Answer] {
        firstStatement = statement
        if mustBeInTransaction || arguments.count > 1 || habits.asksMore(statement) {
            try begin()
            return try answers(statement, arguments, wants)
        }
        let answers = try answers(statement, arguments, wants)
        alone = First(statement: statement, arguments: arguments, wants: wants, answers: answers)
        return answers
    }

    private func ask(
        _ statement: Statement,
        _ arguments: ArraySlice<[SQLValue]>,
        _ wants: Wanted,
        after first: First
    ) throws -> [Answer] {
        alone = nil
        try begin()
        for values in first.arguments { try connection.send(first.statement, values, wants: first.wants) }
        let all = try answers(statement, arguments, wants)
        guard all.prefix(first.answers.count).elementsEqual(first.answers) else {
            hasSeenTwoMoments = true
            throw RunAgain()
        }
        return Array(all.dropFirst(first.answers.count))
    }

    private func begin() throws {
        try connection.send(.beginReading)
        isInTransaction = true
    }

    private func answers(
        _ statement: Statement,
        _ arguments: ArraySlice<[SQLValue]>,
        _ wants: Wanted
    ) throws -> [Answer] {
        for values in arguments { try connection.send(statement, values, wants: wants) }
        return try connection.exchange()
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
