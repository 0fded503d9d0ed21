import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataPostgreSQL

/// What statements take in a database that has grown: run, not only planned.
@Suite struct GrowthTests {
    /// What a statement took.
    struct Taken {
        /// How many pages of 8 KiB it has looked at, in memory or not.
        var pageCount = 0
        /// How many rows it has found or changed.
        var rowCount = 0
        /// How many it has looked at for nothing.
        var removedCount = 0
        /// How long it took, in milliseconds.
        var milliseconds = 0.0

        init(_ plan: [String], isQuery: Bool) {
            let counts = plan.compactMap { $0.firstMatch(of: #/actual rows=(\d+)/#) }.compactMap { Int($0.1) }
            // The first line is of the whole, for which a change says that it has given no row.
            rowCount = (isQuery ? counts.first : counts.max()) ?? 0
            let removed = plan.compactMap { $0.firstMatch(of: #/Rows Removed by .*: (\d+)/#) }.compactMap { Int($0.1) }
            removedCount = removed.reduce(0, +)
            let pages = plan.first { $0.contains("Buffers: shared") } ?? ""
            pageCount = pages.matches(of: #/(?:hit|read)=(\d+)/#).compactMap { Int($0.1) }.reduce(0, +)
            milliseconds =
                plan.lazy.compactMap { $0.firstMatch(of: #/Execution Time: ([\d.]+)/#) }.first
                .flatMap { Double($0.1) } ?? 0
        }
    }

    /// What statements take with some arguments each, when it is asked again and nothing of the catalog is read.
    private func taken(_ runs: [(statement: Statement, arguments: String)]) async throws -> [Taken] {
        let database = try await GrownDatabase.shared
        var lines: [String] = []
        for (index, run) in runs.enumerated() {
            let name = "s\(index)"
            let call = "EXECUTE \(name)\(run.arguments.isEmpty ? "" : "(\(run.arguments))")"
            lines.append("PREPARE \(name) AS \(Dialect.postgreSQL.text(run.statement))")
            for _ in 0..<2 {
                lines += [
                    Mark.statement, "BEGIN", "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) \(call)", "ROLLBACK",
                ]
            }
        }
        let plans = Mark.parts(of: try await database.ask(lines)).dropFirst()
        try #require(plans.count == 2 * runs.count)
        return zip(runs.indices, runs).map { index, run in
            Taken(plans[plans.startIndex + 2 * index + 1], isQuery: run.statement.sql.hasPrefix("SELECT"))
        }
    }

    @Test func `every statement about what grows looks at a few pages for each row`() async throws {
        let samples = StatementSample(try await GrownDatabase.shared.growth).arguments
        let growing = Statements.all.filter { !PlanTests.growingTables(of: $0.sql).isEmpty }
        for statement in growing {
            try #require(samples[statement] != nil, "StatementSample has no arguments for \(statement.sql)")
        }
        let runs = samples.flatMap { statement, arguments in arguments.map { (statement, $0) } }
        for (run, taken) in zip(runs, try await taken(runs)) {
            let (statement, arguments) = run
            let said = "\(taken) with \(arguments): \(statement.sql)"
            #expect(taken.pageCount > 0, "\(said)")
            // A row that changes takes a new place, and each of its indexes learns of it.
            #expect(taken.pageCount <= 20 + 25 * max(taken.rowCount, 1), "\(said)")
            #expect(taken.removedCount <= 2 * StatementSample.limit, "\(said)")
        }
    }

    @Test func `the last page of each list takes as much as the first`() async throws {
        let samples = StatementSample(try await GrownDatabase.shared.growth).arguments
        let paged = Statements.all.filter { $0.sql.contains("LIMIT $") && $0.sql.contains(#/[<>] \(?\$/#) }
        #expect(paged.count >= 16)
        for statement in paged {
            let arguments = try #require(samples[statement], "\(statement.sql)")
            let pages = try await taken(arguments.map { (statement, $0) })
            try #require(pages.count == 2, "StatementSample has no last page for \(statement.sql)")
            let said = "\(pages) for \(statement.sql)"
            #expect(pages.allSatisfy { $0.rowCount == StatementSample.limit }, "\(said)")
            let counts = pages.map(\.pageCount)
            #expect((counts.max() ?? 0) < 2 * (counts.min() ?? 0) + 20, "\(said)")
        }
        if GrownDatabase.isLarge { try await tellFigures() }
    }

    /// Prints the figures of the page.
    private func tellFigures() async throws {
        let grown = try await GrownDatabase.shared
        let samples = StatementSample(grown.growth).arguments
        print("what | first, ms (pages) | near the end, ms (pages)")
        for (name, statement) in [
            ("manifest by tag", Statements.contentTagged), ("link to a blob", Statements.linkedBlobByName),
            ("10 tags", Statements.tags), ("10 blobs", Statements.blobs), ("10 manifests", Statements.manifests),
            ("10 referrers", Statements.referrers), ("10 repositories", Statements.repositories),
            ("10 entries of the audit", Statements.auditEntriesByTime),
        ] {
            let taken = try await taken((samples[statement] ?? []).map { (statement, $0) })
            print(([name] + taken.map { "\($0.milliseconds) (\($0.pageCount))" }).joined(separator: " | "))
        }
        let sizes = try await grown.database.ask([
            """
            SELECT relname, CAST(reltuples AS BIGINT), pg_size_pretty(pg_table_size(oid)),
                   pg_size_pretty(pg_indexes_size(oid))
              FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)
             ORDER BY pg_total_relation_size(oid) DESC LIMIT 9
            """,
            """
            SELECT relname, '', '', pg_size_pretty(pg_relation_size(oid))
              FROM pg_class WHERE relkind = 'i' AND relnamespace = CAST('public' AS regnamespace)
             ORDER BY pg_relation_size(oid) DESC LIMIT 12
            """,
        ])
        print(sizes.joined(separator: "\n"))
    }
}
