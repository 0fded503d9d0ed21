public import Metadata

/// Forgets the broken glass of tags whose time is over.
///
/// It holds nothing open any more: what has ended is over for whoever asks. This keeps it from piling up in
/// repositories where nobody breaks glass again.
public struct GlassUpkeep: Sendable {
    private let facts: FactStore
    private let batchCount: Int

    /// Looks after the glass of one installation.
    ///
    /// - Parameters:
    ///   - facts: where it is.
    ///   - batchCount: how many are forgotten before others get a turn at the database.
    public init(facts: FactStore, batchCount: Int = 500) {
        (self.facts, self.batchCount) = (facts, batchCount)
    }

    /// Forgets all that has ended, in transactions of bounded size; how many that were.
    public func run() async throws -> Int {
        var count = 0
        while true {
            try Task.checkCancellation()
            let batchCount = batchCount
            let forgotten = try await facts.write { try $0.deleteEndedTagGuards(limit: batchCount) }
            count += forgotten
            guard forgotten == batchCount else { return count }
        }
    }
}
