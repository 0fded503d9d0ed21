import Identity
import Limits
import Metadata
import MetadataPostgreSQL
import RegistryTesting
import Testing

@testable import DistributionAPI

/// Failed logins at several servers over one database.
@Suite struct SharedLockoutTests {
    private typealias Guarded = GuardedRegistry

    private static func limits(_ facts: FactStore, _ clock: LimitClock) -> TrafficLimits {
        let record = LoginRecord(facts, now: clock.now)
        return TrafficLimits(
            logins: LoginLimits(failuresMax: 5, lockTime: .seconds(900), record: record, now: clock.now)
        )
    }

    /// Has what is held last for ten minutes, so that no machine is too slow to see it.
    private static func lengthen(_ facts: FactStore) async throws {
        let table = try #require(FactTable.named("login_failure"))
        try await facts.write { (facts) throws in
            for row in try facts.rows(of: table, limit: 9) {
                guard case .text(let subject) = row[0], row[1] == .integer(5) else { continue }
                let fact = LoginFailureFact(subject: subject, failures: 5, wait: .seconds(600), hold: .seconds(900))
                try facts.putLoginFailures(fact)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a name is locked at every server, by whatever way the failures came`(database: TestDatabase) async throws {
        try await TestDatabase.$current.withValue(database) {
            try await TestStores.with { stores in
                let clock = LimitClock()
                var servers: [GuardedRegistry] = []
                for _ in 0..<3 {
                    servers.append(
                        try await .over(stores.facts, stores.host(), limits: Self.limits(stores.facts, clock))
                    )
                }
                let wrong = Guarded.basic("alice", "wrong")
                for (server, path) in zip([0, 1, 2, 1], ["/v2/", "/token", "/v2/open/app/tags/list", "/token"]) {
                    #expect(try await servers[server].get(path, [wrong]).summary == "401 UNAUTHORIZED")
                }
                let form = "grant_type=password&username=alice&password=wrong"
                #expect(try await servers[0].post(form).summary == "401 UNAUTHORIZED")
                try await Self.lengthen(stores.facts)
                for server in servers {
                    for header in [Guarded.basic("alice"), wrong] {
                        let answer = try await server.get("/token", [header])
                        #expect(try answer.summary == "429 TOOMANYREQUESTS")
                        #expect(answer[header: "Retry-After"] != nil)
                        #expect(answer[header: "WWW-Authenticate"] == nil)
                    }
                    #expect(try await server.get("/v2/", [Guarded.basic("bob")]).status == 200)
                    #expect(try await server.from("192.0.2.2").get("/v2/", [Guarded.basic("alice")]).status == 200)
                }
            }
        }
    }

    @Test func `a password that is right but refused is not remembered, for whoever tries it next`() async throws {
        try await TestStores.with { stores in
            let limits = Self.limits(stores.facts, LimitClock())
            let registry = try await GuardedRegistry.over(stores.facts, stores.host(), limits: limits)
            let server = try registry.from("192.0.2.1")
            let credentials = Credentials.basic(name: "alice", Secret(Guarded.password))
            await #expect(throws: LimitRefusal.self) {
                _ = try await limits.login(credentials, from: "192.0.2.1") {
                    let login = try await server.authenticator.login(credentials)
                    #expect(login.isNew)
                    // Others that came in the same moment are told before it is.
                    for _ in 0..<5 {
                        let wrong = try await server.get("/v2/", [Guarded.basic("alice", "wrong")])
                        #expect(try wrong.summary == "401 UNAUTHORIZED")
                    }
                    return login
                }
            }
            #expect(try await server.authenticator.login(credentials).isNew, "another address has it compared again")
            #expect(try await server.from("192.0.2.2").get("/v2/", [Guarded.basic("alice")]).status == 200)
            #expect(try await !server.authenticator.login(credentials).isNew, "who was told has it remembered")
        }
    }

    @Test func `a login asks PostgreSQL only where a password is compared`() async throws {
        try await TestDatabase.$current.withValue(.postgresql) {
            try await TestStores.with { stores in
                let engine = try #require(stores.engine as? PostgreSQLEngine)
                let limits = Self.limits(stores.facts, LimitClock())
                let server = try await GuardedRegistry.over(stores.facts, stores.host(), limits: limits)
                let token = try await server.bearer("repository:team/app:pull")
                let asked = { (header: (String, String)) async throws -> Int in
                    let before = engine.counts
                    _ = try await server.get("/v2/", [header])
                    return (engine.counts - before).statements
                }
                for _ in 0..<3 {
                    #expect(try await asked(Guarded.basic("alice")) == 0)
                    #expect(try await asked(token) == 0)
                }
                let first = try await asked(Guarded.basic("bob"))
                #expect(first <= 2, "and the first time that it is asked, how it is to be asked")
                #expect(try await asked(Guarded.basic("bob")) == 0)
                // Each connection is told a statement once: what is asked when all have been is the least.
                var (wrong, right) = (Int.max, Int.max)
                for _ in 0..<8 {
                    wrong = min(wrong, try await asked(Guarded.basic("alice", "wrong")))
                    right = min(right, try await asked(Guarded.basic("alice")))
                    #expect(try await asked(Guarded.basic("alice")) == 0)
                }
                // Whether anything has changed; what is held; and then: begin, look, two rows, commit.
                #expect(wrong <= 8)
                #expect(right <= 4, "what is held is forgotten")
            }
        }
    }
}
