import Foundation

/// What was measured, where and when, as lines of text.
enum Machine {
    static func description(program: String, commit: String, rounds: Int, output: String) -> String {
        let versions = [
            "wharf \(commit)",
            version(["docker-registry", "--version"], output),
            version(["nginx", "-v"], output),
            version(["curl", "--version"], output),
            version(["skopeo", "--version"], output),
        ]
        let processors = lines("/proc/cpuinfo").filter { $0.hasPrefix("model name") }
        let model = processors.first?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
        let kernel = lines("/proc/sys/kernel/osrelease").first ?? "unknown"
        let memory = ProcessInfo.processInfo.physicalMemory >> 30
        let date = Date().formatted(.iso8601.year().month().day())
        return """
            Machine: \(model), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(memory) GiB of memory, \
            Linux \(kernel).
            Date: \(date). Medians of \(rounds) rounds.
            Versions: \(versions.joined(separator: "; ")).
            """
    }

    /// The first line that a program prints of itself, without the words around the version.
    private static func version(_ arguments: [String], _ output: String) -> String {
        guard let process = try? ChildProcess(arguments, output: output) else { return "\(arguments[0]) unknown" }
        try? process.waitForSuccess()
        let words = lines(output).first?.split(whereSeparator: { " /".contains($0) }) ?? []
        let number = words.first { $0.drop { $0 == "v" }.first?.isNumber == true }
        return "\(arguments[0]) \(number ?? "unknown")"
    }

    private static func lines(_ path: String) -> [String] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }
}
