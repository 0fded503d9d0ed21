/// What is asked of a table as a whole: made of the names in the schema, the same for each engine.
extension FactTable {
    /// The statements of one table.
    enum Use: Int, CaseIterable {
        /// The first rows in the order of the key.
        case first
        /// The rows after a key.
        case next
        /// A row as it is, its number included.
        case insert
        /// One row away, by its key.
        case removeOne
        /// Some rows away, the first in the order of the key.
        case removeSome
    }

    /// A statement of the table.
    func statement(_ use: Use) -> Statement {
        Statement.derived(text(of: use), number: number * Use.allCases.count + use.rawValue)
    }

    /// The last number that a table has given.
    static let counter = Statement.derived("SELECT number FROM {counters} WHERE name = $1", number: countersAt)
    /// Forgets it, before it is set.
    static let forgetCounter = Statement.derived("{forget counter}", number: countersAt + 1)
    /// Sets it.
    static let setCounter = Statement.derived("{set counter}", number: countersAt + 2)

    /// The table that a database gets first, where it is there.
    static let ground = Statement.derived(
        "SELECT name FROM {tables} WHERE name = 'schema_version'",
        number: countersAt + 3
    )

    /// Numbers that no statement of a table has.
    private static let countersAt = 1_000_000

    private func text(of use: Use) -> String {
        let names = list(columns.map(\.name))
        let keys = list(key.map { columns[$0].name })
        let order = key.isEmpty ? "" : " ORDER BY \(keys)"
        switch use {
        case .first:
            return "SELECT \(names) FROM \(name)\(order) LIMIT $1"
        case .next:
            return
                "SELECT \(names) FROM \(name) WHERE (\(keys)) > (\(marks(key.count)))\(order) LIMIT $\(key.count + 1)"
        case .insert:
            let given = isNumbered ? " {given}" : ""
            return "INSERT INTO \(name) (\(names))\(given) VALUES (\(marks(columns.count)))"
        case .removeOne:
            return "DELETE FROM \(name) WHERE (\(keys)) = (\(marks(key.count)))"
        case .removeSome:
            guard !key.isEmpty else { return "DELETE FROM \(name)" }
            return "DELETE FROM \(name) WHERE (\(keys)) IN (SELECT \(keys) FROM \(name)\(order) LIMIT $1)"
        }
    }

    private func list(_ names: [String]) -> String {
        names.joined(separator: ", ")
    }

    private func marks(_ count: Int) -> String {
        list((1...max(count, 1)).map { "$\($0)" })
    }
}
