/// What the command line asks for.
struct Options {
    static let usage = """
        Usage: Benchmarks/run [--rounds N] [--only ROW,…] [--parties ours,peer,nginx]
        Rows: \(allWorkloads().flatMap(\.rows).map(\.name).joined(separator: " "))
        A run of all rows, all parties and five rounds or more writes its table into Documentation/benchmarks.md.
        """
    private static let roundsDefault = 5

    var rounds = Options.roundsDefault
    var rows: Set<String> = []
    var parties = Party.allCases
    /// Given by the script: our binary and its commit, the page to write, a folder that is removed after the run.
    var program = ""
    var commit = ""
    var page = ""
    var folder = ""

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure("\(name) needs a value\n\(Self.usage)") }
            switch name {
            case "--rounds": rounds = try Self.rounds(value)
            case "--only": rows.formUnion(value.split(separator: ",").map(String.init))
            case "--parties": parties = try value.split(separator: ",").map(Self.party)
            case "--program": program = value
            case "--commit": commit = value
            case "--page": page = value
            case "--folder": folder = value
            default: throw Failure("unknown option \(name)\n\(Self.usage)")
            }
        }
        let unknown = rows.subtracting(allWorkloads().flatMap(\.rows).map(\.name))
        guard unknown.isEmpty else { throw Failure("unknown rows \(unknown.sorted())\n\(Self.usage)") }
    }

    /// Whether the table is worth keeping.
    var isComplete: Bool {
        rows.isEmpty && rounds >= Self.roundsDefault && parties == Party.allCases
    }

    /// The workloads that fill the wanted rows.
    var workloads: [any Workload] {
        allWorkloads().filter { workload in rows.isEmpty || workload.rows.contains { rows.contains($0.name) } }
    }

    private static func rounds(_ text: String) throws -> Int {
        guard let rounds = Int(text), (1...100).contains(rounds) else { throw Failure("--rounds takes 1 to 100") }
        return rounds
    }

    private static func party(_ text: Substring) throws -> Party {
        guard let party = Party(rawValue: String(text)) else { throw Failure("unknown party \(text)") }
        return party
    }
}
