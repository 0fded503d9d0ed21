import Events
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// What is written into the outbox, and for whom.
@Suite struct OutboxTests {
    struct Refusal: Error {}

    @Test(arguments: TestDatabase.allCases)
    func `while nobody is registered nothing is kept, and who registers hears what comes next`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1, as: "latest")
            #expect(try await house.stores.facts.read { try $0.nextEventConsumer(after: nil) } == nil)
            let consumer = try await house.outbox.register("mirror")
            #expect(try await house.drain(consumer) == [])
            try await house.push(2, as: "latest")
            let lines = try await house.drain(consumer).map(\.line).sorted()
            let (first, second) = (try short(1), try short(2))
            #expect(
                lines == ["manifest.pushed team/app  ->\(second)", "tag.moved team/app:latest 2 \(first)>\(second)"]
            )
        }
    }

    /// The end of a manifest's digest.
    private func short(_ number: Int) throws -> Substring {
        try EventHouse.manifest(number).description.suffix(4)
    }

    @Test(arguments: TestDatabase.allCases)
    func `each fact is told once, with all that is known of it`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            for number in 1...3 { try await house.push(number) }
            let consumer = try await house.outbox.register("mirror")
            let latest = try Tag("latest")
            try await house.move("latest", to: 1, 2)
            try await house.registry.deleteTag(latest, in: house.app)
            try await house.move("latest", to: 3, 3)
            try await house.registry.deleteManifest(EventHouse.manifest(3), in: house.app)
            let events = try await house.drain(consumer)
            let (one, two, three) = (
                try EventHouse.manifest(1), try EventHouse.manifest(2), try EventHouse.manifest(3)
            )
            let tags = events.filter { $0.tag == latest }
            #expect(tags.allSatisfy { $0.subject == "team/app:latest" })
            #expect(tags.map(\.kind) == [.tagMoved, .tagMoved, .tagDeleted, .tagMoved, .tagDeleted])
            #expect(tags.map(\.version) == [1, 2, 3, 4, 5])
            #expect(tags.map(\.old) == [nil, one, two, nil, three])
            #expect(tags.map(\.new) == [one, two, nil, three, nil])
            let manifests = events.filter { $0.tag == nil }
            #expect(manifests.count { $0.kind == .manifestPushed } == 4, "one that is pushed again as well")
            let third = manifests.filter { $0.subject == "team/app@\(three)" }
            #expect(third.map(\.kind) == [.manifestPushed, .manifestPushed, .manifestDeleted])
            #expect(events.count == 10)
            for event in events {
                #expect(event.repository == house.app && event.actor == "tester" && event.attempts == 1)
                #expect(event.at < house.stores.clock.now() && event.details == "")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a push by many tags, and the end of them with their manifest, is told whole`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let consumer = try await house.outbox.register("mirror")
            let tags = try (0..<5).map { try Tag("tag\($0)") }
            _ = try await house.registry.putManifest(EventHouse.image(1).manifest.push(tags: tags), in: house.app)
            try await house.registry.deleteManifest(EventHouse.manifest(1), in: house.app)
            let events = try await house.drain(consumer)
            #expect(events.count == 12)
            for tag in tags {
                #expect(events.filter { $0.tag == tag }.map(\.kind) == [.tagMoved, .tagDeleted], "\(tag)")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is undone is not told`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1, as: "latest")
            try await house.push(2)
            let consumer = try await house.outbox.register("mirror")
            let tag = try Tag("latest")
            let push = EventHouse.image(2).manifest.push(tags: [tag], if: .absent)
            await #expect(throws: RegistryError.self) {
                _ = try await house.registry.putManifest(push, in: house.app)
            }
            await #expect(throws: RegistryError.self) {
                _ = try await house.registry.putManifest(EventHouse.image(9).manifest.push(), in: house.app)
            }
            await #expect(throws: Refusal.self) {
                try await house.stores.facts.write { [app = house.app] facts in
                    let repository = try #require(try facts.repository(app))
                    let now = Timestamp(microseconds: 1)
                    _ = try facts.deleteTag(tag, in: repository, at: now, by: "somebody")
                    throw Refusal()
                }
            }
            #expect(try await house.drain(consumer) == [])
            try await house.move("latest", to: 2)
            #expect(try await house.drain(consumer).map(\.version) == [nil, 2])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `each consumer gets every event, as fast as it likes`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let first = try await house.outbox.register("first")
            try await house.move("a", to: 1)
            let second = try await house.outbox.register("second")
            try await house.move("b", to: 1)
            #expect(try await house.drain(first).compactMap(\.tag?.description) == ["a", "b"])
            #expect(try await house.drain(second).compactMap(\.tag?.description) == ["b"])
            #expect(try await house.outbox.consumers().map(\.name) == ["first", "second"])
            #expect(try await house.outbox.register("first").fact == first.fact, "who is there stays")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `who is not registered any more hears nothing, and nothing of before when it comes back`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let gone = try await house.outbox.register("mirror")
            try await house.move("a", to: 1)
            #expect(try await house.outbox.unregister("mirror"))
            #expect(try await !house.outbox.unregister("mirror"))
            #expect(try await house.stores.facts.read { try $0.nextEventConsumer(after: nil) } == nil)
            try await house.move("b", to: 1)
            let back = try await house.outbox.register("mirror")
            try await house.move("c", to: 1)
            await #expect(throws: EventConsumer.Unregistered(name: "mirror")) { _ = try await gone.claim() }
            #expect(try await house.drain(back).compactMap(\.tag?.description) == ["c"])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a consumer has a name of some bytes, and there are not many`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            for name in ["", String(repeating: "x", count: 65), "a\0b"] {
                await #expect(throws: MetadataError(.constraint, "")) { _ = try await house.outbox.register(name) }
            }
            for number in 1...EventConsumerFact.countMax { _ = try await house.outbox.register("number \(number)") }
            await #expect(throws: MetadataError(.constraint, "")) { _ = try await house.outbox.register("more") }
            #expect(try await house.outbox.consumers().count == EventConsumerFact.countMax)
        }
    }
}
