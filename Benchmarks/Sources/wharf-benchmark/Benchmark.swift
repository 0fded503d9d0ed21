import Foundation

/// Measures the registry side by side with its peers, and prints one table.
@main
enum Benchmark {
    static func main() {
        Interruption.install()
        do {
            try run(Options(Array(CommandLine.arguments.dropFirst())))
        } catch {
            report("benchmark: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) throws {
        let stage = try Stage(folder: options.folder, program: options.program)
        let workloads = options.workloads
        let start = Clock.now
        var table = Table()
        for workload in workloads {
            let samples = try measure(workload, options, stage)
            for row in workload.rows { table.add(row, samples[row.name] ?? [:]) }
        }
        let machine = Machine.description(
            program: options.program,
            commit: options.commit,
            rounds: options.rounds,
            output: stage.outputPath
        )
        print(machine, table.text, separator: "\n\n", terminator: "")
        report("took \(short((Clock.now - start) / 60)) minutes")
        guard options.isComplete else { return }
        try Page(path: options.page).replaceTable(with: "\n\(machine)\n\n\(table.text)\n")
        report("wrote \(options.page)")
    }

    /// All rounds of a workload, each with one party after the other: what disturbs the machine disturbs all.
    private static func measure(
        _ workload: any Workload,
        _ options: Options,
        _ stage: Stage
    ) throws -> [String: [Party: [Sample]]] {
        var samples: [String: [Party: [Sample]]] = [:]
        for round in 1...options.rounds {
            for party in workload.parties where options.parties.contains(party) {
                if party == .peer, round > workload.peerRoundsMax { continue }
                let measured = try workload.measure(party, on: stage)
                for row in workload.rows {
                    guard let sample = measured[row.name] else { continue }
                    samples[row.name, default: [:]][party, default: []].append(sample)
                    progress(round, party, row, sample)
                }
            }
        }
        return samples
    }

    private static func progress(_ round: Int, _ party: Party, _ row: Row, _ sample: Sample) {
        let figure = row.figure.text(row.figure.value(of: sample))
        let cpu = row.cpu.text(sample.serverCPU / sample.operations)
        let client = row.cpu.text(sample.clientCPU / sample.operations)
        report("round \(round), \(party.rawValue), \(row.name): \(figure), CPU \(cpu), client \(client)")
    }

    private static func report(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
