import Foundation
import GRDB
import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataSQLite

@Suite struct DamagedDatabaseTests {
    private func open(_ folder: TemporaryFolder, _ options: SQLiteOptions = SQLiteOptions()) async throws
        -> MetadataError?
    {
        try await metadataError {
            let facts = FactStore(engine: try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite", options))
            try await facts.migrate()
        }
    }

    /// A closed database with a few hundred manifests, and the folder that it is in.
    private func filled() async throws -> TemporaryFolder {
        let fixture = try await Fixture()
        try await fixture.facts.write { facts in
            for number in 0..<500 {
                let edges = [Edge(child: Fixture.digest(number + 1000), kind: .config)]
                let fact = Fixture.manifest(number)
                try facts.insertManifest(fact, bytes: Fixture.bytes(number), edges: edges, in: fixture.repository)
            }
        }
        try await fixture.engine.close()
        return fixture.folder
    }

    private func change(_ folder: TemporaryFolder, _ body: (inout Data) -> Void) throws {
        let file = URL(filePath: "\(folder.path)/metadata.sqlite")
        var data = try Data(contentsOf: file)
        body(&data)
        try data.write(to: file)
    }

    @Test func `what is no database is refused as damaged`() async throws {
        let folder = try TemporaryFolder()
        try Data(String(repeating: "not a database. ", count: 1000).utf8)
            .write(to: URL(filePath: "\(folder.path)/metadata.sqlite"))
        #expect(try await open(folder)?.code == .corrupt)
        #expect(try await open(folder, SQLiteOptions(access: .readOnly))?.code == .corrupt)
    }

    @Test func `a database that lost its end is refused as damaged`() async throws {
        let folder = try await filled()
        try change(folder) { $0.removeLast($0.count / 2) }
        #expect(try await open(folder)?.code == .corrupt)
    }

    @Test func `a page that was overwritten is found by the integrity check`() async throws {
        let folder = try await filled()
        let engine = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite")
        #expect(try await engine.integrityProblems() == [])
        try await engine.close()
        try change(folder) { data in
            let page = 4096 * (data.count / 4096 / 2)
            data.replaceSubrange(page..<page + 4096, with: Data(repeating: 0xEE, count: 4096))
        }
        let damaged = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite")
        let problems = try? await damaged.integrityProblems()
        #expect(problems?.isEmpty != true, "found by a sentence, or by an error where even the check cannot go on")
    }

    @Test func `a row that refers to nothing is found by the integrity check`() async throws {
        let fixture = try await Fixture()
        let connection = try #require(try fixture.sqlite.writer).connection
        try connection.run { session in
            try session.database.execute(sql: "PRAGMA foreign_keys = OFF")
            try session.database.execute(
                sql: "INSERT INTO repository_blob (repository, digest, linked_at) VALUES (1, 'sha256:absent', 0)"
            )
        }
        let problems = try await fixture.engine.integrityProblems()
        #expect(problems == ["a row of repository_blob refers to a row of blob that is not there"])
    }

    @Test func `a value that nobody could have written is a damaged database, not a crash`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1)
        let connection = try #require(try fixture.sqlite.writer).connection
        try connection.run { session in
            try session.database.execute(sql: "UPDATE manifest SET media_type = 'no type'")
        }
        let error = try await metadataError {
            _ = try await fixture.facts.read { try $0.manifest(Fixture.digest(1), in: fixture.name) }
        }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("a media type") == true)
    }

    @Test func `a database of a newer version is refused by name, and left as it is`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.engine.write { try $0.run(Statements.insertSchemaVersion, [.integer(99)]) }
        try await fixture.engine.close()
        for _ in 1...2 {
            let error = try await open(fixture.folder)
            #expect(error?.code == .newerVersion)
            #expect(error?.message.contains("schema version 99") == true)
        }
        let engine = try SQLiteEngine.open(
            at: "\(fixture.folder.path)/metadata.sqlite",
            SQLiteOptions(access: .readOnly)
        )
        let error = try await metadataError { try await FactStore(engine: engine).requireSchema() }
        #expect(error?.code == .newerVersion)
    }

    @Test func `another program's database is refused`() async throws {
        let fixture = try await Fixture()
        let connection = try #require(try fixture.sqlite.writer).connection
        try connection.run { try $0.database.execute(sql: "PRAGMA application_id = 42") }
        try await fixture.engine.close()
        let error = try await open(fixture.folder)
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("move it away") == true)
    }

    @Test func `a place that is not there is refused`() async throws {
        let folder = try TemporaryFolder()
        let error = try await metadataError { _ = try SQLiteEngine.open(at: "\(folder.path)/none/metadata.sqlite") }
        #expect(error?.code == .unavailable)
        let absent = try await metadataError {
            _ = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite", SQLiteOptions(access: .readOnly))
        }
        #expect(absent?.code == .unavailable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
}
