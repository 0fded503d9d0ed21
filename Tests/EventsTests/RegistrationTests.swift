import Dispatch
import Events
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Who registers, beside those that write at that moment, and beside others of the same name.
@Suite struct RegistrationTests {
    /// A write that another server has begun, and that ends when it is told to.
    private final class HeldWrite: Sendable {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)

        /// Moves a tag in a transaction that stays open, on the thread of its connection.
        func move(_ tag: String, to number: Int, in house: EventHouse, _ facts: FactStore) async throws {
            try await facts.write { [app = house.app, hasBegun, mayEnd] facts in
                let repository = try #require(try facts.repository(app))
                hasBegun.signal()
                // Only the first time: who is run again has been told.
                _ = mayEnd.wait(timeout: .now() + 60)
                mayEnd.signal()
                let (digest, moment) = (try EventHouse.manifest(number), Timestamp(microseconds: 1))
                _ = try facts.moveTag(Tag(tag), to: digest, in: repository, at: moment, by: "somebody")
            }
        }

        /// Waits until it has begun, on no thread that tasks run on.
        func begun() async -> Bool {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async { [hasBegun] in
                    continuation.resume(returning: hasBegun.wait(timeout: .now() + 60) == .success)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `registering waits for a push that is under way, and says so where that takes too long`() async throws {
        try await EventHouse.with(.postgresql) { house in
            try await house.push(1)
            try await house.elsewhere { facts in
                let held = HeldWrite()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await held.move("a", to: 1, in: house, facts) }
                    #expect(await held.begun())
                    let hasty = try await house.outbox.register("mirror", patience: .milliseconds(300))
                    #expect(!hasty.hearsAll)
                    // Who is registered already waits as well: that says nothing of what is under way.
                    let again = try await house.outbox.register("mirror", patience: .milliseconds(300))
                    #expect(!again.hearsAll && again.fact == hasty.fact)
                    #expect(try await house.tag("a") == nil, "it is under way still")
                    group.addTask {
                        let patient = try await house.outbox.register("mirror", patience: .seconds(120))
                        #expect(patient.hearsAll)
                        // So who compares now with what is there finds what was not told.
                        #expect(try await house.tag("a") == EventHouse.manifest(1))
                        try await house.move("a", to: 1)
                        try await house.push(2, as: "a")
                        #expect(try await house.drain(patient).contains { $0.kind == .tagMoved && $0.version == 2 })
                    }
                    held.mayEnd.signal()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is committed after a consumer was registered is told, however many push meanwhile`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<3 {
                    group.addTask {
                        for number in 0..<40 { try await house.move("w\(worker)-\(number)", to: 1) }
                    }
                }
                let consumer = try await house.outbox.register("mirror", patience: .seconds(120))
                #expect(consumer.hearsAll)
                let there = try await house.tags()
                try await group.waitForAll()
                let told = Set(try await house.drain(consumer).compactMap { $0.tag?.description })
                let all = try await house.tags()
                #expect(all.count == 120)
                #expect(all.subtracting(there).subtracting(told) == [], "neither there before nor told")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `one whose name others have registered anew finds out, and takes nothing of theirs`(
        _ database: TestDatabase
    ) async throws {
        try await EventHouse.with(database) { house in
            try await house.push(1)
            let first = try await house.outbox.register("mirror")
            try await house.move("a", to: 1)
            let claimed = try await first.claim()
            #expect(claimed.count == 2)
            try await house.elsewhere { facts in
                let others = EventOutbox(facts)
                #expect(try await others.unregister("mirror"))
                await #expect(throws: EventConsumer.Unregistered(name: "mirror")) { _ = try await first.claim() }
                let second = try await others.register("mirror")
                #expect(second.fact.id != first.fact.id)
                try await house.move("b", to: 1)
                await #expect(throws: EventConsumer.Unregistered(name: "mirror")) { _ = try await first.claim() }
                #expect(try await first.acknowledge(claimed) == [])
                #expect(try await !first.renew(claimed[0]))
                #expect(try await first.fail(claimed[0], because: "late") == .lost)
                #expect(try await house.drain(second).compactMap(\.tag?.description) == ["b"])
                let back = try await house.outbox.register("mirror")
                #expect(back.fact == second.fact)
                #expect(try await back.claim() == [])
            }
        }
    }
}

extension EventHouse {
    /// What a tag points to.
    fileprivate func tag(_ name: String) async throws -> Digest? {
        try await stores.facts.read { [app] facts in
            guard let repository = try facts.repository(app) else { return nil }
            return try facts.tag(Tag(name), in: repository)?.digest
        }
    }

    /// The tags that are there.
    fileprivate func tags() async throws -> Set<String> {
        try await stores.facts.read { [app] facts in
            Set(try facts.tags(in: app, after: nil, limit: 1000).map { "\($0)" })
        }
    }
}
