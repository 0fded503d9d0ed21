import Events
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import Metadata

/// Pushes and deletions at random, and consumers on several servers that fail, end and come late: what they were given
/// is what has happened.
@Suite struct RandomDeliveryTests {
    private static let imageCount = 5
    private static let tags = ["a", "b", "c", "d"]

    /// What the servers of one consumer were given.
    private final class Witness: Sendable {
        struct State {
            var done: [Int64: EventFact] = [:]
            /// The largest number of each subject that was given.
            var last: [String: Int64] = [:]
            var disorder: [String] = []
        }

        let state = Mutex(State())

        func given(_ event: EventFact) {
            state.withLock { state in
                if let last = state.last[event.subject], last > event.number {
                    state.disorder.append("\(event.line) after number \(last)")
                }
                state.last[event.subject] = event.number
            }
        }

        func done(_ event: EventFact) {
            state.withLock { state in
                if state.done.updateValue(event, forKey: event.number) != nil {
                    state.disorder.append("\(event.line) was acknowledged twice")
                }
            }
        }
    }

    /// How many still change something.
    private final class Writers: Sendable {
        let left = Mutex(4)
    }

    /// Does one thing or another to the repository; what it is refused is part of it.
    private static func change(_ house: EventHouse, _ generator: inout SeededGenerator) async throws {
        let tag = try Tag(tags.randomElement(using: &generator) ?? "a")
        let image = EventHouse.image(Int.random(in: 1...imageCount, using: &generator))
        let condition = Bool.random(using: &generator) ? TagCondition.none : .absent
        do {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5: _ = try await house.registry.putManifest(image.manifest.push(tags: [tag]), in: house.app)
            case 5:
                let push = image.manifest.push(tags: [tag], if: condition)
                _ = try await house.registry.putManifest(push, in: house.app)
            case 6: _ = try await house.registry.putManifest(image.manifest.push(), in: house.app)
            case 7, 8: try await house.registry.deleteTag(tag, in: house.app)
            default: try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            }
        } catch let error as RegistryError where [.manifestUnknown, .conditionFailed].contains(error.code) {}
    }

    /// Takes events and acknowledges most of them, until all is told and none is left.
    private static func consume(
        _ consumer: EventConsumer,
        _ facts: FactStore,
        _ witness: Witness,
        seed: UInt64,
        until isOver: @Sendable () -> Bool
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        let deadline = ContinuousClock.now + .seconds(240)
        while true {
            let wasOver = isOver()
            let events = try await consumer.claim(limit: 7)
            for event in events { witness.given(event) }
            for event in events {
                switch Int.random(in: 0..<100, using: &generator) {
                // It ends, and says nothing.
                case 0..<2: break
                case 2..<12: _ = try await consumer.fail(event, because: "by chance")
                default:
                    if try await consumer.acknowledge([event]) == [event.number] { witness.done(event) }
                }
            }
            guard events.isEmpty else { continue }
            let left = try await facts.read { [id = consumer.fact.id] in try $0.eventCounts(of: id, upTo: 1) }
            if wasOver, left.waiting == 0 { return }
            try #require(ContinuousClock.now < deadline, "\(left) are left, TEST_SEED=\(TestSeed.run)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `consumers are told what has happened, all of it and in its order`(_ database: TestDatabase) async throws {
        let count = TestSeed.count(500, soaking: 20_000, of: "changes of \(database)")
        try await EventHouse.with(database) { house in
            for number in 1...Self.imageCount { try await house.push(number) }
            // Longer than a busy machine stops a task between a claim and its note.
            let options = EventConsumer.Options(lease: .seconds(1), attemptMax: 100_000, pause: .milliseconds(1))
            let names = ["first", "second"]
            let witnesses = Dictionary(uniqueKeysWithValues: names.map { ($0, Witness()) })
            for name in names { _ = try await house.outbox.register(name) }
            let writers = Writers()
            try await house.elsewhere { elsewhere in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 {
                        group.addTask {
                            defer { writers.left.withLock { $0 -= 1 } }
                            var generator = SeededGenerator(seed: TestSeed.round(writer))
                            for _ in 0..<(count / 4) { try await Self.change(house, &generator) }
                        }
                    }
                    for (number, name) in (names + names).enumerated() {
                        guard let witness = witnesses[name] else { continue }
                        let facts = number < 2 ? house.stores.facts : elsewhere
                        let consumer = try await EventOutbox(facts).register(name, options: options)
                        group.addTask {
                            try await Self.consume(consumer, facts, witness, seed: TestSeed.round(10 + number)) {
                                writers.left.withLock { $0 } == 0
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            for witness in witnesses.values { try await check(witness.state.withLock { $0 }, house) }
        }
    }

    /// Compares what a consumer was given with the history of the tags, and with the manifests that are there.
    private func check(_ state: Witness.State, _ house: EventHouse) async throws {
        let seed = "TEST_SEED=\(TestSeed.run)"
        #expect(state.disorder == [], "\(seed)")
        let events = state.done.values.sorted { $0.number < $1.number }
        var moveCount = 0
        for tag in try Self.tags.map({ try Tag($0) }) {
            let told = events.filter { $0.tag == tag }.map { event in
                TagEvent(version: event.version ?? 0, old: event.old, new: event.new, at: event.at, by: event.actor)
            }
            let happened = try await house.stores.facts.read { [app = house.app] facts in
                let repository = try #require(try facts.repository(app))
                return try facts.events(of: tag, in: repository, after: 0, limit: 1_000_000)
            }
            #expect(told == happened, "\(tag) \(seed)")
            moveCount += happened.count
        }
        #expect(moveCount > 50)
        for number in 1...Self.imageCount {
            let digest = try EventHouse.manifest(number)
            let told = events.filter { $0.subject == "team/app@\(digest)" }
            let isThere = try await !house.stores.facts.read { [app = house.app] in
                try $0.manifests([digest], in: app)
            }.isEmpty
            #expect(told.count > 10 && (told.last?.kind == .manifestPushed) == isThere, "\(number) \(seed)")
            // It is not deleted twice without having been pushed between.
            let kinds = told.map(\.kind)
            #expect(zip(kinds, kinds.dropFirst()).allSatisfy { $0 != .manifestDeleted || $1 == .manifestPushed })
        }
    }
}
