import Metadata
import OCI
import RegistryTesting
import Testing

@testable import Events

/// How events come to a consumer: one after the other of each subject, by leases.
@Suite struct DeliveryTests {
    private static let brief = EventConsumer.Options(
        lease: .milliseconds(50),
        attemptMax: 3,
        pause: .milliseconds(20),
        pauseMax: .milliseconds(40)
    )

    /// Claims until there is something.
    private func claimed(_ consumer: EventConsumer) async throws -> [EventFact] {
        var events: [EventFact] = []
        try await eventually("something is claimed") {
            events = try await consumer.claim()
            return !events.isEmpty
        }
        return events
    }

    @Test(arguments: TestDatabase.allCases)
    func `an event is not claimed while one before it of its subject is not done`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            for number in 1...3 { try await house.push(number) }
            let consumer = try await house.outbox.register("mirror")
            try await house.move("a", to: 1, 2, 3)
            try await house.move("b", to: 1)
            let first = try await consumer.claim()
            #expect(first.compactMap(\.tag?.description) == ["a", "b"] && first.compactMap(\.version) == [1, 1])
            #expect(try await consumer.claim() == [])
            let a = first.filter { $0.subject == "team/app:a" }
            let others = first.filter { $0.subject != "team/app:a" }
            try await consumer.acknowledge(others)
            let next = try await consumer.claim()
            #expect(next.allSatisfy { $0.tag == nil } && !next.isEmpty, "the second push of manifest 1")
            try await consumer.acknowledge(next + a)
            #expect(try await consumer.claim().map(\.version) == [2])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `however many wait for one, they do not stand before others`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            for number in 1...2 { try await house.push(number) }
            let consumer = try await house.outbox.register("mirror")
            let tag = try Tag("a")
            for number in 0..<150 {
                try await house.stores.facts.write { [app = house.app] facts in
                    let repository = try #require(try facts.repository(app))
                    let digest = try EventHouse.manifest(number % 2 + 1)
                    let moment = Timestamp(microseconds: Int64(number))
                    _ = try facts.moveTag(tag, to: digest, in: repository, at: moment, by: "somebody")
                }
            }
            #expect(try await consumer.claim(limit: 10).map(\.version) == [1])
            try await house.move("b", to: 1)
            let next = try await consumer.claim(limit: 10)
            #expect(Set(next.map(\.kind)) == [.manifestPushed, .tagMoved])
            #expect(try await consumer.claim(limit: 10) == [])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `of two servers each event is claimed by one`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            _ = try await house.outbox.register("mirror")
            for number in 0..<60 { try await house.move("tag\(number)", to: 1) }
            try await house.elsewhere { facts in
                let pair = [
                    try await house.outbox.register("mirror"), try await EventOutbox(facts).register("mirror"),
                ]
                let claims = try await withThrowingTaskGroup(of: [EventFact].self) { group in
                    for consumer in pair + pair {
                        group.addTask {
                            var all: [EventFact] = []
                            while true {
                                let events = try await consumer.claim(limit: 4)
                                guard !events.isEmpty else { return all }
                                all += events
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let numbers = claims.map(\.number)
                #expect(Set(numbers).count == numbers.count)
                #expect(Set(claims.compactMap(\.tag)).count == 60)
                #expect(claims.count == 61, "one push of the manifest, until that is done")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what a server had that has ended another gets, and what comes late changes nothing`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            try await house.push(2)
            let ended = try await house.outbox.register("mirror", options: Self.brief)
            try await house.move("a", to: 1, 2)
            let lost = try await ended.claim()
            #expect(lost.count == 3)
            try await house.elsewhere { facts in
                let other = try await EventOutbox(facts).register("mirror")
                var events: [EventFact] = []
                try await eventually("the leases run out") {
                    events += try await other.claim()
                    return events.count == 3
                }
                #expect(Set(events.map(\.number)) == Set(lost.map(\.number)))
                #expect(events.allSatisfy { $0.attempts == 2 })
                #expect(try await ended.acknowledge(lost) == [])
                #expect(try await !ended.renew(lost[0]))
                #expect(try await ended.fail(lost[0], because: "late") == .lost)
                #expect(try await ended.fail(lost[1], because: "late", isFinal: true) == .lost)
                #expect(try await other.renew(events[0]))
                #expect(try await other.acknowledge(events).count == 3)
                #expect(try await other.acknowledge(events) == [], "it is done")
                #expect(try await house.drain(other).map(\.version) == [2])
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what fails comes again after a while, and is given up after some times`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            try await house.push(2)
            let consumer = try await house.outbox.register("mirror", options: Self.brief)
            try await house.stores.facts.write { [app = house.app] facts in
                let repository = try #require(try facts.repository(app))
                for number in 1...2 {
                    let (digest, now) = (try EventHouse.manifest(number), Timestamp(microseconds: 1))
                    _ = try facts.moveTag(Tag("a"), to: digest, in: repository, at: now, by: "somebody")
                }
            }
            for (attempt, next) in [
                (1, EventConsumer.Failure.again(after: .milliseconds(20))), (2, .again(after: .milliseconds(40))),
                (3, .dead),
            ] {
                let events = try await claimed(consumer)
                #expect(events.map(\.version) == [1] && events.map(\.attempts) == [attempt])
                #expect(try await consumer.fail(events[0], because: "no answer \(attempt)") == next)
            }
            let following = try await consumer.claim()
            #expect(following.map(\.version) == [2], "the next of the subject goes on at once")
            let dead = try await consumer.deadLetters()
            #expect(dead.map(\.reason) == ["no answer 3"] && dead.map(\.event.version) == [1])
            #expect(try await consumer.deadLetters(after: dead[0].event.number) == [])
            #expect(try await consumer.retry(dead[0].event.number))
            #expect(try await !consumer.retry(dead[0].event.number))
            #expect(try await consumer.deadLetters() == [])
            try await consumer.acknowledge(following)
            let again = try await house.drain(consumer)
            #expect(again.map(\.version) == [1] && again.map(\.attempts) == [1])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what can never go well is given up at once, and forgotten by hand`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let consumer = try await house.outbox.register("mirror")
            try await house.move("a", to: 1)
            for event in try await consumer.claim() {
                let reason = String(repeating: "é", count: 5000)
                #expect(try await consumer.fail(event, because: reason, isFinal: true) == .dead)
            }
            let dead = try await consumer.deadLetters()
            #expect(dead.count == 2 && dead.allSatisfy { $0.reason == String(repeating: "é", count: 1000) })
            #expect(try await consumer.forget(dead[0].event.number))
            #expect(try await !consumer.forget(dead[0].event.number))
            #expect(try await consumer.deadLetters().map(\.event.number) == [dead[1].event.number])
            #expect(try await consumer.claim() == [])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what ends whoever has it is given up as well`(_ database: TestDatabase) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let consumer = try await house.outbox.register("mirror", options: Self.brief)
            try await house.move("a", to: 1)
            var attempts: [Int] = []
            try await eventually("both are given up") {
                attempts += try await consumer.claim().map(\.attempts)
                return try await consumer.deadLetters().count == 2
            }
            #expect(attempts.sorted() == [1, 1, 2, 2, 3, 3])
            #expect(try await consumer.deadLetters().allSatisfy { $0.reason.hasSuffix("3 times") })
        }
    }

    @Test func `the pauses grow up to a limit`() {
        let options = EventConsumer.Options()
        let pauses = [1, 2, 3, 10, 11, 1_000_000].map { options.pause(after: $0) }
        #expect(pauses == [.seconds(5), .seconds(10), .seconds(20), .seconds(2560), .seconds(3600), .seconds(3600)])
    }
}
