import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// The tables that are read off the schema's steps are those that the database has.
@Suite struct FactTablesTests {
    /// What a database says of itself: its tables with their columns.
    private static func catalog(_ engine: any MetadataEngine) async throws -> [String: Set<String>] {
        let question =
            engine.dialect == .sqlite
            ? Statement(
                """
                SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                 WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
                """
            )
            : Statement(
                """
                SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name <> 'server_life'
                """
            )
        let rows = try await engine.read { try $0.rows(question, []) }
        var tables: [String: Set<String>] = [:]
        for case let row in rows {
            guard case .text(let table) = row.first, case .text(let column) = row.last else { continue }
            tables[table, default: []].insert(column)
        }
        return tables
    }

    @Test(.everyEngine) func `no table and no column is left out`() async throws {
        let fixture = try await Fixture()
        let known = Dictionary(uniqueKeysWithValues: FactTable.all.map { ($0.name, Set($0.columns.map(\.name))) })
        var found = try await Self.catalog(fixture.engine)
        #expect(found.removeValue(forKey: "schema_version") != nil)
        #expect(known == found)
        #expect(known.count >= 30)
    }

    @Test func `every table has the key that it was made with`() {
        func key(_ name: String) -> [String]? {
            FactTable.named(name).map { table in table.key.map { table.columns[$0].name } }
        }
        #expect(key("blob") == ["digest"])
        #expect(key("edge") == ["repository", "manifest", "child", "kind", "tag"])
        #expect(key("audit_entry") == ["id"])
        #expect(key("audit_mark") == ["kind", "number"])
        #expect(FactTable.all.filter(\.key.isEmpty).map(\.name) == ["usage_total", "access_change", "audit_lease"])
        let numbered = [
            "repository", "usage_change", "audit_entry", "job", "event_consumer", "event", "trash", "quota",
        ]
        #expect(FactTable.all.filter(\.isNumbered).map(\.name) == numbered)
    }

    @Test(.everyEngine) func `rows come back as they were, page by page, and go again`() async throws {
        let fixture = try await Fixture()
        let table = try #require(FactTable.named("manifest_content"))
        let rows = (0..<7).map { number in
            [
                SQLValue.text("sha256:\(number)é"), .integer(.max - Int64(number)),
                .blob(number == 3 ? [] : [0, 255, 1]),
            ]
        }
        try await fixture.facts.write { try $0.insert(rows, into: table) }
        try await fixture.facts.read { facts in
            var (found, last): ([[SQLValue]], [SQLValue]?) = ([], nil)
            while let row = try facts.rows(of: table, after: last, limit: 3).last {
                found += try facts.rows(of: table, after: last, limit: 3)
                last = table.key(of: row)
            }
            #expect(found == rows)
        }
        #expect(try await fixture.facts.write { try $0.removeRows(of: table, limit: 3) } == 3)
        try await fixture.facts.write { try $0.removeRow(rows[4], of: table) }
        #expect(try await fixture.facts.read { try $0.rows(of: table, limit: 9) } == [rows[3], rows[5], rows[6]])
    }

    @Test(.everyEngine) func `a table goes on after the number that it is told`() async throws {
        let fixture = try await Fixture()
        for name in ["repository", "audit_entry"] {
            let table = try #require(FactTable.named(name))
            try await fixture.facts.write { try $0.setLastNumber(of: table, to: 41) }
            #expect(try await fixture.facts.read { try $0.lastNumber(of: table) } == 41)
        }
        let repository = try await fixture.facts.write { try $0.ensureRepository(.init("new"), at: Fixture.now) }
        #expect(repository.number == 42)
        let table = try #require(FactTable.named("usage_change"))
        #expect(try await fixture.facts.read { try $0.lastNumber(of: table) } == 0)
    }
}
