/// What must differ between the engines: how the one text of a ``Statement`` is written for each.
///
/// The points that a text may hold:
/// - `{bytes}`: the type of a column of bytes.
/// - `{identity}`: the type of a key that the database numbers itself, never giving a number twice.
/// - `{bytewise}`: the collation that sorts text by its bytes.
/// - `{keyed}`: stands after a table that is found by its primary key alone, and is stored in that order if possible.
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
