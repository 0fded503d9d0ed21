/// What the command line asks for.
struct Options {
    static let usage = """
        Usage: Benchmarks/run [--rounds N] [--only ROW,…] [--parties ours,peer,nginx] [--tools wharf,skopeo]
                              [--image MIB]
        Rows of the server (--only server): \(serverRows.joined(separator: " "))
        Rows of the command line (--only commands): \(toolRows.joined(separator: " "))
        A table goes into Documentation/benchmarks.md when all its rows were measured, with all parties or tools, in
        five rounds or more, and with an image of 1024 MiB.
        """
    private static let roundsDefault = 5
    private static let imageSizeDefault = 1024

    private static var serverRows: [String] { allWorkloads().flatMap(\.rows).map(\.name) }
    private static var toolRows: [String] { allToolWorkloads().flatMap(\.rows).map(\.name) }

    var rounds = Options.roundsDefault
    var parties = Party.allCases
    var tools = Tool.allCases
    /// Of the image that tools copy, in MiB.
    var imageSize = Options.imageSizeDefault
    /// Given by the script: our binary and its commit, the page to write, a folder that is removed after the run.
    var program = ""
    var commit = ""
    var page = ""
    var folder = ""
    private var rows: Set<String> = []

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure("\(name) needs a value\n\(Self.usage)") }
            switch name {
            case "--rounds": rounds = try Self.number(value, in: 1...100, for: name)
            case "--only": rows.formUnion(value.split(separator: ",").flatMap { Self.rows(String($0)) })
            case "--parties": parties = try value.split(separator: ",").map(Self.choice)
            case "--tools": tools = try value.split(separator: ",").map(Self.choice)
            case "--image": imageSize = try Self.number(value, in: 1...Self.imageSizeDefault, for: name)
            case "--program": program = value
            case "--commit": commit = value
            case "--page": page = value
            case "--folder": folder = value
            default: throw Failure("unknown option \(name)\n\(Self.usage)")
            }
        }
        let unknown = rows.subtracting(Self.serverRows + Self.toolRows)
        guard unknown.isEmpty else { throw Failure("unknown rows \(unknown.sorted())\n\(Self.usage)") }
    }

    /// Whether the table of the servers is worth keeping.
    var isServerComplete: Bool {
        has(Self.serverRows) && rounds >= Self.roundsDefault && parties == Party.allCases
    }

    /// Whether the table of the command line is worth keeping.
    var isToolComplete: Bool {
        has(Self.toolRows) && rounds >= Self.roundsDefault && tools == Tool.allCases
            && imageSize == Self.imageSizeDefault
    }

    /// The workloads that fill the wanted rows.
    var workloads: [any Workload] {
        allWorkloads().filter { workload in rows.isEmpty || workload.rows.contains { rows.contains($0.name) } }
    }

    /// The same of the command line.
    var toolWorkloads: [any ToolWorkload] {
        allToolWorkloads().filter { workload in rows.isEmpty || workload.rows.contains { rows.contains($0.name) } }
    }

    private func has(_ all: [String]) -> Bool {
        rows.isEmpty || rows.isSuperset(of: all)
    }

    /// The rows that a name stands for.
    private static func rows(_ name: String) -> [String] {
        switch name {
        case "server": serverRows
        case "commands": toolRows
        default: [name]
        }
    }

    private static func number(_ text: String, in range: ClosedRange<Int>, for name: String) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw Failure("\(name) takes \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func choice<Choice: RawRepresentable<String>>(_ text: Substring) throws -> Choice {
        guard let choice = Choice(rawValue: String(text)) else { throw Failure("unknown \(text)\n\(usage)") }
        return choice
    }
}
