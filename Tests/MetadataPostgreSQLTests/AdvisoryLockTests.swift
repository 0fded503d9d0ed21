import Metadata
import MetadataPostgreSQL
import RegistryTesting
import Testing

/// Whoever moves an installation has its tables alone, and says so to whoever comes.
@Suite struct AdvisoryLockTests {
    private static let alone = PostgreSQLOptions(patience: .milliseconds(100), isAlone: true)

    private static func error(_ engine: PostgreSQLEngine) async throws -> MetadataError? {
        try await metadataError { _ = try await FactStore(engine: engine).read { try $0.usage() } }
    }

    @Test func `nobody is alone while a server is connected, and no server comes while somebody is`() async throws {
        let database = try await TestDatabase()
        _ = try await database.facts
        let alone = try database.engine(Self.alone)
        let refused = try await Self.error(alone)
        #expect(refused?.code == .busy)
        #expect(refused?.message.contains("is connected to it. Stop it first") == true)
        try await database.engine.close()
        let second = try database.engine(Self.alone)
        #expect(try await Self.error(second) == nil)
        for options in [PostgreSQLOptions(connectionCount: 2), Self.alone] {
            let other = try database.engine(options)
            let words = options.isAlone ? "it is in use" : "wharf storage migrate"
            #expect(try await Self.error(other)?.message.contains(words) == true)
            try await other.close()
        }
        try await second.close()
        let server = try database.engine()
        #expect(try await Self.error(server) == nil)
        for engine in [server, alone] { try await engine.close() }
    }

    @Test func `who is alone in one schema does not mind those in another`() async throws {
        let database = try await TestDatabase()
        _ = try await database.facts
        try await database.server.ask("CREATE SCHEMA other", in: database.name)
        let words = "options='-c search_path=other'"
        let other = try database.engine(Self.alone, words: words)
        try await FactStore(engine: other).migrate()
        #expect(try await Self.error(other) == nil)
        #expect(try await Self.error(database.engine) == nil)
        for engine in [other, database.engine] { try await engine.close() }
    }

    @Test func `who is alone has it again after its connection was cut`() async throws {
        let database = try await TestDatabase()
        _ = try await database.facts
        try await database.engine.close()
        let alone = try database.engine(Self.alone)
        #expect(try await Self.error(alone)?.message == nil)
        try await database.cutConnections()
        #expect(try await Self.error(alone)?.message == nil)
        try await alone.close()
    }
}
