/// Tables as a whole: for carrying all facts to another database, whatever they mean.
extension Facts {
    /// At most `limit` rows of a table after a key, in the order of the keys, each with all columns.
    ///
    /// A table without a key has one page.
    public func rows(of table: FactTable, after key: [SQLValue]? = nil, limit: Int) throws -> [[SQLValue]] {
        guard let key else { return try connection.rows(table.statement(.first), [.count(limit)]) }
        guard !table.key.isEmpty else { return [] }
        return try connection.rows(table.statement(.next), key + [.count(limit)])
    }

    /// Puts rows into a table as they are, the numbers included that the database would give.
    public func insert(_ rows: [[SQLValue]], into table: FactTable) throws {
        for row in rows { try connection.post(table.statement(.insert), row) }
    }

    /// Removes a row by its key, which the table must have.
    public func removeRow(_ row: [SQLValue], of table: FactTable) throws {
        try connection.run(table.statement(.removeOne), table.key(of: row))
    }

    /// Removes some rows of a table, at most `limit` of them where it has a key; how many these were.
    public func removeRows(of table: FactTable, limit: Int) throws -> Int {
        try connection.run(table.statement(.removeSome), table.key.isEmpty ? [] : [.count(limit)])
    }

    /// The last number that a table has given to a row, which may be gone; 0 when it has given none.
    public func lastNumber(of table: FactTable) throws -> Int64 {
        let rows = try connection.rows(FactTable.counter, [.text(table.name)])
        return try rows.first.map { try Row($0).optionalInteger(0) ?? 0 } ?? 0
    }

    /// Lets a table go on after a number, which is that of its last row or a larger one.
    public func setLastNumber(of table: FactTable, to number: Int64) throws {
        guard number > 0 else { return }
        try run(FactTable.forgetCounter, .text(table.name))
        try run(FactTable.setCounter, .text(table.name), .integer(number))
    }
}
