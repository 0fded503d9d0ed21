public import Metadata

/// Bounds what waits for consumers: one that never comes must not fill the disk.
///
/// What is too old, and of too many the oldest, goes, whether it waits or was given up; it is counted with the consumer
/// that will never get it.
public struct EventUpkeep: Sendable {
    /// How many events are removed before others get a turn at the database.
    private static let batchCount = 500
    /// The most transactions for a consumer at one go.
    private static let batchesMax = 1000

    /// What a consumer has lost.
    public struct Loss: Sendable, Hashable {
        /// Its name.
        public var consumer: String
        /// How many events went now.
        public var count: Int

        /// States a loss.
        public init(consumer: String, count: Int) {
            (self.consumer, self.count) = (consumer, count)
        }
    }

    private let facts: FactStore
    private let keep: Duration
    private let countMax: Int

    /// Looks after the outbox of an installation.
    ///
    /// - Parameters:
    ///   - facts: Its facts.
    ///   - keep: How old an event becomes.
    ///   - countMax: How many there may be for each consumer.
    public init(_ facts: FactStore, keep: Duration = .seconds(7 * 86_400), countMax: Int = 1_000_000) {
        (self.facts, self.keep, self.countMax) = (facts, keep, countMax)
    }

    /// Removes what is too old or too many, and what is left of consumers that are gone; who has lost something.
    public func run() async throws -> [Loss] {
        var losses: [Loss] = []
        var last: EventConsumerID?
        while let consumer = try await facts.read({ [last] in try $0.nextEventConsumer(after: last) }) {
            last = consumer
            let known = try await facts.read { try $0.eventConsumers() }.first { $0.id == consumer }
            guard let known else {
                _ = try await removeAll(of: consumer)
                continue
            }
            let count = try await removeOld(of: consumer)
            if count > 0 { losses.append(Loss(consumer: known.name, count: count)) }
        }
        return losses
    }

    /// Removes all events of a consumer that is gone; how many.
    func removeAll(of consumer: EventConsumerID) async throws -> Int {
        try await remove(of: consumer, upTo: .end, isLoss: false)
    }

    private func removeOld(of consumer: EventConsumerID) async throws -> Int {
        let end = try await facts.read { [keep, countMax] in
            try $0.endOfOldEvents(of: consumer, keeping: keep, countMax: countMax)
        }
        guard let end else { return 0 }
        return try await remove(of: consumer, upTo: end, isLoss: true)
    }

    private func remove(of consumer: EventConsumerID, upTo end: EventPlace, isLoss: Bool) async throws -> Int {
        var count = 0
        for _ in 0..<Self.batchesMax {
            let isLeft = try await facts.read { try $0.hasEvents(of: consumer, upTo: end) }
            guard isLeft else { break }
            count += try await facts.deliver(to: consumer) { facts in
                let subjects = try facts.deleteEvents(of: consumer, upTo: end, limit: Self.batchCount)
                if isLoss, !subjects.isEmpty {
                    try facts.addLostEvents(subjects.count, of: consumer)
                    try facts.wakeEvents(of: subjects, for: consumer)
                }
                return subjects.count
            }
        }
        return count
    }
}
