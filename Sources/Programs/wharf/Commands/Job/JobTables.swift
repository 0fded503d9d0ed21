import AdminModel

extension Job: TableRow {
    static let columns = ["ID", "KIND", "STATE", "PROGRESS", "CREATED", "BY", "ENDED", "OUTCOME"]
    var cells: [String] {
        [
            "\(id)", kind, standing, progress, createdAt.short, createdBy, endedAt.short(else: "-"), outcome ?? "-",
        ]
    }

    /// The state, and what is asked of it.
    fileprivate var standing: String {
        switch wish {
        case "cancel": "\(state), cancelled soon"
        case "pause": "\(state), paused soon"
        default: state
        }
    }

    /// Such as `12/40 uploads`.
    fileprivate var progress: String {
        guard done > 0 || total != nil else { return "-" }
        let count = total.map { "\(done)/\($0)" } ?? "\(done)"
        return unit.map { "\(count) \($0)" } ?? count
    }
}

/// A job with all that is known of it; as a document it is the job.
struct JobDetails: Encodable, TableRow {
    let job: Job

    init(_ job: Job) {
        self.job = job
    }

    func encode(to encoder: any Encoder) throws {
        try job.encode(to: encoder)
    }

    static let columns = [
        "ID", "KIND", "ARGUMENTS", "STATE", "PROGRESS", "PRIORITY", "ATTEMPTS", "CREATED", "BY", "DUE", "STARTED",
        "SERVER", "ENDED", "OUTCOME",
    ]
    var cells: [String] {
        [
            "\(job.id)", job.kind, job.arguments.short, job.standing, job.progress, job.priority,
            "\(job.attempts) of \(job.attemptMax)", job.createdAt.short, job.createdBy, job.dueAt.short,
            job.startedAt.short(else: "-"), job.runner ?? "-", job.endedAt.short(else: "-"), job.outcome ?? "-",
        ]
    }
}

extension KnownJobKind: TableRow {
    static let columns = ["KIND", "ARGUMENTS", "PRIORITY", "WHAT IT DOES"]
    var cells: [String] {
        [name, arguments.isEmpty ? "-" : arguments.joined(separator: ", "), priority, title]
    }
}

extension JobSchedule: TableRow {
    static let columns = ["NAME", "KIND", "ARGUMENTS", "WHEN", "ZONE", "STATE", "NEXT", "LAST JOB"]
    var cells: [String] {
        [
            name, kind, arguments.short, cron, zone, isPaused ? "paused" : "on", isPaused ? "-" : nextAt.short,
            lastJob.map { "\($0)" } ?? "-",
        ]
    }
}

extension JobLine {
    /// The line with its time, and with its level where that is worth a word.
    var sentence: String {
        "\(at.short) \(level == "info" ? "" : "\(level): ")\(ShownText.line(text))"
    }
}

extension [String: String] {
    /// Such as `older-than=30d`.
    fileprivate var short: String {
        isEmpty ? "-" : sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
