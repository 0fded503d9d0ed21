import Metadata
import MetadataPostgreSQL
import OCI
import RegistryTesting
import Testing

@Suite struct LostConnectionTests {
    private static func entry(_ number: Int) -> AuditFact {
        AuditFact(
            at: TestDatabase.now,
            principal: "number \(number)",
            address: "",
            requestID: "",
            action: "test",
            target: "",
            outcome: .allowed
        )
    }

    /// Appends an entry, which can be told from one that was appended twice.
    private static func append(_ number: Int, _ facts: FactStore) async throws {
        try await facts.write { try $0.append(entry(number)) }
    }

    /// How often each entry is there.
    private static func entries(_ database: TestDatabase) async throws -> [Int: Int] {
        let sql = "SELECT substr(principal, 8), COUNT(*) FROM audit_entry GROUP BY 1"
        let lines = try await database.server.ask(sql, in: database.name).split(separator: "\n")
        return lines.reduce(into: [:]) { counts, line in
            let parts = line.split(separator: "|").compactMap { Int($0) }
            if parts.count == 2 { counts[parts[0]] = parts[1] }
        }
    }

    @Test func `after all connections were cut, reads and writes go on as if nothing had been`()
        async throws
    {
        let database = try await TestDatabase()
        let facts = try await database.facts
        for number in 0..<5 {
            try await Self.append(number, facts)
            try await database.cutConnections()
            #expect(try await facts.read { try $0.unsealedAuditCount() } == Int64(number + 1))
            try await database.cutConnections()
        }
        #expect(try await Self.entries(database) == [0: 1, 1: 1, 2: 1, 3: 1, 4: 1])
        #expect(database.engine.counts.lostConnections >= 9)
    }

    @Test func `whenever the connection is cut, a write has happened once, or not and is refused`()
        async throws
    {
        let database = try await TestDatabase()
        _ = try await database.facts
        let proxy = try CuttingProxy(to: database.server.port)
        defer { proxy.stop() }
        let words = "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=\(database.name)"
        let engine = PostgreSQLEngine(
            try ConnectionSettings(words),
            PostgreSQLOptions(connectionCount: 1)
        )
        let facts = FactStore(engine: engine)
        var (number, acknowledged, wholes) = (0, Set<Int>(), 0)
        for makeCut in [CuttingProxy.Cut.afterSending, CuttingProxy.Cut.afterReceiving] {
            for place in stride(from: 0, to: 4000, by: 5) {
                // What is prepared is so on the connection that is cut.
                try await Self.append(number, facts)
                acknowledged.insert(number)
                proxy.arm(makeCut(place))
                let error = try await metadataError { try await Self.append(number + 1, facts) }
                if error == nil { acknowledged.insert(number + 1) }
                number += 2
                guard !proxy.disarm() else {
                    wholes += 1
                    break
                }
            }
        }
        #expect(wholes == 2, "each byte of a write was one to cut at")
        #expect(number > 100)
        let found = try await Self.entries(database)
        #expect(found.values.allSatisfy { $0 == 1 })
        #expect(Set(found.keys) == acknowledged)
        #expect(
            acknowledged.count == number,
            "the server was there to be asked, so that none had to be refused"
        )
        #expect(engine.counts.lostCommits > 10)
        try await engine.close()
    }

    @Test func `requests wait for a server that comes back soon`() async throws {
        var options = PostgreSQLOptions()
        options.patience = .seconds(30)
        let database = try await TestDatabase(options, on: try await PostgreSQLServer())
        let facts = try await database.facts
        try await Self.append(0, facts)
        await database.server.stop()
        async let written: Void = Self.append(1, facts)
        async let found = facts.read { try $0.usage().blobCount }
        try await database.server.start()
        try await written
        #expect(try await found == 0)
        #expect(try await Self.entries(database) == [0: 1, 1: 1])
    }

    @Test
    func `while the server stays away each request is refused soon, and when it is back served`()
        async throws
    {
        var options = PostgreSQLOptions()
        options.patience = .milliseconds(200)
        let database = try await TestDatabase(options, on: try await PostgreSQLServer())
        let facts = try await database.facts
        await database.server.stop()
        for _ in 0..<20 {
            let start = ContinuousClock.now
            let error = try await metadataError { _ = try await facts.read { try $0.usage() } }
            #expect(error?.code == .unavailable)
            #expect(start.duration(to: .now) < .seconds(30))
        }
        try await database.server.start()
        let end = ContinuousClock.now + .seconds(20)
        while try await metadataError({ try await Self.append(1, facts) }) != nil {
            try #require(ContinuousClock.now < end)
        }
        #expect(try await Self.entries(database) == [1: 1])
    }

    @Test func `what was acknowledged is there once, however often the server is killed`()
        async throws
    {
        let database = try await TestDatabase(on: try await PostgreSQLServer())
        let facts = try await database.facts
        let (acknowledged, unknown) = (Tally<Int>(), Tally<Int>())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var number = worker * 1_000_000
                    while !acknowledged.isOver {
                        number += 1
                        let error = try await metadataError { try await Self.append(number, facts) }
                        if error == nil {
                            acknowledged.note(number)
                        } else if error?.message.contains("unknown") == true {
                            unknown.note(number)
                        }
                    }
                }
            }
            for _ in 0..<3 {
                let before = acknowledged.all.count
                let end = ContinuousClock.now + .seconds(20)
                while acknowledged.all.count < before + 200, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(2))
                }
                await database.server.kill()
                try await database.server.start()
            }
            acknowledged.end()
            try await group.waitForAll()
        }
        let found = try await Self.entries(database)
        let (sure, unsure) = (Set(acknowledged.all), Set(unknown.all))
        #expect(sure.count >= 400)
        #expect(found.values.allSatisfy { $0 == 1 })
        #expect(sure.subtracting(found.keys) == [], "acknowledged and lost")
        #expect(Set(found.keys).subtracting(sure).subtracting(unsure) == [], "refused and there")
    }

    @Test func `a server with few connections is used with those that it has`() async throws {
        let server = try await PostgreSQLServer(
            settings: ["max_connections = 8", "superuser_reserved_connections = 3"]
        )
        let database = try await TestDatabase(PostgreSQLOptions(connectionCount: 1), on: server)
        let first = try await database.facts
        try await server.ask("CREATE ROLE guest LOGIN; GRANT postgres TO guest")
        try await server.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest", in: database.name)
        try await server.ask("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO guest", in: database.name)
        let guest = FactStore(engine: try database.engine(words: "user=guest"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask { try await guest.write { try $0.insertUpload(TestDatabase.upload(number)) } }
            }
            try await group.waitForAll()
        }
        #expect(try await first.read { try $0.uploads(after: nil, limit: 999) }.count == 200)
    }
}
