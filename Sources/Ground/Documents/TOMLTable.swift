/// A table while it is read: what it has, and who made it, which decides who may add to it.
final class TOMLTable {
    /// How a table came to be.
    enum Origin {
        /// A heading names something below it.
        case implicit
        /// A heading names it.
        case header
        /// A key with dots, or braces.
        case dotted
    }

    /// What stands under a key.
    enum Item {
        case value(JSONValue)
        case table(TOMLTable)
        case tables(List)
    }

    /// An array of tables, which grows in place.
    final class List {
        var tables: [TOMLTable]

        init(_ tables: [TOMLTable]) {
            self.tables = tables
        }
    }

    var origin: Origin
    /// Where it begins.
    var line: Int
    private var items: [String: (item: Item, line: Int)] = [:]
    private var names: [String] = []

    init(_ origin: Origin, line: Int) {
        self.origin = origin
        self.line = line
    }

    subscript(name: String) -> Item? { items[name]?.item }

    /// Adds a table under a new key.
    func add(_ name: String, _ table: TOMLTable) -> TOMLTable {
        put(name, .table(table), line: table.line)
        return table
    }

    /// Adds a table to an array of tables, which is made where there is none; nil where something else stands there.
    func append(_ name: String, _ table: TOMLTable) -> TOMLTable? {
        switch self[name] {
        case nil: put(name, .tables(List([table])), line: table.line)
        case .tables(let list): list.tables.append(table)
        default: return nil
        }
        return table
    }

    /// Puts a value under a new key.
    func set(_ name: String, _ value: JSONValue, line: Int) {
        put(name, .value(value), line: line)
    }

    private func put(_ name: String, _ item: Item, line: Int) {
        items[name] = (item, line)
        names.append(name)
    }

    /// The table as an object; the lines of what is in it are added.
    func value(at path: [TOMLDocument.Step], _ lines: inout [[TOMLDocument.Step]: Int]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for name in names {
            guard let (item, line) = items[name] else { continue }
            let path = path + [.key(name)]
            switch item {
            case .value(let value):
                lines[path] = line
                members.append(.init(name, value))
            case .table(let table):
                lines[path] = table.line
                members.append(.init(name, table.value(at: path, &lines)))
            case .tables(let list):
                lines[path] = line
                let values = list.tables.enumerated().map { index, table in
                    lines[path + [.index(index)]] = table.line
                    return table.value(at: path + [.index(index)], &lines)
                }
                members.append(.init(name, .array(values)))
            }
        }
        return .object(members)
    }
}
