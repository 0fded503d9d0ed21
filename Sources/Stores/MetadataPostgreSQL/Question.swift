import Metadata

/// Finds out what a read asks first, by running it up to there.
final class FirstQuestion: SQLConnection {
    private struct IsAsked: Error {}

    /// What it asks first; nil while it has asked nothing that is a single question.
    private(set) var question: Question?
    /// Whether it has asked anything.
    private(set) var hasAsked = false

    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        if !hasAsked { question = Question(statement, arguments) }
        hasAsked = true
        throw IsAsked()
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        hasAsked = true
        throw IsAsked()
    }

    func rows(of questions: [Question]) throws -> [[[SQLValue]]] {
        hasAsked = true
        throw IsAsked()
    }
}

/// Gives a read the answer to what it asks first, and notes when it asks more.
final class FirstAnswer: SQLConnection {
    private struct AsksMore: Error {}

    private let question: Question
    private let answer: [[SQLValue]]
    private var isGiven = false
    /// Whether it asked for something else: then what it has made of the answer does not count.
    private(set) var asksMore = false

    init(_ answer: [[SQLValue]], to question: Question) {
        self.answer = answer
        self.question = question
    }

    func rows(_ statement: Statement, _ arguments: [SQLValue]) throws -> [[SQLValue]] {
        guard !isGiven, !asksMore, Question(statement, arguments) == question else {
            throw refusal()
        }
        isGiven = true
        return answer
    }

    func run(_ statement: Statement, _ arguments: [SQLValue]) throws -> Int {
        throw refusal()
    }

    func rows(of questions: [Question]) throws -> [[[SQLValue]]] {
        throw refusal()
    }

    private func refusal() -> AsksMore {
        asksMore = true
        return AsksMore()
    }
}
