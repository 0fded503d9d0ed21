import AdminClient
import AdminModel

/// A job that is looked at until it ends.
struct JobFollowing {
    let client: AdminClient
    let id: Int64
    private var last: Int64?
    private var state = ""
    private var failureCount = 0

    /// How long is waited between two looks.
    private static let interval = Duration.milliseconds(500)
    /// How often in a row a look may fail, as while the server starts anew.
    private static let failureCountMax = 120

    init(client: AdminClient, id: Int64) {
        (self.client, self.id) = (client, id)
    }

    /// Gives each line that the job says, and then the job, when it has ended.
    mutating func untilEnd(_ show: (JobLine) -> Void) async throws -> Job {
        while true {
            do {
                let job = try await look(show)
                failureCount = 0
                if job.hasEnded { return job }
            } catch let failure as AdminFailure where failure.isPassing && failureCount < Self.failureCountMax {
                failureCount += 1
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// The job is asked for before its log: what it said last is there when it has ended.
    private mutating func look(_ show: (JobLine) -> Void) async throws -> Job {
        let job = try await client.job(id)
        for try await line in client.jobLog(of: id, after: last) {
            show(line)
            last = line.number
        }
        if job.state == "paused", state != job.state {
            Remark.print("The job \(id) is paused: `wharf job resume \(id)` has it go on.")
        }
        state = job.state
        return job
    }
}

extension AdminFailure {
    /// Whether the same question may be answered a little later.
    fileprivate var isPassing: Bool {
        [.noServer, .noAnswer, .tooMany, .unavailable].contains(code)
    }
}
