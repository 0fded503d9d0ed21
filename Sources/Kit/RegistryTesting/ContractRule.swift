/// One promise of a contract, as a sentence and a way to find it broken.
///
/// A contract is a list of rules; every implementer's tests run each of them, as the arguments of one test.
public struct ContractRule<Subject: Sendable>: Sendable, CustomStringConvertible {
    /// The promise.
    public let description: String
    private let body: @Sendable (Subject) async throws -> Void

    /// States a promise; `check` throws when a subject, which is a fresh one each time, breaks it.
    public init(_ sentence: String, _ check: @escaping @Sendable (Subject) async throws -> Void) {
        description = sentence
        body = check
    }

    /// Throws ``ContractViolation`` when `subject` breaks the promise.
    public func check(_ subject: Subject) async throws {
        try await body(subject)
    }
}

/// How a promise was broken, and where that was seen.
public struct ContractViolation: Error, Sendable, CustomStringConvertible {
    /// What was expected, what was found, and the line that compared them.
    public let description: String

    init(_ text: String, _ file: StaticString, _ line: UInt) {
        description = "\(text) (\(file):\(line))"
    }
}

/// Throws when `condition` does not hold.
func demand(
    _ condition: Bool,
    _ sentence: @autoclosure () -> String,
    file: StaticString = #fileID,
    line: UInt = #line
) throws {
    guard condition else { throw ContractViolation(sentence(), file, line) }
}

/// Throws when two values differ, and shows both, shortened.
func demandEqual<Value: Equatable>(
    _ found: Value,
    _ expected: Value,
    _ what: @autoclosure () -> String,
    file: StaticString = #fileID,
    line: UInt = #line
) throws {
    guard found != expected else { return }
    let texts = [found, expected].map { String(describing: $0).prefix(400) }
    throw ContractViolation("\(what()): found \(texts[0]), expected \(texts[1])", file, line)
}
