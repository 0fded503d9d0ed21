import MetadataPostgreSQL
import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// Events that are on their way, beside the pushes that write them.
@Suite struct EventDeliveryTests {
    private let app: RepositoryName

    init() throws {
        app = try RepositoryName("team/app")
    }

    /// Makes tags, each of which is an event.
    private func makeTags(_ count: Int, _ facts: FactStore) async throws {
        try await facts.write { [app] facts in
            try facts.store([1], in: app)
            for number in 0..<count { try facts.push(2, layers: [1], to: app, tag: "tag\(number)") }
        }
    }

    @Test func `what is done with events is not held against pushes, which are serializable`() async throws {
        let facts = try await TestDatabase().facts
        let question = Statement("SELECT CAST(current_setting('transaction_isolation') AS TEXT)")
        let consumer = try await facts.write { try $0.registerEventConsumer("mirror") }
        let levels = [
            try await facts.write { try $0.row(question)?.text(0) },
            try await facts.deliver(to: consumer.id) { try $0.row(question)?.text(0) },
        ]
        #expect(levels == ["serializable", "repeatable read"])
    }

    @Test func `what loses against a change of the same row is run again`() async throws {
        let facts = try await TestDatabase().facts
        let consumers = try await facts.write { facts in
            try (0..<8).map { try facts.registerEventConsumer("consumer \($0)").id }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Of one consumer nothing happens at once, so they count for one that is another's.
            for consumer in consumers {
                group.addTask {
                    for _ in 0..<5 {
                        try await facts.deliver(to: consumer) { facts in
                            let before = try facts.eventConsumers().first?.lost
                            try facts.addLostEvents(1, of: consumers[0])
                            #expect(try facts.eventConsumers().first?.lost == before.map { $0 + 1 })
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await facts.read { try $0.eventConsumers() }.map(\.lost) == [40, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `a claim takes the same round trips for many events as for one`() async throws {
        let database = try await TestDatabase(PostgreSQLOptions(connectionCount: 1))
        let facts = try await database.facts
        let consumer = try await facts.write { try $0.registerEventConsumer("mirror") }.id
        for count in [1, 1, 60] {
            try await makeTags(count, facts)
            var before = database.engine.counts
            let claim = try await facts.deliver(to: consumer) { facts in
                try facts.claimEvents(for: consumer, limit: 200, lease: .seconds(60), attemptMax: 9)
            }
            let claimed = database.engine.counts - before
            before = database.engine.counts
            let done = try await facts.deliver(to: consumer) { facts in
                try facts.acknowledgeEvents(claim.events, for: consumer)
            }
            let acknowledged = database.engine.counts - before
            #expect(done.count == claim.events.count && done.count >= min(count, 59))
            #expect(claimed.roundTrips <= 5 && acknowledged.roundTrips <= 5, "\(claimed) \(acknowledged)")
        }
    }
}
