/// What must differ between the engines: how the one text of a ``Statement`` is written for each.
///
/// The points that a text may hold:
/// - `{bytes}`: the type of a column of bytes.
/// - `{identity}`: the type of a key that the database numbers itself, never giving a number twice.
/// - `{bytewise}`: the collation that sorts text by its bytes.
/// - `{keyed}`: stands after a table that is found by its primary key alone, and is stored in that order if possible.
/// - `{hot}`: the same, where few rows are changed over and over: room is left beside each, so that a change touches
///   no index.
/// - `{given}`: stands in an INSERT that brings the numbers of an `{identity}` along.
/// - `{counters}`: a relation of the tables with an `{identity}` by `name`, and the last `number` that each has given.
/// - `{tables}`: a relation of the tables that are there, by `name`.
/// - `{now}`: the moment in microseconds since 1970, by the clock of the database; the same in all of a statement.
/// - `{transactions}`: a relation of the transactions of others that are under way, by the moment when they `began`;
///   empty where a write sees all that was committed before it.
/// - `{share}`: a number from 0 to 31 that connections which are in use at once mostly have for themselves.
/// - `{skip locked}`: stands at the end of a SELECT whose rows are changed next, and leaves out those that another
///   write is changing, where writes run side by side.
/// - `{forget counter}`, `{set counter}`: the two steps that make a table (1) go on after a number (2).
public struct Dialect: Sendable, Hashable {
    /// The name of the engine, for messages.
    public let name: String
    /// What stands before the number of an argument.
    private let argumentMark: String
    private let points: [String: String]

    /// SQLite 3.35 or newer.
    public static let sqlite = Dialect(
        name: "SQLite",
        argumentMark: "?",
        points: [
            "bytes": "BLOB",
            "identity": "INTEGER PRIMARY KEY AUTOINCREMENT",
            "bytewise": "COLLATE BINARY",
            "keyed": "WITHOUT ROWID",
            "hot": "WITHOUT ROWID",
            "given": "",
            "now": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
            "counters": "(SELECT name, seq AS number FROM sqlite_sequence) AS counters",
            "tables": "(SELECT name FROM sqlite_master WHERE type = 'table') AS tables",
            "transactions": "(SELECT 0 AS began WHERE 0) AS transactions",
            "share": "0",
            "skip locked": "",
            "forget counter": "DELETE FROM sqlite_sequence WHERE name = ?1",
            "set counter": "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
        ]
    )

    /// PostgreSQL 15 or newer.
    public static let postgreSQL = Dialect(
        name: "PostgreSQL",
        argumentMark: "$",
        points: [
            "bytes": "BYTEA",
            "identity": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            "bytewise": "COLLATE \"C\"",
            "keyed": "",
            "hot": "WITH (fillfactor = 20)",
            "given": "OVERRIDING SYSTEM VALUE",
            "now": "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000000 AS BIGINT)",
            "counters": """
            (SELECT LEFT(CAST(sequencename AS TEXT), -7) AS name, last_value AS number
               FROM pg_sequences
              WHERE schemaname = current_schema() AND sequencename LIKE '%_id_seq') AS counters
            """,
            "tables": """
            (SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema()) AS tables
            """,
            "transactions": """
            (SELECT CAST(EXTRACT(EPOCH FROM xact_start) * 1000000 AS BIGINT) AS began
               FROM pg_stat_get_activity(NULL)
              WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND pid <> pg_backend_pid() AND xact_start IS NOT NULL) AS transactions
            """,
            "share": """
            COALESCE(CAST(NULLIF(current_setting('wharf.share', true), '') AS BIGINT),
                     CAST(MOD(pg_backend_pid(), 32) AS BIGINT))
            """,
            "skip locked": "FOR UPDATE SKIP LOCKED",
            "forget counter": "SELECT 1 WHERE CAST($1 AS TEXT) = ''",
            "set counter": "SELECT setval(CAST(CAST($1 AS TEXT) || '_id_seq' AS regclass), CAST($2 AS BIGINT))",
        ]
    )

    /// The text of a statement for this engine.
    public func text(_ statement: Statement) -> String {
        var text = ""
        var rest = statement.sql[...]
        while let mark = rest.firstIndex(where: { $0 == "$" || $0 == "{" }) {
            text += rest[..<mark]
            rest = rest[rest.index(after: mark)...]
            guard rest.startIndex != rest.endIndex, statement.sql[mark] == "{" else {
                text += argumentMark
                continue
            }
            let name = rest.prefix { $0 != "}" }
            guard let point = points[String(name)] else {
                preconditionFailure("the texts are our own constants and name only the points above: {\(name)}")
            }
            text += point
            rest = rest.dropFirst(name.count + 1)
        }
        return text + rest
    }
}
