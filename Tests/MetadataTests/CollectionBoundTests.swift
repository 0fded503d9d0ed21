import GRDB
import GRDBSQLite
import OCI
import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataSQLite

/// The work of the collection grows with what goes, and not with what is stored: counted by SQLite itself.
@Suite struct CollectionBoundTests {
    /// How many steps of its machine SQLite has done for the statements of the connection that writes, and how many
    /// rows it has passed over in search of others.
    private struct Work: Equatable {
        var steps = 0
        var passedRows = 0
    }

    private static func work(_ fixture: Fixture, reset: Bool) throws -> Work {
        try #require(try fixture.sqlite.writer).connection.run { session in
            var (work, statement) = (Work(), sqlite3_next_stmt(session.database.sqliteConnection, nil))
            while let current = statement {
                work.steps += Int(sqlite3_stmt_status(current, SQLITE_STMTSTATUS_VM_STEP, reset ? 1 : 0))
                work.passedRows += Int(sqlite3_stmt_status(current, SQLITE_STMTSTATUS_FULLSCAN_STEP, reset ? 1 : 0))
                statement = sqlite3_next_stmt(session.database.sqliteConnection, current)
            }
            return work
        }
    }

    private static func link(_ numbers: Range<Int>, _ fixture: Fixture) async throws {
        try await fixture.facts.write { facts in
            for number in numbers {
                try facts.store(Fixture.blob(number))
                try facts.link(Fixture.digest(number), in: fixture.repository, at: Fixture.now)
            }
        }
    }

    /// Collects all there is; returns how many blobs went.
    private static func collect(_ fixture: Fixture) async throws -> Int {
        var count = 0
        while try await fixture.facts.write({ try $0.lookAtIdleLinks(after: .zero, limit: 100).count }) > 0 {}
        while true {
            let looks = try await fixture.facts.write { try $0.takeDoomedBlobs(after: .zero, limit: 100) }
            count += looks.taken.count
            if looks.count == 0 { break }
            _ = try await fixture.facts.write { try $0.forgetDoomedKeys(looks.taken.map(\.key)) }
        }
        while try await fixture.facts.write({ try $0.forgetFormerLinks(after: .zero, limit: 100).count }) > 0 {}
        return count
    }

    /// What it takes to collect some blobs among others that manifests need.
    private static func work(collecting garbageCount: Int, among storedCount: Int) async throws -> Work {
        let fixture = try await Fixture()
        try await link(0..<storedCount, fixture)
        try await fixture.facts.write { facts in
            for number in 0..<storedCount / 10 {
                let edges = (0..<10).map { Edge(child: Fixture.digest(number * 10 + $0), kind: .layer) }
                let fact = Fixture.manifest(1_000_000 + number)
                try facts.insertManifest(fact, bytes: [], edges: edges, in: fixture.repository)
            }
        }
        #expect(try await collect(fixture) == 0)
        try await link(2_000_000..<2_000_000 + garbageCount, fixture)
        _ = try work(fixture, reset: true)
        #expect(try await collect(fixture) == garbageCount)
        return try work(fixture, reset: false)
    }

    @Test func `a hundred times as much that stays does not make the collection of the same garbage dearer`()
        async throws
    {
        try await TestDatabase.$current.withValue(.sqlite) {
            let few = try await Self.work(collecting: 300, among: 300)
            let many = try await Self.work(collecting: 300, among: 30_000)
            let more = try await Self.work(collecting: 900, among: 300)
            print("steps of SQLite for each blob that goes: \(many.steps / 300), among few \(few.steps / 300)")
            #expect(many.steps < few.steps * 11 / 10, "\(many) after \(few)")
            #expect(more.steps < few.steps * 33 / 10, "\(more) after \(few)")
            #expect(many.passedRows == few.passedRows && few.passedRows < 300, "\(many) after \(few)")
            #expect(many.steps / 300 < 1000, "\(many)")
        }
    }
}
