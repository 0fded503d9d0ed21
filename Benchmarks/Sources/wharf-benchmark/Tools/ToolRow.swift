import Foundation

/// One line of the table of tools: what is done, and what it should take.
struct ToolRow {
    /// In what a time is shown.
    enum Unit: String {
        case seconds = "s"
        case milliseconds = "ms"

        func text(_ seconds: Double) -> String {
            "\(short(self == .seconds ? seconds : seconds * 1000)) \(rawValue)"
        }
    }

    /// What `--only` takes.
    var name: String
    var work: String
    var unit: Unit
    /// The most wall time and CPU, as parts of what skopeo takes.
    var wallRatioMax: Double?
    var cpuRatioMax: Double?
    /// The most wall time in milliseconds, and the most memory in MiB.
    var millisecondsMax: Double?
    var memoryMax: Double?
}

/// The rows of tools with their medians.
struct ToolTable {
    private static let titles = [
        "work", "wharf", "skopeo", "ratio", "CPU wharf", "CPU skopeo", "ratio", "memory wharf", "memory skopeo",
        "target", "met",
    ]

    private var grid = Grid(titles: ToolTable.titles)

    /// Adds a row; a tool without runs was not measured.
    mutating func add(_ row: ToolRow, _ runs: [Tool: [ToolRun]]) {
        let medians = runs.filter { !$0.value.isEmpty }.mapValues(ToolRun.init(medianOf:))
        let tools = Tool.allCases.map { medians[$0] }
        var line = [row.work]
        line += tools.map { $0.map { row.unit.text($0.wall) } ?? "-" }
        line.append(Self.ratio(medians, \.wall).map(short) ?? "-")
        line += tools.map { $0.map { row.unit.text($0.cpu) } ?? "-" }
        line.append(Self.ratio(medians, \.cpu).map(short) ?? "-")
        line += tools.map { $0.map { "\(short($0.memory)) MiB" } ?? "-" }
        let verdicts = Self.verdicts(row, medians)
        line.append(verdicts.map(\.target).joined(separator: ", "))
        let missed = verdicts.filter { $0.isMet == false }.map(\.target)
        let isKnown = !verdicts.isEmpty && !verdicts.contains { $0.isMet == nil }
        line.append(missed.isEmpty ? (isKnown ? "yes" : "-") : "MISSED: " + missed.joined(separator: ", "))
        grid.add(line)
    }

    var text: String { grid.text }

    private static func ratio(_ medians: [Tool: ToolRun], _ figure: KeyPath<ToolRun, Double>) -> Double? {
        guard let ours = medians[.wharf], let other = medians[.skopeo] else { return nil }
        return ours[keyPath: figure] / other[keyPath: figure]
    }

    /// Each target with whether it is reached; nil where what it is measured against is missing.
    private static func verdicts(_ row: ToolRow, _ medians: [Tool: ToolRun]) -> [(target: String, isMet: Bool?)] {
        let ours = medians[.wharf]
        let targets: [(limit: Double?, value: Double?, before: String, after: String)] = [
            (row.wallRatioMax, ratio(medians, \.wall), "", " x skopeo"),
            (row.cpuRatioMax, ratio(medians, \.cpu), "CPU ", " x skopeo"),
            (row.millisecondsMax, ours.map { $0.wall * 1000 }, "", " ms"),
            (row.memoryMax, ours?.memory, "memory ", " MiB"),
        ]
        return targets.compactMap { target in
            target.limit.map { limit in
                let text = "\(target.before)at most \(String(format: "%g", limit))\(target.after)"
                return (text, target.value.map { $0 <= limit })
            }
        }
    }
}
