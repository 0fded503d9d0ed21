import Metadata
import OCI
import RegistryTesting
import Testing

@testable import Events

/// A subject whose first event cannot be done: what waits behind it costs little, and is not forgotten.
@Suite struct BlockedSubjectTests {
    private static let waitingCount = 40

    /// Moves a tag so often, each a transaction.
    private static func moves(_ count: Int, in house: EventHouse) async throws {
        for number in 0..<count {
            try await house.stores.facts.write { [app = house.app] facts in
                let repository = try #require(try facts.repository(app))
                let (digest, now) = (try EventHouse.manifest(number % 2 + 1), Timestamp(microseconds: Int64(number)))
                _ = try facts.moveTag(Tag("hot"), to: digest, in: repository, at: now, by: "somebody")
            }
        }
    }

    /// How many doublings there are in a count, rounded up.
    private static func doublings(_ count: Int) -> Int {
        Int.bitWidth - max(1, count).leadingZeroBitCount
    }

    @Test(arguments: TestDatabase.allCases)
    func `what waits behind one that fails again and again is written a few times, and not at each`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            for number in 1...2 { try await house.push(number) }
            let consumer = try await house.outbox.register("mirror").fact.id
            let start = ContinuousClock.now
            try await Self.moves(1 + Self.waitingCount, in: house)
            let (lease, facts) = (Duration.milliseconds(5), house.stores.facts)
            var (attempts, postponed) = (0, 0)
            try await eventually("the first is claimed a hundred times") {
                let claim = try await facts.deliver(to: consumer) { facts in
                    try facts.claimEvents(for: consumer, limit: 100, lease: lease, attemptMax: 1000)
                }
                #expect(claim.events.allSatisfy { $0.version == 1 })
                attempts += claim.events.count
                postponed += claim.postponedCount
                for event in claim.events {
                    _ = try await facts.deliver(to: consumer) { facts in
                        try facts.deferEvent(event, by: lease, because: "no answer")
                    }
                }
                return attempts >= 100
            }
            let leases = Int((ContinuousClock.now - start) / lease)
            let most = Self.waitingCount * (Self.doublings(leases) + 2)
            #expect(postponed >= Self.waitingCount && postponed <= most, "\(postponed) in \(leases) leases")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what waited goes on at once when the first was given up, and when it was removed for its age`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            for number in 1...2 { try await house.push(number) }
            let consumer = try await house.outbox.register("mirror")
            try await Self.moves(5, in: house)
            let first = try await consumer.claim()
            #expect(first.map(\.version) == [1])
            #expect(try await consumer.claim() == [], "the others are put off")
            // Of five the two oldest are too many: the one that is claimed, and the one behind it.
            let upkeep = EventUpkeep(house.stores.facts, countMax: 3)
            #expect(try await upkeep.run() == [EventUpkeep.Loss(consumer: "mirror", count: 2)])
            let second = try await consumer.claim()
            #expect(second.map(\.version) == [3])
            #expect(try await consumer.fail(second[0], because: "never", isFinal: true) == .dead)
            #expect(try await house.drain(consumer).map(\.version) == [4, 5])
        }
    }
}
