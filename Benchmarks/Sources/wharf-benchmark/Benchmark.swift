import Foundation

/// Measures the registry and the command line side by side with others, and prints a table of each.
@main
enum Benchmark {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        do {
            if arguments.first == RunCounter.option { return try RunCounter.main(arguments.dropFirst()) }
            Interruption.install()
            try run(Options(Array(arguments)))
        } catch {
            report("benchmark: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) throws {
        let stage = try Stage(
            folder: options.folder,
            program: options.program,
            imageByteCount: options.imageSize << 20
        )
        let start = Clock.now
        var texts: [(place: Page.Place, text: String, isComplete: Bool)] = []
        if !options.workloads.isEmpty {
            texts.append((.server, try serverTable(options, stage), options.isServerComplete))
        }
        if !options.toolWorkloads.isEmpty {
            texts.append((.tools, try toolTable(options, stage), options.isToolComplete))
        }
        let machine = Machine.description(
            program: options.program,
            commit: options.commit,
            rounds: options.rounds,
            output: stage.outputPath
        )
        print(machine, texts.map(\.text).joined(separator: "\n"), separator: "\n\n", terminator: "")
        report("took \(short((Clock.now - start) / 60)) minutes")
        for (place, text, isComplete) in texts where isComplete {
            try Page(path: options.page).replaceTable(place, with: "\n\(machine)\n\n\(text)\n")
            report("wrote the table of the \(place.rawValue) into \(options.page)")
        }
    }

    // MARK: Servers

    private static func serverTable(_ options: Options, _ stage: Stage) throws -> String {
        var table = Table()
        for workload in options.workloads {
            let samples = try measure(workload, options, stage)
            for row in workload.rows { table.add(row, samples[row.name] ?? [:]) }
        }
        return table.text
    }

    private static func measure(
        _ workload: any Workload,
        _ options: Options,
        _ stage: Stage
    ) throws -> [String: [Party: [Sample]]] {
        try inRounds(options.rounds, workload.parties.filter(options.parties.contains)) { round, party in
            if party == .peer, round > workload.peerRoundsMax { return [:] }
            let measured = try workload.measure(party, on: stage)
            for row in workload.rows {
                if let sample = measured[row.name] { progress(round, party, row, sample) }
            }
            return measured
        }
    }

    private static func progress(_ round: Int, _ party: Party, _ row: Row, _ sample: Sample) {
        let figure = row.figure.text(row.figure.value(of: sample))
        let cpu = row.cpu.text(sample.serverCPU / sample.operations)
        let client = row.cpu.text(sample.clientCPU / sample.operations)
        report("round \(round), \(party.rawValue), \(row.name): \(figure), CPU \(cpu), client \(client)")
    }

    // MARK: Tools

    private static func toolTable(_ options: Options, _ stage: Stage) throws -> String {
        var table = ToolTable()
        for workload in options.toolWorkloads {
            let runs = try measure(workload, options, stage)
            for row in workload.rows { table.add(row, runs[row.name] ?? [:]) }
        }
        return table.text
    }

    private static func measure(
        _ workload: any ToolWorkload,
        _ options: Options,
        _ stage: Stage
    ) throws -> [String: [Tool: [ToolRun]]] {
        try inRounds(options.rounds, options.tools) { round, tool in
            let measured = try workload.measure(tool, on: stage)
            for row in workload.rows {
                if let run = measured[row.name] { progress(round, tool, row, run) }
            }
            return measured
        }
    }

    private static func progress(_ round: Int, _ tool: Tool, _ row: ToolRow, _ run: ToolRun) {
        let figures = "\(row.unit.text(run.wall)), CPU \(row.unit.text(run.cpu)), memory \(short(run.memory)) MiB"
        report("round \(round), \(tool.rawValue), \(row.name): \(figures)")
    }

    // MARK: Both

    /// All rounds of a workload, each with one program after the other: what disturbs the machine disturbs all.
    private static func inRounds<Program: Hashable, Result>(
        _ count: Int,
        _ programs: [Program],
        _ measure: (_ round: Int, Program) throws -> [String: Result]
    ) rethrows -> [String: [Program: [Result]]] {
        var results: [String: [Program: [Result]]] = [:]
        for round in 1...count {
            for program in programs {
                for (row, result) in try measure(round, program) {
                    results[row, default: [:]][program, default: []].append(result)
                }
            }
        }
        return results
    }

    private static func report(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
