import Metadata
import RegistryTesting
import Synchronization
import Testing

@testable import Limits

/// Failed logins that several servers over one database count together.
@Suite struct LoginRecordTests {
    private typealias Servers = SharingServers

    @Test(arguments: TestDatabase.allCases)
    func `failures at several servers count together, and a lock holds at each`(database: TestDatabase) async throws {
        try await Servers.with(database) { servers in
            for server in [0, 1, 2, 1, 0] { try await servers.fail("alice", at: server) }
            let standing = try await servers.standing("alice")
            #expect(standing.failures == 5 && standing.wait <= .seconds(1))
            try await servers.hold("alice", 5, wait: .seconds(600))
            for server in 0..<3 {
                for isRight in [true, false] {
                    #expect(await servers.refusal("alice", at: server, isRight: isRight)?.limit == .logins)
                }
                #expect(servers.logins[server].lockedCount == 1)
                try await servers.succeed("alice", at: server, from: "192.0.2.2")
                try await servers.succeed("bob", at: server)
            }
            #expect(
                await servers.restarted().refusal("alice", at: 0, isRight: true) != nil,
                "nor does a restart end it"
            )
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `of many at once at all servers no more are answered than of one after the other`(database: TestDatabase)
        async throws
    {
        try await Servers.with(database) { servers in
            // One may be tried, and then none for half a minute.
            try await servers.hold("alice", 9, wait: .zero)
            let attempts = try (0..<30).map { number in
                (number % 3, try servers.logins[number % 3].begin("alice", from: "192.0.2.1"))
            }
            let answered = await withTaskGroup(of: Bool.self) { tasks in
                for (server, attempt) in attempts {
                    tasks.addTask {
                        do throws(LimitRefusal) {
                            try await servers.logins[server].compared(attempt, isRight: false)
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(answered == 1)
            let standing = try await servers.standing("alice")
            #expect(standing.failures == 10 && standing.wait <= .seconds(32) && standing.wait > .seconds(16))
            let right = await servers.restarted().refusal("alice", at: 0, isRight: true)
            #expect(right?.limit == .logins, "the right one among them is refused like the others")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a success at one server ends what all have counted`(database: TestDatabase) async throws {
        try await Servers.with(database) { servers in
            for _ in 0..<4 { try await servers.fail("alice", at: 0) }
            try await servers.succeed("alice", at: 1)
            for server in [0, 0, 2, 1, 0] { try await servers.fail("alice", at: server) }
            #expect(await servers.refusal("alice", at: 0, isRight: true) != nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a remembered password ends it as well, where the server knows of a failure`(database: TestDatabase)
        async throws
    {
        try await Servers.with(database) { servers in
            for _ in 0..<4 { try await servers.fail("alice", at: 0) }
            try await servers.logins[0].recognised(servers.logins[0].begin("alice", from: "192.0.2.1"))
            for server in [1, 1, 2, 0] { try await servers.fail("alice", at: server) }
            #expect(await servers.refusal("alice", at: 1, isRight: true) == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a failure counts at all servers although its client has left`(database: TestDatabase) async throws {
        try await Servers.with(database) { servers in
            for _ in 0..<5 {
                let leaving = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await servers.fail("alice", at: 0)
                }
                try await leaving.value
            }
            #expect(try await servers.standing("alice").failures == 5)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the database is asked nothing for a secret that nobody guesses`(database: TestDatabase) async throws {
        struct Wrong: Error {}
        try await Servers.with(database) { servers in
            let limits = TrafficLimits(logins: servers.logins[0])
            servers.gate.failStep(nil)
            for isRight in [true, false, true, false, false, true] {
                try? await limits.login(as: "alice", from: "192.0.2.1", isFailure: { $0 is Wrong }) {
                    if !isRight { throw Wrong() }
                }
            }
            #expect(servers.gate.stepCount == 0)
            #expect(servers.logins[0].lockedCount == 0)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `an address has its failures at all servers together`(database: TestDatabase) async throws {
        try await Servers.with(database, failuresMax: 1) { servers in
            for number in 0..<20 { try await servers.fail("user\(number)", at: number % 3) }
            for server in 0..<3 {
                let refusal = await servers.refusal("other", at: server, isRight: true)
                #expect(refusal?.limit == .loginsPerAddress && (1...45).contains(refusal?.retryAfter ?? 0))
                try await servers.succeed("other", at: server, from: "192.0.2.2")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what only one server counts comes on top of what all count`(database: TestDatabase) async throws {
        try await Servers.with(database) { servers in
            // As of a secret that was handed out, which nobody guesses.
            for _ in 0..<3 { servers.logins[0].fail(try servers.logins[0].begin("alice", from: "192.0.2.1")) }
            try await servers.fail("alice", at: 1)
            try await servers.fail("alice", at: 0)
            #expect(await servers.refusal("alice", at: 0, isRight: true) != nil)
            #expect(try await servers.standing("alice").failures == 2)
            for _ in 0..<3 { try await servers.fail("alice", at: 1) }
            #expect(await servers.refusal("alice", at: 1, isRight: true) != nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `while the database is away each server counts for itself, and asks it rarely`(database: TestDatabase)
        async throws
    {
        try await Servers.with(database) { servers in
            servers.gate.failStep(1, lasting: true)
            for server in 0..<2 {
                for _ in 0..<5 { try await servers.fail("alice", at: server) }
                #expect(
                    await servers.refusal("alice", at: server, isRight: true) == LimitRefusal(.logins, retryAfter: 1)
                )
            }
            #expect(servers.troubleCount == 2 && servers.gate.stepCount == 2)
            servers.gate.failStep(nil)
            servers.clock.pass(.seconds(5))
            try await servers.fail("alice", at: 2)
            for server in 0..<2 {
                #expect(
                    await servers.refusal("alice", at: server) != nil,
                    "the sixth, and what it has counted is not lost"
                )
            }
            let others = servers.restarted()
            for server in [0, 1, 2, 1] { try await others.fail("alice", at: server) }
            #expect(await others.refusal("alice", at: 1) != nil, "and from now on they count together")
        }
    }

    @Test func `the database has no name of an account, and no address`() async throws {
        try await Servers.with(.sqlite) { servers in
            try await servers.fail("hunter2", at: 0)
            let table = try #require(FactTable.named("login_failure"))
            let rows = try await servers.facts.read { try $0.rows(of: table, limit: 10) }
            #expect(rows.count == 2)
            #expect(!"\(rows)".contains("hunter2") && !"\(rows)".contains("192.0.2.1"))
        }
    }
}

/// Three servers that know of each other only by what the database holds.
private struct SharingServers: Sendable {
    let facts: FactStore
    /// What lets the database fail.
    let gate: FailingMetadataEngine
    let clock: ManualClock
    let logins: [LoginLimits]
    private let failuresMax: Int
    private let troubles: Troubles

    /// How often a server said that it could not ask the database.
    private final class Troubles: Sendable {
        let count = Mutex(0)
    }

    var troubleCount: Int { troubles.count.withLock { $0 } }

    private init(_ gate: FailingMetadataEngine, _ failuresMax: Int, _ clock: ManualClock) {
        let (facts, troubles) = (FactStore(engine: gate), Troubles())
        (self.facts, self.gate, self.clock, self.troubles) = (facts, gate, clock, troubles)
        self.failuresMax = failuresMax
        logins = (0..<3).map { _ in
            LoginLimits(
                failuresMax: failuresMax,
                lockTime: .seconds(900),
                record: LoginRecord(facts, now: clock.now) { _ in troubles.count.withLock { $0 += 1 } },
                now: clock.now
            )
        }
    }

    static func with(
        _ database: TestDatabase,
        failuresMax: Int = 5,
        _ body: (SharingServers) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let engine = try await database.open(in: folder)
        try await FactStore(engine: engine).migrate()
        try await body(SharingServers(FailingMetadataEngine(engine), failuresMax, ManualClock()))
        try await engine.close()
    }

    /// The same servers, started anew.
    func restarted() -> SharingServers {
        SharingServers(gate, failuresMax, clock)
    }

    func fail(_ account: String, at server: Int) async throws(LimitRefusal) {
        let attempt = try logins[server].begin(account, from: "192.0.2.1")
        try await logins[server].compared(attempt, isRight: false)
    }

    func succeed(_ account: String, at server: Int, from address: String = "192.0.2.1") async throws(LimitRefusal) {
        let attempt = try logins[server].begin(account, from: address)
        try await logins[server].compared(attempt, isRight: true)
    }

    /// How long a login has to wait; nil when it is tried.
    func refusal(_ account: String, at server: Int, isRight: Bool = false) async -> LimitRefusal? {
        do throws(LimitRefusal) {
            if isRight { try await succeed(account, at: server) } else { try await fail(account, at: server) }
            return nil
        } catch {
            return error
        }
    }

    /// What the database holds against an account.
    func standing(_ account: String) async throws -> LoginRecord.Standing {
        let record = try #require(logins[0].record)
        return try #require(await record.standing(of: Self.pair(account), under: logins[0].rule))
    }

    /// Has the database hold failures against an account: its clock is not one that a test could move.
    func hold(_ account: String, _ failures: Int, wait: Duration) async throws {
        let subject = Self.pair(account).subject
        try await facts.write { facts in
            let hold = wait + .seconds(900)
            let fact = LoginFailureFact(subject: subject, failures: failures, wait: wait, hold: hold)
            try facts.putLoginFailures(fact)
        }
    }

    private static func pair(_ account: String) -> LoginPair {
        LoginPair(account: account, address: CountedAddress("192.0.2.1"))
    }
}
