public import Metadata

/// Removes for good what has been in the trash for its time, and what somebody wants to be gone.
///
/// Each step is one transaction of bounded size; killed after any of them, the next run goes on. Two at once do what
/// one does. The bytes of blobs go later, by the collection.
public struct TrashPurge: Sendable {
    private let facts: FactStore

    /// Purges the trash of one installation.
    public init(facts: FactStore) {
        self.facts = facts
    }

    /// Removes all that is due.
    ///
    /// - Parameter observer: Is told after each step how many entries are gone so far; may throw to end the run there.
    /// - Returns: How many entries are gone.
    /// - Throws: What the database ran into; what was removed until then stays removed.
    public func run(_ observer: (Int) async throws -> Void = { _ in }) async throws -> Int {
        var count = 0
        while !Task.isCancelled {
            let gone = try await facts.write { try $0.purgeDueTrash() }
            guard gone.rows > 0 else { break }
            count += gone.entries
            try await observer(count)
        }
        try Task.checkCancellation()
        return count
    }
}
