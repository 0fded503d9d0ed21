/// A table of the schema as all steps leave it, for carrying its rows from one database to another as they are.
///
/// The tables are read off the steps themselves, so that no list can lag behind them.
public struct FactTable: Sendable {
    /// A column, by its name.
    public struct Column: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Whether it holds bytes, which may be many.
        public var isBytes: Bool
    }

    /// Its name.
    public internal(set) var name: String
    /// Its columns, in the order in which the steps add them.
    public internal(set) var columns: [Column]
    /// The columns by which rows are found and ordered, as places in ``columns``; empty where there is one row for all.
    public internal(set) var key: [Int]
    /// Whether the database numbers the rows by itself.
    public internal(set) var isNumbered: Bool
    /// What tells its statements from those of other tables.
    let number: Int

    /// Every table, each after those that it refers to; that of the steps that were taken is not among them, since each
    /// database has its own.
    public static let all: [FactTable] = SchemaReader.tables(
        after: [Schema.ground] + Schema.migrations.flatMap(\.statements)
    )
    .filter { $0.name != "schema_version" }

    /// A table by its name; nil when there is none.
    public static func named(_ name: String) -> FactTable? {
        all.first { $0.name == name }
    }

    /// The place of a column; nil when there is none of the name.
    public func place(of column: String) -> Int? {
        columns.firstIndex { $0.name == column }
    }

    /// The values by which a row is found.
    public func key(of row: [SQLValue]) -> [SQLValue] {
        key.map { row[$0] }
    }
}

/// Follows the steps of the schema, as far as they make and change tables.
///
/// It knows the forms that our steps have, and ends the program at any other: the steps are constants, and a test reads
/// them all.
enum SchemaReader {
    /// The tables that are there after some steps, in the order in which they were made.
    static func tables(after steps: [Statement]) -> [FactTable] {
        var tables: [FactTable] = []
        for step in steps {
            let words = step.sql.split { $0 == " " || $0 == "\n" }
            switch words.prefix(2).joined(separator: " ") {
            case "CREATE TABLE":
                tables.append(table(step.sql, number: (tables.last?.number ?? -1) + 1))
            case "ALTER TABLE" where words.count > 5 && words[3] == "ADD" && words[4] == "COLUMN":
                tables[place(of: words[2], in: tables, step)].columns.append(column(String(words[5]), step.sql))
            case "ALTER TABLE" where words.count == 6 && words[3] == "RENAME" && words[4] == "TO":
                tables[place(of: words[2], in: tables, step)].name = String(words[5])
            case "DROP TABLE" where words.count == 3:
                tables.remove(at: place(of: words[2], in: tables, step))
            case "CREATE INDEX", "CREATE UNIQUE", "DROP INDEX": break
            default:
                guard ["INSERT", "UPDATE", "DELETE"].contains(words.first) else { unknown(step) }
            }
        }
        return tables
    }

    private static func place(of name: Substring, in tables: [FactTable], _ step: Statement) -> Int {
        guard let place = tables.firstIndex(where: { $0.name == name }) else { unknown(step) }
        return place
    }

    private static func table(_ sql: String, number: Int) -> FactTable {
        let head = sql.prefix { $0 != "(" }.split(separator: " ")
        var table = FactTable(
            name: head.last.map(String.init) ?? "",
            columns: [],
            key: [],
            isNumbered: false,
            number: number
        )
        var keyNames: [Substring] = []
        for part in parts(of: sql) {
            let words = part.split { $0 == " " || $0 == "\n" }
            guard let first = words.first else { continue }
            switch first {
            case "PRIMARY":
                keyNames = part.drop { $0 != "(" }.split { "(), ".contains($0) }
            case "FOREIGN", "CHECK", "UNIQUE", "CONSTRAINT": break
            default:
                table.columns.append(column(String(first), part))
                table.isNumbered = table.isNumbered || part.contains("{identity}")
                if part.contains("PRIMARY KEY") || part.contains("{identity}") { keyNames = [first] }
            }
        }
        table.key = keyNames.compactMap { name in table.columns.firstIndex { $0.name == name } }
        return table
    }

    private static func column(_ name: String, _ text: some StringProtocol) -> FactTable.Column {
        FactTable.Column(name: name, isBytes: text.contains("{bytes}"))
    }

    /// What stands between the outer parentheses, apart at the commas that stand in no inner ones.
    private static func parts(of sql: String) -> [String] {
        var (parts, depth): ([String], Int) = ([""], 0)
        for character in sql {
            if character == ")" { depth -= 1 }
            if depth == 1, character == "," {
                parts.append("")
            } else if depth > 0 {
                parts[parts.count - 1].append(character)
            }
            if character == "(" { depth += 1 }
        }
        return parts
    }

    private static func unknown(_ step: Statement) -> Never {
        preconditionFailure("the steps are our own constants, and this reader must know each form: \(step.sql)")
    }
}
