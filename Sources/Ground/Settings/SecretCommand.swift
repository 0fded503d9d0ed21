import ChildPrograms
import Glibc

/// A program that writes a secret on its standard output.
///
/// It has nothing to read, and an environment that has only a path, a home and a language. What it writes is never
/// shown; what it says on standard error is.
struct SecretCommand {
    /// How long it may run.
    static let standardTimeMax = Duration.seconds(10)

    private let words: [String]
    private let timeMax: Duration

    init(_ words: [String], timeMax: Duration = standardTimeMax) {
        self.words = words
        self.timeMax = timeMax
    }

    /// What it writes.
    func output() throws(Secret.Problem) -> [UInt8] {
        let program = ChildProgram(
            words,
            environment: Self.environment,
            timeMax: timeMax,
            byteCountMax: Secret.byteCountMax
        )
        let ending: ChildProgram.Ending
        do throws(ChildProgram.Failure) {
            ending = try program.run()
        } catch {
            switch error {
            case .start(let reason): throw problem("cannot be started: \(reason)")
            case .output: throw problem("writes more than a secret may have (64 KiB)")
            case .time(let complaint): throw problem("did not end within \(timeMax)", complaint)
            }
        }
        guard ending.status == .exit(0) else { throw problem("\(ending.status)", ending.complaint) }
        return ending.output
    }

    private func problem(_ what: String, _ complaint: String = "") -> Secret.Problem {
        let end = complaint.isEmpty ? "" : ": " + complaint
        return Secret.Problem(description: "the command \(words.first ?? "") \(what)\(end)")
    }

    private static var environment: [String] {
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        return ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(home)", "LANG=C.UTF-8"]
    }
}
