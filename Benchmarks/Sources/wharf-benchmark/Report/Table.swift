import Foundation

/// The rows with their medians, as a table that is read as well on a terminal as in Markdown.
struct Table {
    private static let titles = [
        "work", "ours", "peer", "nginx", "CPU ours", "CPU peer", "CPU nginx", "client CPU", "ratio", "target", "met",
    ]

    private var grid = Grid(titles: Table.titles)

    /// Adds a row; a party without samples was not measured.
    mutating func add(_ row: Row, _ samples: [Party: [Sample]]) {
        let summaries = samples.compactMapValues { Summary($0, of: row) }
        let parties = Party.allCases.map { summaries[$0] }
        var line = [row.work]
        line += parties.map { $0.map { row.figure.text($0.figure) } ?? "-" }
        line += parties.map { $0.map { row.cpu.text($0.serverCPU) } ?? "-" }
        line.append(parties.map { $0.map { short($0.clientCPU * row.cpu.scale) } ?? "-" }.joined(separator: " / "))
        line.append(ratios(row, summaries))
        line.append(row.targets.map { $0.text(in: row) }.joined(separator: ", "))
        line.append(verdict(row, summaries))
        grid.add(line)
    }

    var text: String { grid.text }

    private func ratios(_ row: Row, _ summaries: [Party: Summary]) -> String {
        guard let ours = summaries[.ours] else { return "-" }
        let parts = [Party.peer, .nginx].compactMap { party in
            summaries[party].map { summary in
                let ratio = row.isAboutCPU ? ours.serverCPU / summary.serverCPU : ours.figure / summary.figure
                return "\(short(ratio)) x \(party.rawValue)"
            }
        }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    private func verdict(_ row: Row, _ summaries: [Party: Summary]) -> String {
        guard let ours = summaries[.ours] else { return "-" }
        let verdicts = row.targets.map { $0.isMet(ours: ours, nginx: summaries[.nginx], in: row) }
        let missed = zip(row.targets, verdicts).filter { $0.1 == false }.map { $0.0.text(in: row) }
        if !missed.isEmpty { return "MISSED: " + missed.joined(separator: ", ") }
        return verdicts.isEmpty || verdicts.contains(nil) ? "-" : "yes"
    }
}

/// Lines of cells below titles, laid out so that the text is also a table of Markdown.
struct Grid {
    private var lines: [[String]]

    init(titles: [String]) {
        lines = [titles]
    }

    /// Adds a line, which has as many cells as there are titles.
    mutating func add(_ line: [String]) {
        lines.append(line)
    }

    var text: String {
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        let ruler = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        let rows = lines.map { line in
            let cells = zip(line, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return ([rows[0], ruler] + rows.dropFirst()).joined(separator: "\n") + "\n"
    }
}

/// A number with three significant digits.
func short(_ value: Double) -> String {
    switch abs(value) {
    case 99.95...: String(format: "%.0f", value)
    case 9.995...: String(format: "%.1f", value)
    case 0: "0"
    case 0.0995...: String(format: "%.2f", value)
    default: String(format: "%.3f", value)
    }
}
