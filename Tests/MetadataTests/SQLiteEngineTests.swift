import Foundation
import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataSQLite

@Suite struct SQLiteEngineTests {
    @Test func `the connection that writes makes every commit durable`() async throws {
        let fixture = try await Fixture()
        let connection = try #require(try fixture.sqlite.writer).connection
        #expect(try connection.durability() == Durability(journalMode: "wal", synchronous: 2))
        try await fixture.push(1)
        #expect(try connection.durability() == Durability(journalMode: "wal", synchronous: 2))
    }

    @Test func `what was answered is in the files, though the process did not end well`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1, 2, 3)
        let copy = try TemporaryFolder()
        for ending in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: "\(fixture.folder.path)/metadata.sqlite\(ending)",
                toPath: "\(copy.path)/metadata.sqlite\(ending)"
            )
        }
        let facts = FactStore(engine: try SQLiteEngine.open(at: "\(copy.path)/metadata.sqlite"))
        try await facts.migrate()
        let found = try await facts.read { try $0.manifests(after: nil, limit: 10) }
        #expect(found.map(\.fact.digest) == [1, 2, 3].map { Fixture.digest($0) })
        #expect(try await facts.integrityProblems() == [])
    }

    @Test func `nobody else on the machine may read the files`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1)
        for ending in ["", "-wal", "-shm"] {
            let path = "\(fixture.folder.path)/metadata.sqlite\(ending)"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(path)")
        }
    }

    @Test func `a closed database is one file and opens again`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1)
        try await fixture.engine.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) == ["metadata.sqlite"])
        let engine = try SQLiteEngine.open(at: "\(fixture.folder.path)/metadata.sqlite")
        let found = try await FactStore(engine: engine).read { try $0.manifest(Fixture.digest(1), in: fixture.name) }
        #expect(found?.bytes == Fixture.bytes(1))
    }

    @Test func `reads and writes that wait when it closes are answered`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1)
        let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let error = try await metadataError {
                        if number.isMultiple(of: 2) {
                            _ = try await fixture.facts.read { try $0.repository(fixture.name) }
                        } else {
                            try await fixture.move("tag-\(number)", to: 1)
                        }
                    }
                    return error == nil || error?.code == .unavailable
                }
            }
            group.addTask {
                try await fixture.engine.close()
                return true
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(answered == [Bool](repeating: true, count: 201))
    }

    @Test func `another process reads while this one writes`() async throws {
        let fixture = try await Fixture()
        let reader = try SQLiteEngine.open(
            at: "\(fixture.folder.path)/metadata.sqlite",
            SQLiteOptions(access: .readOnly)
        )
        let facts = FactStore(engine: reader)
        try await facts.requireSchema()
        for number in 1...20 {
            try await fixture.push(number)
            #expect(try await facts.read { try $0.manifests(after: nil, limit: 100) }.count == number)
        }
        let error = try await metadataError { _ = try await facts.write { try $0.deleteUpload("1") } }
        #expect(error?.code == .unavailable)
    }

    @Test func `with no room left a write is refused, and all that was answered stays`() async throws {
        let folder = try TemporaryFolder()
        let options = SQLiteOptions(byteCountMax: 512 << 10)
        let engine = try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite", options)
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        let outcomes = try await withThrowingTaskGroup(of: (Int, MetadataError.Code?).self) { group in
            for number in 0..<4000 {
                group.addTask {
                    let error = try await metadataError {
                        _ = try await facts.write { try $0.store(Fixture.blob(number)) }
                    }
                    return (number, error?.code)
                }
            }
            return try await group.reduce(into: [Int: MetadataError.Code?]()) { $0[$1.0] = .some($1.1) }
        }
        let kept = outcomes.filter { $0.value == nil }.keys.sorted()
        #expect(kept.count > 100 && kept.count < 4000)
        #expect(Set(outcomes.values.compactMap { $0 }) == [.full])
        let found = try await facts.read { try $0.blobs(after: nil, limit: 10_000) }
        #expect(found.map(\.digest) == kept.map { Fixture.digest($0) })
        #expect(try await facts.read { try $0.usage() }.blobCount == Int64(kept.count))
        #expect(try await facts.integrityProblems() == [])
    }
}
