import Dispatch
import MetadataPostgreSQL
import RegistryTesting
import Testing

@testable import Metadata

@Suite struct AdmissionTests {
    /// Holds a connection until told to let it go.
    private final class Holder: Sendable {
        private let isHeld = DispatchSemaphore(value: 0)
        private let release = DispatchSemaphore(value: 0)

        func hold() {
            isHeld.signal()
            release.wait()
        }

        /// Runs `body` while something holds, and lets it go.
        func whileHolding(
            _ holding: @escaping @Sendable () async throws -> Void,
            _ body: () async throws -> Void
        ) async throws {
            async let held: Void = holding()
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async { [isHeld] in
                    isHeld.wait()
                    continuation.resume()
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            release.signal()
            try await held
            try result.get()
        }
    }

    @Test
    func `one who waits for too long is told that the database is busy, and the next is served`()
        async throws
    {
        var options = PostgreSQLOptions(connectionCount: 1)
        options.waitDuration = .milliseconds(100)
        let database = try await TestDatabase(options)
        let (facts, holder) = (try await database.facts, Holder())
        try await holder.whileHolding({ try await facts.write { _ in holder.hold() } }) {
            let error = try await metadataError { _ = try await facts.read { try $0.usage() } }
            #expect(error?.code == .busy)
        }
        #expect(try await facts.read { try $0.usage() }.blobCount == 0)
    }

    @Test func `when too many wait the next is refused at once`() async throws {
        var options = PostgreSQLOptions(connectionCount: 1)
        options.waitingMax = 2
        options.waitDuration = .seconds(60)
        let database = try await TestDatabase(options)
        let (facts, holder) = (try await database.facts, Holder())
        let outcomes = Tally<MetadataError.Code?>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await holder.whileHolding({ try await facts.write { _ in holder.hold() } }) {
                for _ in 0..<5 {
                    group.addTask {
                        let error = try await metadataError { _ = try await facts.read { try $0.usage() } }
                        outcomes.note(error?.code)
                    }
                }
                let end = ContinuousClock.now + .seconds(20)
                while outcomes.all.count < 3, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(2))
                }
                #expect(outcomes.all == [.busy, .busy, .busy])
            }
            try await group.waitForAll()
        }
        #expect(outcomes.all == [.busy, .busy, .busy, nil, nil])
    }

    @Test func `one who is cancelled waits no longer`() async throws {
        var options = PostgreSQLOptions(connectionCount: 1)
        options.waitDuration = .seconds(60)
        let database = try await TestDatabase(options)
        let (facts, holder) = (try await database.facts, Holder())
        try await holder.whileHolding({ try await facts.write { _ in holder.hold() } }) {
            let waiting = Task { try await facts.write { try $0.insertUpload(TestDatabase.upload(1)) } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
        #expect(try await facts.read { try $0.uploads(after: nil, limit: 9) } == [])
    }

    @Test func `reads are served while as many write as may`() async throws {
        let database = try await TestDatabase(
            PostgreSQLOptions(connectionCount: 2, readConnectionCount: 1)
        )
        let (facts, holder) = (try await database.facts, Holder())
        try await holder.whileHolding({ try await facts.write { _ in holder.hold() } }) {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        do {
                            try await facts.write { try $0.insertUpload(TestDatabase.upload(number)) }
                            return false
                        } catch is CancellationError {
                            return true
                        }
                    }
                }
                // All writes wait; a read does not.
                for _ in 0..<3 {
                    let found = try await facts.read { try $0.uploads(after: nil, limit: 9) }
                    #expect(found == [])
                }
                group.cancelAll()
                let cancelled = try await group.reduce(into: [Bool]()) { $0.append($1) }
                #expect(cancelled == [Bool](repeating: true, count: 20))
            }
        }
    }

    @Test func `writes about one subject wait for each other and keep nobody else`() async throws {
        let database = try await TestDatabase(
            PostgreSQLOptions(connectionCount: 3, readConnectionCount: 1)
        )
        let (facts, holder) = (try await database.facts, Holder())
        let (busy, other) = (WriteSubject("busy"), WriteSubject("other"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await holder.whileHolding({
                try await facts.write(about: busy) { _ in holder.hold() }
            }) {
                for number in 0..<10 {
                    group.addTask {
                        try await facts.write(about: busy) {
                            try $0.insertUpload(TestDatabase.upload(number))
                        }
                    }
                }
                try await facts.write(about: other) {
                    try $0.insertUpload(TestDatabase.upload(100))
                }
                #expect(try await facts.read { try $0.uploads(after: nil, limit: 99) }.count == 1)
            }
            try await group.waitForAll()
        }
        #expect(try await facts.read { try $0.uploads(after: nil, limit: 99) }.count == 11)
    }

    @Test func `writes about one subject wait for each other across processes`() async throws {
        let database = try await TestDatabase()
        let (facts, holder) = (try await database.facts, Holder())
        let other = FactStore(engine: try database.engine())
        try await withThrowingTaskGroup(of: Void.self) { group in
            let first: @Sendable () async throws -> Void = {
                try await facts.write(about: .schema) { facts in
                    try facts.insertUpload(TestDatabase.upload(1))
                    _ = try facts.usage()
                    holder.hold()
                }
            }
            try await holder.whileHolding(first) {
                group.addTask {
                    // It sees what the one before has done.
                    let seen = try await other.write(about: .schema) { facts in
                        try facts.upload(TestDatabase.upload(1).id, in: TestDatabase.upload(1).repository)
                    }
                    #expect(seen != nil)
                }
                let end = ContinuousClock.now + .seconds(20)
                let waiting = """
                    SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                     WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
                    """
                while try await database.server.ask(waiting, in: database.name) == "0",
                    ContinuousClock.now < end
                {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            try await group.waitForAll()
        }
    }
}
