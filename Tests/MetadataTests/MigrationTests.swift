import MetadataSQLite
import OCI
import RegistryTesting
import Testing

@testable import Metadata

@Suite struct MigrationTests {
    /// The rows of an image with a tag, whose manifest has one digest and whose blob another.
    private static let image: [(StaticString, @Sendable (String, String) -> [SQLValue])] = [
        (
            "INSERT INTO repository (name, project, created_at) VALUES ($1, 'team', 1)",
            { _, _ in [.text("team/app")] }
        ),
        (
            "INSERT INTO blob (digest, byte_count, storage_key, stored_at) VALUES ($1, 100, 'key', 1)",
            { [.text($1)] }
        ),
        ("INSERT INTO repository_blob (repository, digest, linked_at) VALUES (1, $1, 1)", { [.text($1)] }),
        ("INSERT INTO usage_change (blob_count, byte_count) VALUES (1, 100)", { _, _ in [] }),
        (
            "INSERT INTO manifest_content (digest, byte_count, bytes) VALUES ($1, $2, $3)",
            { first, _ in [.text(first), .integer(Int64(Fixture.bytes(1).count)), .blob(Fixture.bytes(1))] }
        ),
        (
            """
            INSERT INTO manifest (repository, digest, media_type, pushed_at, pushed_by)
            VALUES (1, $1, 'application/vnd.oci.image.manifest.v1+json', 1, 'someone')
            """,
            { first, _ in [.text(first)] }
        ),
        (
            "INSERT INTO edge (repository, manifest, child, kind) VALUES (1, $1, $2, 'config')",
            { [.text($0), .text($1)] }
        ),
        (
            """
            INSERT INTO tag (repository, name, digest, version, moved_at, moved_by)
            VALUES (1, 'latest', $1, 1, 1, 'someone')
            """,
            { first, _ in [.text(first)] }
        ),
        (
            """
            INSERT INTO tag_event (repository, name, version, new_digest, moved_at, moved_by)
            VALUES (1, 'latest', 1, $1, 1, 'someone')
            """,
            { first, _ in [.text(first)] }
        ),
    ]

    /// A database as a program of that version left it, with a repository that has a manifest and a tag.
    private func database(version: Int64, in folder: TemporaryFolder) async throws -> SQLiteEngine {
        let engine = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite")
        try await engine.write { _ = try $0.run(Schema.ground, []) }
        for step in Schema.migrations where step.version <= version {
            try await engine.write { try Schema.apply(step, on: $0) }
        }
        // As that program did it, which knew no later tables.
        let (first, second) = (Fixture.digest(1).description, Fixture.digest(2).description)
        try await engine.write { connection in
            for (text, arguments) in Self.image {
                try connection.run(Metadata.Statement(text), arguments(first, second))
            }
        }
        return engine
    }

    @Test(arguments: 1...Schema.version)
    func `a database of each version is brought up with all that it has`(version: Int64) async throws {
        let folder = try TemporaryFolder()
        let engine = try await database(version: version, in: folder)
        let facts = FactStore(engine: engine)
        #expect(try await engine.read { try Schema.version(on: $0) } == version)
        for _ in 0..<2 { try await facts.migrate() }
        try await facts.requireSchema()
        try await facts.read { (facts) throws in
            let repository = try #require(try facts.repository(try RepositoryName("team/app")))
            #expect(
                try facts.manifest(Fixture.digest(1), in: try RepositoryName("team/app"))?.bytes == Fixture.bytes(1)
            )
            #expect(try facts.tag(try OCI.Tag("latest"), in: repository)?.digest == Fixture.digest(1))
            #expect(try facts.usage().blobCount == 1)
            #expect(try facts.accounts() == [])
            #expect(try facts.accessVersion() == 0)
        }
        let account = AccountFact(name: "alice", kind: .user, password: nil, createdAt: Fixture.now)
        #expect(try await facts.write { try $0.insertAccount(account) })
        #expect(try await facts.integrityProblems() == [])
        try await engine.close()
    }

    @Test(arguments: [(Schema.version, true), (Schema.version + 1, false)])
    func `a program goes on with a newer database if its steps allow that`(oldest: Int64, isAllowed: Bool) async throws
    {
        let folder = try TemporaryFolder()
        let engine = try await database(version: Schema.version, in: folder)
        let step = Schema.Migration(version: Schema.version + 1, oldestProgram: oldest, statements: [])
        try await engine.write { try Schema.apply(step, on: $0) }
        for attempt in [FactStore(engine: engine).migrate, FactStore(engine: engine).requireSchema] {
            let error = try await metadataError { try await attempt() }
            #expect(error?.code == (isAllowed ? nil : .newerVersion))
        }
        #expect(try await engine.read { try Schema.version(on: $0) } == Schema.version + 1)
    }

    @Test func `a program that finds an older database and may not write says what to do`() async throws {
        let folder = try TemporaryFolder()
        let engine = try await database(version: 1, in: folder)
        let error = try await metadataError { try await FactStore(engine: engine).requireSchema() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("start the server once") == true)
    }

    @Test func `two programs that bring a database up at once do it once`() async throws {
        let folder = try TemporaryFolder()
        let first = try await database(version: 1, in: folder)
        let second = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for engine in [first, second] { group.addTask { try await FactStore(engine: engine).migrate() } }
            try await group.waitForAll()
        }
        let rows = try await first.read { try $0.rows(Metadata.Statement("SELECT count(*) FROM access_change"), []) }
        #expect(rows == [[.integer(1)]])
    }

    @Test func `whichever statement of a step fails, it can be taken again`() async throws {
        for step in 1... {
            let folder = try TemporaryFolder(inMemory: true)
            let engine = try await database(version: 1, in: folder)
            let failing = FailingMetadataEngine(engine)
            failing.failStep(step)
            let error = try await metadataError { try await FactStore(engine: failing).migrate() }
            #expect(error == nil || error?.code == .unavailable)
            failing.failStep(nil)
            if error != nil {
                let version = try await engine.read { try Schema.version(on: $0) }
                #expect((1..<Schema.version).contains(version), "the steps before it hold, and it does not")
            }
            try await FactStore(engine: failing).migrate()
            try await FactStore(engine: engine).requireSchema()
            try await engine.close()
            if error == nil {
                #expect(step > 10, "each statement was made to fail")
                return
            }
        }
    }
}
