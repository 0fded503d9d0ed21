import Metadata

/// Goes through the rows of a table in the order of the keys, a page at a time.
struct RowCursor {
    private let facts: FactStore
    private let table: FactTable
    private var page: ArraySlice<[SQLValue]> = []
    private var last: [SQLValue]?
    private var isOver = false

    /// Stands before the first row.
    init(_ table: FactTable, in facts: FactStore) {
        (self.table, self.facts) = (table, facts)
    }

    /// The row that comes next; nil behind the last.
    mutating func peek() async throws -> [SQLValue]? {
        try await fill()
        return page.first
    }

    /// The row that comes next, and on behind it; nil behind the last.
    mutating func next() async throws -> [SQLValue]? {
        try await fill()
        return page.popFirst()
    }

    private mutating func fill() async throws {
        while page.isEmpty, !isOver {
            let (table, after) = (table, last)
            let rows = try await facts.read { try $0.rows(of: table, after: after, limit: table.pageCount) }
            isOver = rows.count < table.pageCount || table.key.isEmpty
            last = rows.last.map(table.key)
            page = rows.filter { !table.isOwn($0) }[...]
        }
    }
}

extension [SQLValue] {
    /// Whether a key comes before another, as the databases order them.
    func precedes(_ other: [SQLValue]) -> Bool {
        for (left, right) in zip(self, other) where left != right {
            switch (left, right) {
            case (.integer(let left), .integer(let right)): return left < right
            case (.text(let left), .text(let right)): return left.utf8.lexicographicallyPrecedes(right.utf8)
            default: return false
            }
        }
        return false
    }
}
