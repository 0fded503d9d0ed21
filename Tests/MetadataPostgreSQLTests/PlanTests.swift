import Foundation
import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataPostgreSQL

/// How PostgreSQL would find what our statements ask for.
@Suite struct PlanTests {
    /// Tables that may be read whole, with the reason; all others grow.
    static let small: [Substring: String] = [
        "schema_version": "a row for each step of the schema",
        "installation": "a row for each thing that is there once",
        "usage_total": "one row",
        "usage_change": "added up after each 256th",
        "access_change": "one row",
        "account": "held in memory whole",
        "account_link": "held in memory whole",
        "account_group": "held in memory whole",
        "group_member": "held in memory whole",
        "project": "held in memory whole",
        "read_only": "held in memory whole",
        "role": "held in memory whole",
        "role_grant": "held in memory whole",
        "signing_key": "held in memory whole",
        "ended_credential": "held in memory whole, until the tokens of before have ended",
        "audit_key": "one row",
        "audit_lease": "one row",
        "event_consumer": "a handful, and no more may be registered",
        "pg_stat_get_activity": "a row for each connection",
        "pg_database": "a row for each database",
        "job_schedule": "a row for each kind of job that is done by itself",
    ]

    /// The tables that a statement names which grow.
    static func growingTables(of sql: String) -> Set<Substring> {
        let named = sql.matches(of: #/\b(?:FROM|JOIN|INTO|UPDATE) +(\w+)/#).map(\.1)
        return Set(named.filter { $0 != "SET" && small[$0] == nil })
    }

    /// What is wrong with a plan, a line each.
    private static func faults(of plan: [String]) -> [String] {
        var faults: [String] = []
        for ((before, step), next) in zip(zip([""] + plan, plan), plan.dropFirst() + [""]) {
            let table = step.firstMatch(of: #/ Scan .*\bon (\w+)/#)?.1
            if let table, small[table] == nil {
                let isFound = next.contains("Index Cond:")
                // The first rows in the order of a key, none of which is passed over.
                let isFirstPage = before.contains("Limit") && !next.contains("Filter:")
                if !step.contains("Index") || !(isFound || isFirstPage) {
                    faults.append("reads \(table) without a place in an index")
                }
            }
            // There are a handful of keys, and of accounts.
            let isSmall = plan.contains { line in small.keys.contains { line.contains("on \($0)") } }
            if step.contains("Sort"), !isSmall { faults.append("sorts what it has read") }
        }
        return faults
    }

    /// How the engine's sessions would run texts with arguments.
    private func plans(_ texts: [String], _ database: TestDatabase) async throws -> [[String]] {
        var statements = TestDatabase.session + ["SET default_transaction_read_only = off"]
        for (index, text) in texts.enumerated() {
            let count = Set(text.matches(of: #/\$(\d+)/#).map(\.1)).count
            let arguments = [String](repeating: "NULL", count: count).joined(separator: ", ")
            statements += [
                Mark.statement,
                "PREPARE s\(index) AS \(text)",
                "EXPLAIN (COSTS OFF) EXECUTE s\(index)\(count == 0 ? "" : "(\(arguments))")",
            ]
        }
        return Array(Mark.parts(of: try await database.ask(statements)).dropFirst())
    }

    private func check(_ texts: [String], _ database: TestDatabase) async throws {
        let plans = try await plans(texts, database)
        try #require(plans.count == texts.count)
        for (text, plan) in zip(texts, plans) {
            #expect(!plan.isEmpty && Self.faults(of: plan) == [], "\(text)\n\(plan.joined(separator: "\n"))")
        }
    }

    @Test(arguments: [true, false])
    func `no statement reads a whole table or sorts what it has read`(hasGrown: Bool) async throws {
        let database = hasGrown ? try await GrownDatabase.shared.database : try await TestDatabase()
        if !hasGrown { _ = try await database.facts }
        try await check(Statements.all.map(Dialect.postgreSQL.text), database)
    }

    @Test func `what copies tables from one database to another reads them in the order of their keys`() async throws {
        let tables = FactTable.all.filter { Self.small[$0.name[...]] == nil }
        #expect(tables.count >= 10)
        let statements = tables.flatMap { table in FactTable.Use.allCases.map(table.statement) }
        try await check(statements.map(Dialect.postgreSQL.text), try await GrownDatabase.shared.database)
    }

    @Test func `what a foreign key asks when a row goes has an index`() async throws {
        let database = try await GrownDatabase.shared.database
        // As PostgreSQL's own triggers ask it.
        let texts = try await database.ask([
            """
            SELECT 'SELECT 1 FROM ONLY ' || CAST(c.conrelid AS regclass) || ' x WHERE '
                   || string_agg('x.' || a.attname || ' = $' || k.place, ' AND ' ORDER BY k.place)
                   || ' FOR KEY SHARE OF x'
              FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k (number, place), pg_attribute a
             WHERE c.contype = 'f' AND a.attrelid = c.conrelid AND a.attnum = k.number
             GROUP BY c.oid, c.conrelid
            """
        ])
        #expect(texts.count >= 10)
        try await check(texts, database)
    }

    @Test func `a plan that reads a whole table is a fault`() {
        #expect(Self.faults(of: ["Seq Scan on tag", "  Filter: (name = $1)"]).count == 1)
        #expect(Self.faults(of: ["Index Scan using tag_pkey on tag", "  Filter: (digest = $1)"]).count == 1)
        #expect(Self.faults(of: ["Limit", "  ->  Incremental Sort", "    ->  Index Scan"]).count == 1)
        #expect(Self.faults(of: ["Index Scan using tag_pkey on tag", "  Index Cond: (repository = $1)"]) == [])
        #expect(Self.faults(of: ["Limit", "  ->  Index Scan using tag_pkey on tag", "  Filter: (a = $1)"]).count == 1)
        #expect(Self.faults(of: ["Limit", "  ->  Index Scan using tag_pkey on tag"]) == [])
        #expect(Self.faults(of: ["Seq Scan on role"]) == [])
    }

    @Test func `what the engine asks of its own is about no table that grows`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Stores/MetadataPostgreSQL").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
        let named = texts.flatMap { text in
            text.split(separator: "\n").filter { !$0.contains("///") }.flatMap { Self.growingTables(of: String($0)) }
        }
        let own = named.filter { !$0.hasPrefix("pg_") }
        #expect(named.count > own.count)
        #expect(Set(own).subtracting(["server_life"]) == [])
    }
}
