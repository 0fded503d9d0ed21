import AdminModel

/// Something that is shown as a line of a table.
protocol TableRow {
    /// The heads of the columns.
    static var columns: [String] { get }
    /// What stands in each.
    var cells: [String] { get }
}

/// Lines of text in columns.
enum Table {
    /// Things below each other, with a line of heads.
    static func text<Item: TableRow>(of items: [Item]) -> String {
        let lines = [Item.columns] + items.map { $0.cells.map(ShownText.line) }
        let widths = Item.columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line(of: $0, widths) }.joined()
    }

    /// One thing, a line for each column.
    static func text<Item: TableRow>(of item: Item) -> String {
        let width = Item.columns.map(\.count).max() ?? 0
        return zip(Item.columns, item.cells).map { name, cell in
            line(of: ["\(name.lowercased()):", ShownText.line(cell)], [width + 1, 0])
        }.joined()
    }

    /// Names with what they stand for, a line each; a name that comes again is left out.
    static func fields(_ fields: [(name: String, value: String)]) -> String {
        let width = fields.map(\.name.count).max() ?? 0
        var last = ""
        return fields.map { name, value in
            defer { last = name }
            return line(of: [name == last ? "" : "\(name):", ShownText.line(value)], [width + 1, 0])
        }.joined()
    }

    private static func line(of cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (cell, width) in zip(cells, widths) {
            text += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
        }
        while text.last == " " { text.removeLast() }
        return text + "\n"
    }
}

extension Instant {
    /// To the second, for a table.
    var short: String { description.prefix(19).replacing("T", with: " ") + "Z" }
}

extension Optional where Wrapped == Instant {
    /// To the second, or a word where there is none.
    func short(else word: String) -> String { self?.short ?? word }
}
