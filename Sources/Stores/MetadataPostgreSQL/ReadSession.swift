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
        try ask([Question(statement, arguments)], wants: .rows).first?.rows ?? []
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        try ask([Question(statement, arguments)], wants: .count).first?.count ?? 0
    }

    func rows(of questions: [Question]) throws -> [[[SQLValue]]] {
        try questions.inBatches { try ask($0, wants: .rows).map(\.rows) }
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
    private func ask(_ questions: ArraySlice<Question>, wants: Wanted) throws -> [Answer] {
        if let failure { throw failure }
        statementCount += questions.count
        do {
            for question in questions { try connection.learn(question.statement) }
            if firstStatement == nil, let first = questions.first {
                firstStatement = first.statement
                try connection.send(.beginReading)
            }
            for question in questions { try connection.send(question.statement, question.arguments, wants: wants) }
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
            let mark = known[first, default: 0]
            let next = min(max(mark + (asksMore ? 1 : -1), Self.marks.lowerBound), Self.marks.upperBound)
            if next != mark { known[first] = next }
        }
    }
}

extension [Question] {
    /// How many statements are sent before the answers are read: a bound for what both sides hold.
    private static var batchMax: Int { 512 }

    /// What `body` returns for a batch after the other.
    func inBatches<Value>(_ body: (ArraySlice<Question>) throws -> [Value]) rethrows -> [Value] {
        var values: [Value] = []
        var rest = self[...]
        while !rest.isEmpty {
            values += try body(rest.prefix(Self.batchMax))
            rest = rest.dropFirst(Self.batchMax)
        }
        return values
    }
}
