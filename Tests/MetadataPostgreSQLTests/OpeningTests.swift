import Metadata
import MetadataPostgreSQL
import OCI
import RegistryTesting
import Testing

@Suite struct OpeningTests {
    @Test(arguments: [
        "host=db.example user=wharf password=hunter2 sslpassword=hunter2 dbname=wharf",
        "postgresql://wharf:hunter2@db.example:5433/wharf?sslmode=verify-full&sslpassword=hunter2",
    ])
    func `a password is not shown, however the settings are printed`(text: String) throws {
        let settings = try ConnectionSettings(text)
        var dumped = ""
        dump(settings, to: &dumped)
        for shown in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(!shown.contains("hunter2"))
            #expect(shown.contains("db.example"))
        }
    }

    @Test(arguments: [
        "hunter2", "password=hunter2 host", "postgresql://wharf:hunter2@[::1/wharf", "nonsense=hunter2",
    ])
    func `a connection string that cannot be read is not repeated`(text: String) async throws {
        let error = try await metadataError { _ = try ConnectionSettings(text) }
        #expect(error?.code == .unavailable)
        #expect("\(String(describing: error))".contains("hunter2") == false)
    }

    @Test func `a wrong password is refused at once, and not repeated`() async throws {
        let server = try await PostgreSQLServer()
        let database = try await TestDatabase(on: server)
        try await server.ask("CREATE ROLE guest LOGIN PASSWORD 'right'")
        try await server.requirePasswords(of: "guest")
        var options = PostgreSQLOptions()
        options.patience = .seconds(120)
        let engine = try database.engine(options, words: "user=guest password=hunter2")
        let start = ContinuousClock.now
        let error = try await metadataError { try await FactStore(engine: engine).requireSchema() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("authentication failed") == true)
        #expect(String(describing: error).contains("hunter2") == false)
        #expect(start.duration(to: .now) < .seconds(60))
        try await server.ask("GRANT ALL ON SCHEMA public TO guest", in: database.name)
        let settings = try ConnectionSettings(
            "\(server.address(of: database.name)) user=guest",
            password: "right"
        )
        try await FactStore(engine: PostgreSQLEngine(settings)).migrate()
    }

    @Test func `a database of another encoding is refused`() async throws {
        let server = try await PostgreSQLServer.shared
        try await server.ask("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        let engine = PostgreSQLEngine(try ConnectionSettings(server.address(of: "latin")))
        let error = try await metadataError { try await FactStore(engine: engine).migrate() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("UTF8") == true)
    }

    @Test func `a commit is on the disk before it is answered, whatever the server's default is`()
        async throws
    {
        let database = try await TestDatabase()
        try await database.server.ask("ALTER DATABASE \(database.name) SET synchronous_commit = off")
        #expect(try await database.setting("synchronous_commit") == "on")
        try await database.server.ask(
            "ALTER DATABASE \(database.name) SET synchronous_commit = remote_apply"
        )
        let another = try TestDatabase(sharing: database)
        #expect(try await another.setting("synchronous_commit") == "remote_apply")
    }

    @Test func `eight that bring a database up at once do it once`() async throws {
        let database = try await TestDatabase()
        let engines = try (0..<8).map { _ in try database.engine() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for engine in engines {
                group.addTask {
                    let facts = FactStore(engine: engine)
                    try await facts.migrate()
                    try await facts.requireSchema()
                }
            }
            try await group.waitForAll()
        }
        let sql = "SELECT COUNT(*) = MAX(version) FROM schema_version"
        let steps = try await database.server.ask(sql, in: database.name)
        #expect(steps == "t")
        #expect(
            try await database.server.ask("SELECT COUNT(*) FROM access_change", in: database.name) == "1"
        )
        #expect(try await database.engine.integrityProblems() == [])
    }

    @Test func `an index that is not valid, and a server that loses commits, are found`() async throws {
        let server = try await PostgreSQLServer(settings: ["fsync = off"])
        let database = try await TestDatabase(on: server)
        _ = try await database.facts
        let sql = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'tag_by_digest'::regclass"
        try await server.ask(sql, in: database.name)
        let problems = try await database.engine.integrityProblems()
        #expect(problems.count == 2)
        #expect(problems.contains { $0.contains("tag_by_digest") })
        #expect(problems.contains { $0.contains("fsync = off") })
    }
}
