import Foundation
import GRDB
import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataSQLite

@Suite struct StatementsTests {
    /// How SQLite would run a statement, a line a step.
    private func plan(_ statement: Metadata.Statement, _ fixture: Fixture) throws -> [String] {
        let connection = try #require(try fixture.sqlite.writer).connection
        return try connection.run { session in
            let sql = "EXPLAIN QUERY PLAN \(Dialect.sqlite.text(statement))"
            let prepared = try session.database.makeStatement(sql: sql)
            prepared.setUncheckedArguments([])
            return try Row.fetchAll(prepared).map { $0["detail"] }
        }
    }

    @Test func `every statement is in the list, once`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Stores/Metadata"
        )
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.standardizedFileURL,
            includingPropertiesForKeys: nil
        )
        let made = try files.map { try String(contentsOf: $0, encoding: .utf8) }.map { text in
            text.matches(of: #/(?:^|[^A-Za-z])Statement\(/#).count
        }
        let listed: [Metadata.Statement] = Statements.all + Schema.migrations.flatMap(\.statements) + [Schema.ground]
        #expect(made.reduce(0, +) == listed.count)
        #expect(Set(listed).count == listed.count)
        #expect(Schema.migrations.map(\.version) == Array(1...Schema.version))
    }

    @Test(arguments: Statements.all)
    func `a statement's arguments are numbered without a gap`(statement: Metadata.Statement) {
        let numbers = Set(statement.sql.matches(of: #/\$(\d+)/#).compactMap { Int($0.1) })
        #expect(numbers == Set(1..<numbers.count + 1))
    }

    @Test func `no statement reads a whole table or sorts what it has read`() async throws {
        // These look at tables that have one row, or at most as many as are added up at once; at what is held in memory
        // whole, or stands next to it; at the temporary tables of a statement; and at a row that is in it.
        let small: Set<Substring> = [
            "schema_version", "usage_total", "usage_change", "c", "t", "access_change", "account", "group_member",
            "project", "role", "role_grant", "signing_key", "account_link", "account_group", "ended_credential",
            "audit_key", "audit_lease", "job_schedule", "event_consumer", "read_only",
            "transactions", "CONSTANT",
        ]
        let fixture = try await Fixture()
        for statement in Statements.all {
            for step in try plan(statement, fixture) {
                let words = step.split(separator: " ")
                let isSmall = words.count > 1 && small.contains(words[1])
                #expect(words.first != "SCAN" || isSmall, "\(step) in \(statement.sql)")
                // There are a handful of keys.
                let isSorted = step.contains("TEMP B-TREE") && statement != Statements.signingKeys
                #expect(!isSorted, "\(step) in \(statement.sql)")
            }
        }
    }

    @Test func `a page begins where the one before ended, without passing over it`() async throws {
        let fixture = try await Fixture()
        let paged = Statements.all.filter { $0.sql.contains(#/> \(?\$/#) }
        #expect(paged.count >= 7)
        for statement in paged {
            let steps = try plan(statement, fixture)
            #expect(steps.contains { $0.contains(">?") || $0.contains(">(?") }, "\(steps) for \(statement.sql)")
        }
    }

    @Test func `the dialect fills in the points and the marks of arguments`() {
        let statement = Metadata.Statement("CREATE {bytes} {keyed} $1, $12")
        #expect(Dialect.sqlite.text(statement) == "CREATE BLOB WITHOUT ROWID ?1, ?12")
        #expect(Dialect.postgreSQL.text(statement) == "CREATE BYTEA  $1, $12")
    }
}
