import Events
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// One that never comes must not fill the disk.
@Suite struct EventUpkeepTests {
    @Test(arguments: TestDatabase.allCases)
    func `of too many the oldest go, and are counted`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let (slow, quick) = (
                try await house.outbox.register("slow"), try await house.outbox.register("quick")
            )
            for number in 0..<10 { try await house.move("tag\(number)", to: 1) }
            _ = try await house.drain(quick)
            let upkeep = EventUpkeep(house.stores.facts, countMax: 6)
            #expect(try await upkeep.run() == [EventUpkeep.Loss(consumer: "slow", count: 14)])
            #expect(try await upkeep.run() == [])
            #expect(try await house.outbox.consumers().map(\.lost) == [0, 14])
            let left = try await house.drain(slow)
            #expect(left.compactMap(\.tag?.description).sorted() == ["tag7", "tag8", "tag9"])
            #expect(left.count == 6)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is too old goes, whether it waits or was given up`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let consumer = try await house.outbox.register("mirror")
            for number in 0..<5 { try await house.move("tag\(number)", to: 1) }
            for event in try await consumer.claim(limit: 3) {
                _ = try await consumer.fail(event, because: "never", isFinal: true)
            }
            #expect(try await EventUpkeep(house.stores.facts, keep: .seconds(3600)).run() == [])
            let counts = { try await house.stores.facts.read { try $0.eventCounts(of: consumer.fact.id, upTo: 100) } }
            #expect(try await counts() == EventCounts(waiting: 8, dead: 2))
            var losses: [EventUpkeep.Loss] = []
            try await eventually("all are older than nothing") {
                losses += try await EventUpkeep(house.stores.facts, keep: .zero).run()
                return losses.map(\.count).reduce(0, +) == 10
            }
            #expect(try await house.outbox.consumers().map(\.lost) == [10])
            #expect(try await counts() == EventCounts(waiting: 0, dead: 0))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what a consumer has left that is gone is cleared away, however much`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let stays = try await house.outbox.register("stays")
            _ = try await house.outbox.register("goes")
            let tags = try (0..<900).map { try Tag("tag\($0)") }
            _ = try await house.registry.putManifest(EventHouse.image(1).manifest.push(tags: tags), in: house.app)
            _ = try await house.stores.facts.write { try $0.unregisterEventConsumer("goes") }
            let upkeep = EventUpkeep(house.stores.facts)
            #expect(try await upkeep.run() == [])
            let facts = house.stores.facts
            #expect(try await facts.read { try $0.nextEventConsumer(after: nil) } == stays.fact.id)
            #expect(try await facts.read { try $0.nextEventConsumer(after: stays.fact.id) } == nil)
            #expect(try await facts.read { try $0.eventCounts(of: stays.fact.id, upTo: 500) }.waiting == 500)
            #expect(try await facts.read { try $0.eventCounts(of: stays.fact.id, upTo: 5000) }.waiting == 901)
        }
    }
}
