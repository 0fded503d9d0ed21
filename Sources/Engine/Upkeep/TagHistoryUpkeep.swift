public import Metadata

/// Forgets where tags pointed longer ago than is kept.
///
/// It goes through the moves of all tags in the order of time, each once, and forgets what was before it. What is known
/// of a tag at any moment are its newest moves without a gap. Each step is one transaction of bounded size; killed
/// after any of them, the next run goes on. Two at once do what one does.
public struct TagHistoryUpkeep: Sendable {
    private let facts: FactStore
    private let keep: Duration
    private let batchCount: Int

    /// Looks after the history of the tags of one installation.
    ///
    /// - Parameters:
    ///   - facts: where it is.
    ///   - keep: for how long it is known where tags pointed.
    ///   - batchCount: how many moves are looked at before others get a turn at the database; twice as many go at most.
    public init(facts: FactStore, keep: Duration, batchCount: Int = 200) {
        (self.facts, self.keep, self.batchCount) = (facts, keep, batchCount)
    }

    /// Forgets all that is old enough.
    ///
    /// - Parameter observer: Is told after each step how many moves are forgotten so far; may throw to end the run
    ///   there.
    /// - Returns: How many moves are forgotten.
    /// - Throws: What the database ran into; what was forgotten until then stays so.
    public func run(_ observer: (Int) async throws -> Void = { _ in }) async throws -> Int {
        let (keep, batchCount) = (keep, batchCount)
        var count = 0
        while true {
            try Task.checkCancellation()
            // Looked for beside the writes of others: what is found is judged anew in the transaction.
            let found = try await facts.read { try $0.agedTagMoves(asOldAs: keep, limit: batchCount) }
            guard let moves = found else { return count }
            count += try await facts.write { try $0.forgetTagMoves(before: moves, limit: 2 * batchCount) }
            try await observer(count)
        }
    }
}
