import Synchronization

/// Sentences that were told, from wherever.
final class Findings: Sendable {
    private let sentences = Mutex<[String]>([])

    /// All that were told so far.
    var all: [String] { sentences.withLock { $0 } }

    /// Takes one.
    func add(_ sentence: String) {
        sentences.withLock { $0.append(sentence) }
    }
}
