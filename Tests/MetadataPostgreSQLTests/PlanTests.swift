import RegistryTesting
import Testing

@testable import Metadata
@testable import MetadataPostgreSQL

@Suite struct PlanTests {
    /// Tables that have one row or few, or hold at most what is added up at once; what is held in memory whole.
    private static let small: Set<Substring> = [
        "schema_version", "usage_total", "usage_change", "access_change", "account", "group_member",
        "project", "role",
        "role_grant", "signing_key", "account_link", "account_group", "ended_credential", "audit_key",
        "audit_lease",
    ]

    /// A registry of 100 repositories, 100 thousand blobs, and as many manifests and tags.
    private static let content = [
        "SET session_replication_role = replica",
        """
        INSERT INTO repository (name, project, created_at)
        SELECT 'team/app' || i, 'team', 1 FROM generate_series(1, 100) i
        """,
        """
        INSERT INTO blob (digest, byte_count, storage_key, stored_at)
        SELECT 'sha256:' || encode(sha256(int8send(i)), 'hex'), 1, 'key' || i, 1 FROM generate_series(1, 100000) i
        """,
        """
        INSERT INTO repository_blob (repository, digest, linked_at)
        SELECT 1 + i % 100, 'sha256:' || encode(sha256(int8send(i)), 'hex'), 1 FROM generate_series(1, 100000) i
        """,
        """
        INSERT INTO manifest_content (digest, byte_count, bytes)
        SELECT 'sha256:' || encode(sha256(int8send(-i)), 'hex'), 2, '{}' FROM generate_series(1, 100000) i
        """,
        """
        INSERT INTO manifest (repository, digest, media_type, pushed_at, pushed_by)
        SELECT 1 + i % 100, 'sha256:' || encode(sha256(int8send(-i)), 'hex'), 'application/json', 1, 'someone'
          FROM generate_series(1, 100000) i
        """,
        """
        INSERT INTO edge (repository, manifest, child, kind)
        SELECT 1 + i % 100, 'sha256:' || encode(sha256(int8send(-i)), 'hex'),
               'sha256:' || encode(sha256(int8send(i)), 'hex'), 'layer'
          FROM generate_series(1, 100000) i
        """,
        """
        INSERT INTO tag (repository, name, digest, version, moved_at, moved_by)
        SELECT 1, 'v' || lpad(CAST(i AS TEXT), 6, '0'), 'sha256:' || encode(sha256(int8send(-i)), 'hex'), 1, 1,
               'someone'
          FROM generate_series(1, 100000) i
        """,
        """
        INSERT INTO tag_event (repository, name, version, new_digest, moved_at, moved_by)
        SELECT repository, name, version, digest, 1, 'someone' FROM tag
        """,
        """
        INSERT INTO upload
               (id, repository, storage_key, byte_count, hash_state, algorithm, started_at, touched_at, started_by)
        SELECT 'upload' || i, 'team/app1', 'key', 0, '', 'sha256', i, i, 'someone' FROM generate_series(1, 10000) i
        """,
        """
        INSERT INTO audit_entry
               (at, principal, address, request_id, action, target, outcome, reason, details, times, seal, place)
        SELECT i, 'user:' || i % 100, '', '', 'pull', 'team/app' || i % 100, 'allowed', '', '', 1,
               CASE WHEN i < 29000 THEN i / 100 END, CASE WHEN i < 29000 THEN i % 100 END
          FROM generate_series(1, 30000) i
        """,
        """
        INSERT INTO credential (secret_hash, id, account, kind, label, created_at, expires_at)
        SELECT 'hash' || i, 'id' || i, 'user' || i % 100, 'personal', '', i, i FROM generate_series(1, 10000) i
        """,
        """
        INSERT INTO kept_answer (key_hash, request_hash, answer, created_at)
        SELECT 'hash' || i, '', '', i FROM generate_series(1, 10000) i
        """,
        """
        INSERT INTO audit_seal (number, sealed_at, entry_count, leaves, previous, hash)
        SELECT i, i, 100, '', '', '' FROM generate_series(1, 1000) i
        """,
        "ANALYZE",
    ]

    private func ask(_ statements: [String], _ database: TestDatabase) async throws -> [String] {
        let options = [
            "-X", "-q", "-A", "-t", "-h", database.server.folder.path, "-p", "\(database.server.port)",
        ]
        let command = Command(
            "\(PostgreSQLServer.programs)/psql",
            options + ["-U", "postgres", "-d", database.name, "-v", "ON_ERROR_STOP=1"],
            input: Array(statements.map { "\($0);\n" }.joined().utf8)
        )
        return try await command.output().split(separator: "\n").map(String.init)
    }

    private var session: [String] {
        Connection.session.map { "SET \($0.key) = '\($0.value)'" }
    }

    /// How the engine's sessions would run each statement, a line a step.
    private func plans(_ database: TestDatabase) async throws -> [[String]] {
        var statements = session + ["SET default_transaction_read_only = off"]
        for (index, statement) in Statements.all.enumerated() {
            let count = Set(statement.sql.matches(of: #/\$(\d+)/#).map(\.1)).count
            let arguments =
                count == 0 ? "" : "(\([String](repeating: "NULL", count: count).joined(separator: ", ")))"
            statements += [
                "PREPARE s\(index) AS \(Dialect.postgreSQL.text(statement))",
                "SELECT '== \(index)'",
                "EXPLAIN (COSTS OFF) EXECUTE s\(index)\(arguments)",
            ]
        }
        return try await ask(statements, database).split { $0.hasPrefix("== ") }.map(Array.init)
    }

    @Test(arguments: [true, false])
    func `no statement reads a whole table or sorts what it has read`(isFilled: Bool) async throws {
        let database = try await TestDatabase()
        _ = try await database.facts
        if isFilled { _ = try await ask(Self.content, database) }
        let plans = try await plans(database)
        try #require(plans.count == Statements.all.count)
        for (statement, plan) in zip(Statements.all, plans) {
            for (step, next) in zip(plan, plan.dropFirst() + [""]) {
                let table = step.firstMatch(of: #/ Scan .*\bon (\w+)/#)?.1
                if let table, !Self.small.contains(table) {
                    let isLookup = step.contains("Index") && next.contains("Index Cond:")
                    #expect(isLookup, "\(step) in \(statement.sql)")
                }
                // There are a handful of keys, and of accounts.
                let isSmall = plan.contains { line in Self.small.contains { line.contains("on \($0)") } }
                #expect(!step.contains("Sort") || isSmall, "\(step) in \(statement.sql)")
            }
        }
    }

    @Test func `the last page of a list takes as much as the first`() async throws {
        let database = try await TestDatabase()
        _ = try await database.facts
        _ = try await ask(Self.content, database)
        let pages = [
            (Statements.tags, "1, '', 100", "1, 'v099900', 100"),
            (Statements.blobs, "'', 100", "'sha256:ff', 100"),
            (Statements.uploads, "'', 100", "'upload99', 100"),
            (Statements.manifests, "0, '', 100", "99, 'sha256:f8', 100"),
        ]
        for (statement, first, last) in pages {
            let sql = statement.sql
            var statements = session + ["PREPARE page AS \(Dialect.postgreSQL.text(statement))"]
            for arguments in [first, last] {
                let explain = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) EXECUTE page(\(arguments))"
                // The second time nothing has to be read from the catalog.
                statements += [explain, "SELECT '== page'", explain, "SELECT '== end'"]
            }
            let found = try await ask(statements, database).split { $0 == "== end" }.compactMap { lines in
                let page = lines.split { $0 == "== page" }.last ?? []
                // The first line is of the whole.
                return page.lazy.compactMap { $0.firstMatch(of: #/Buffers: shared hit=(\d+)/#) }.first
                    .flatMap { Int($0.1) }
            }
            let (most, least) = (found.max() ?? 0, found.min() ?? 0)
            #expect(found.count == 2 && least > 0 && most < 2 * least + 20, "\(found) for \(sql)")
        }
    }
}
