import Foundation
import Synchronization

/// What one run of a program took.
struct ToolRun {
    /// Seconds from its start to its end.
    var wall: Double
    /// Seconds of user and system time, of the program and of those that it started.
    var cpu: Double
    /// The largest resident memory, in MiB.
    var memory: Double

    /// The middle of some runs, each figure for itself.
    init(medianOf runs: [ToolRun]) {
        wall = runs.map(\.wall).median
        cpu = runs.map(\.cpu).median
        memory = runs.map(\.memory).median
    }

    fileprivate init?(line: Substring) {
        let numbers = line.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3 else { return nil }
        (wall, cpu, memory) = (numbers[0], numbers[1], numbers[2])
    }
}

extension Stage {
    /// Runs a command so many times, one after the other, on a machine without logins and settings of its user.
    func run(_ command: [String], times: Int = 1) throws -> [ToolRun] {
        try Interruption.check()
        let home = try makeFolder()
        let report = home + "/report"
        let arguments = [CommandLine.arguments[0], RunCounter.option, "\(times)", report] + command
        // What was written before must not be on its way to the disk while this is timed.
        sync()
        do {
            try ChildProcess(arguments, environment: ["HOME=\(home)"], output: outputPath).waitForSuccess()
        } catch {
            let output = (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? ""
            let tail = output.split(separator: "\n").suffix(5).joined(separator: "\n")
            throw Failure("\(command.joined(separator: " ")): \(error)\n\(tail)")
        }
        let runs = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n").compactMap(ToolRun.init)
        guard runs.count == times else { throw Failure("\(runs.count) runs of \(times) were measured") }
        return runs
    }
}

/// This program as the parent of the programs that are measured.
///
/// The kernel counts what a process had in memory before it became another program, so that with the payload in memory
/// each program would seem to need as much. This parent has none.
enum RunCounter {
    /// Followed by how many runs there are, the file to write, and the command.
    static let option = "--count-runs"

    private static let running = Atomic<pid_t>(0)

    /// Runs the command, and writes a line for each run: seconds, seconds of CPU, MiB.
    static func main(_ arguments: ArraySlice<String>) throws {
        guard let times = arguments.first.flatMap({ Int($0) }), let report = arguments.dropFirst().first else {
            throw Failure("\(option) is for this program itself")
        }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                let child = RunCounter.running.load(ordering: .relaxed)
                if child > 0 { kill(child, number) }
            }
        }
        let command = Array(arguments.dropFirst(2))
        let lines = try (0..<times).map { _ in try run(command) }
        try lines.joined(separator: "\n").write(toFile: report, atomically: false, encoding: .utf8)
    }

    private static func run(_ command: [String]) throws -> String {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let start = Clock.now
        let failure = posix_spawnp(&child, command[0], nil, nil, &arguments, environ)
        guard failure == 0 else { throw Failure("\(command[0]): \(String(cString: strerror(failure)))") }
        running.store(child, ordering: .relaxed)
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) != child {
            guard errno == EINTR else { throw Failure.system("wait4") }
        }
        let wall = Clock.now - start
        running.store(0, ordering: .relaxed)
        guard status == 0 else { throw Failure("\(command[0]) failed with status \(status)") }
        return "\(wall) \(usage.seconds) \(Double(usage.ru_maxrss) / 1024)"
    }
}
