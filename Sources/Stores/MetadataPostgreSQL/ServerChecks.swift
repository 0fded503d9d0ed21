import Metadata

/// What a server knows to be wrong with a database of ours.
enum ServerChecks {
    /// How many problems are named of each kind.
    private static let problemsMax = 100

    /// Each is a query and the sentence about a row of it.
    private static let checks: [(sql: String, sentence: @Sendable (String) -> String)] = [
        (
            """
            SELECT CAST(indexrelid::regclass AS TEXT) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE c.relnamespace = CAST(CAST(current_schema() AS TEXT) AS regnamespace)
               AND NOT (i.indisvalid AND i.indisready)
             ORDER BY 1
            """,
            { "the index \($0) is not valid: run REINDEX INDEX \($0)" }
        ),
        (
            """
            SELECT CAST(conname AS TEXT) FROM pg_constraint
             WHERE connamespace = CAST(CAST(current_schema() AS TEXT) AS regnamespace) AND NOT convalidated
             ORDER BY 1
            """,
            { "the constraint \($0) was not validated: run ALTER TABLE … VALIDATE CONSTRAINT \($0)" }
        ),
        (
            """
            SELECT CAST(name AS TEXT) FROM pg_settings
             WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
             ORDER BY 1
            """,
            { "the server runs with \($0) = off, and loses what was committed when it loses power" }
        ),
        (
            "SELECT CAST(datname AS TEXT) FROM pg_stat_database WHERE datname = current_database() "
                + "AND checksum_failures > 0",
            { "the server has found damaged pages in the database \($0): see its log" }
        ),
    ]

    /// What is wrong, as sentences.
    static func problems(on connection: Connection) throws -> [String] {
        try checks.flatMap { check in
            try connection.ask(check.sql).prefix(problemsMax).compactMap { row in
                guard case .text(let name) = row.first else { return nil }
                return check.sentence(name)
            }
        }
    }
}
