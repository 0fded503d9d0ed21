/// Work that lasts, for those who do it.
///
/// What one of them writes names its ``JobHold``, and is not written where that has ended.
extension Facts {
    /// How many jobs whose time is over one claim takes back.
    private static let takenBackMax = 10

    /// What there is to do for somebody who knows these kinds of jobs.
    public func dueWork(kinds: [String]) throws -> DueWork {
        guard let row = try row(Statements.dueWork, .list(kinds)) else {
            throw MetadataError(.corrupt, "the database does not say what is due")
        }
        return DueWork(
            hasJob: try row.integer(0) != 0,
            hasEndedLease: try row.integer(1) != 0,
            hasSchedule: try row.integer(2) != 0
        )
    }

    /// Claims the next job that is due of some kinds, for a time; nil when there is none.
    ///
    /// Jobs whose time is over are taken back before: they are due again, or have failed too often. Without `takesLow`
    /// those of low priority are left to others.
    public func claimJob(
        kinds: [String],
        runner: String,
        lease: Duration,
        takesLow: Bool = true
    ) throws -> JobFact? {
        try takeBackJobs(limit: Self.takenBackMax)
        return try row(
            Statements.claimJob,
            .text(runner),
            .integer(lease.inMicroseconds),
            .list(kinds),
            .integer(takesLow ? 1 : 0)
        ).map { try $0.job() }
    }

    /// Takes back at most `limit` jobs whose time is over; how many.
    @discardableResult
    public func takeBackJobs(limit: Int) throws -> Int {
        let ids = try rows(Statements.endedLeases, .count(limit)).map { try $0.integer(0) }
        for id in ids {
            guard let job = try job(id) else { continue }
            try note("\(job.runner ?? "its program") has not been heard of, and does not run it any more", about: id)
            switch job.wish {
            case .cancel: try endJob(id, as: .cancelled, outcome: "cancelled")
            case .pause: try moveJob(id, to: .paused, uncounting: 1)
            case nil where job.attempts >= job.attemptMax:
                let times = job.attempts == 1 ? "once" : "\(job.attempts) times"
                try endJob(id, as: .failed, outcome: "its program ended \(times) while it ran")
            case nil: try moveJob(id, to: .queued)
            }
        }
        return ids.count
    }

    /// Makes the time of a job longer, from now.
    public func renewJob(_ hold: JobHold, lease: Duration) throws -> JobRenewal {
        let row = try row(
            Statements.renewJob,
            .integer(hold.id),
            .integer(hold.fence),
            .integer(lease.inMicroseconds)
        )
        guard let row else { return .lost }
        return .held(wish: try row.optionalText(0) == nil ? nil : try row.value(0, JobWish.init(rawValue:)))
    }

    /// Records how far a job has come, and where it goes on if that is not nil; false when it is not the caller's.
    ///
    /// Throws ``MetadataError/Code/constraint`` for a checkpoint that is too long.
    public func saveJob(_ hold: JobHold, checkpoint: String?, progress: JobProgress) throws -> Bool {
        if let checkpoint, checkpoint.utf8.count > JobFact.checkpointByteCountMax {
            throw MetadataError(
                .constraint,
                "the checkpoint of a job has at most \(JobFact.checkpointByteCountMax) bytes"
            )
        }
        return try run(
            Statements.saveJob,
            .integer(hold.id),
            .integer(hold.fence),
            .optional(checkpoint),
            .integer(progress.done),
            progress.total.map(SQLValue.integer) ?? .null,
            .optional(progress.unit)
        ) > 0
    }

    /// Writes a line into the log of a job; false when it is not the caller's.
    public func appendLog(_ hold: JobHold, level: JobLogLine.Level = .info, _ text: String) throws -> Bool {
        guard try heldJob(hold) != nil else { return false }
        try note(text, level: level, about: hold.id)
        return true
    }

    /// Ends a job that has done what it was for; false when it is not the caller's.
    public func succeedJob(_ hold: JobHold, outcome: String) throws -> Bool {
        guard try heldJob(hold) != nil else { return false }
        try endJob(hold.id, as: .succeeded, outcome: outcome)
        return true
    }

    /// Records that a job has failed: it is tried again after some time, unless that is nil, or it was tried often
    /// enough, or somebody wants it otherwise.
    ///
    /// Returns the state that it is in now; nil when it is not the caller's.
    public func failJob(_ hold: JobHold, _ error: String, retryAfter: Duration?) throws -> JobState? {
        guard let job = try heldJob(hold) else { return nil }
        try note(error, level: .error, about: job.id)
        guard job.wish != .cancel else {
            try endJob(job.id, as: .cancelled, outcome: "cancelled; it had failed: \(error)")
            return .cancelled
        }
        guard let retryAfter, job.attempts < job.attemptMax else {
            try endJob(job.id, as: .failed, outcome: error)
            return .failed
        }
        let state: JobState = job.wish == .pause ? .paused : .queued
        try moveJob(job.id, to: state, after: retryAfter, outcome: error)
        return state
    }

    /// Gives a job back that was stopped before it had ended: ended or at rest where somebody wants that, else queued.
    ///
    /// That it was begun does not count.
    /// Returns the state that it is in now; nil when it is not the caller's.
    public func yieldJob(_ hold: JobHold) throws -> JobState? {
        guard let job = try heldJob(hold) else { return nil }
        switch job.wish {
        case .cancel:
            try endJob(job.id, as: .cancelled, outcome: "cancelled")
            try note("it has ended", about: job.id)
            return .cancelled
        case .pause:
            try moveJob(job.id, to: .paused, uncounting: 1)
            try note("it rests", about: job.id)
            return .paused
        case nil:
            try moveJob(job.id, to: .queued, uncounting: 1)
            try note("its program ends, and gives it back", about: job.id)
            return .queued
        }
    }

    /// Forgets at most `limit` jobs that ended longer ago than a time, or that more than `countMax` have followed; how
    /// many.
    public func deleteOldJobs(keeping time: Duration, countMax: Int, limit: Int) throws -> Int {
        var ids = try rows(Statements.jobsEndedFor, .integer(time.inMicroseconds), .count(limit))
        if ids.isEmpty { ids = try rows(Statements.jobsEndedBeyond, .count(countMax), .count(limit)) }
        for id in ids { try post(Statements.deleteJob, .integer(id.integer(0))) }
        return ids.count
    }

    // MARK: The steps of these

    /// A job that is the caller's; nil when it is not.
    private func heldJob(_ hold: JobHold) throws -> JobFact? {
        guard let job = try job(hold.id), job.fence == hold.fence, job.state == .running else { return nil }
        return job
    }

    /// Ends a job.
    func endJob(_ id: Int64, as state: JobState, outcome: String) throws {
        try run(
            Statements.endJob,
            .integer(id),
            .text(state.rawValue),
            .text(outcome.inOneLine(byteCountMax: JobFact.outcomeByteCountMax))
        )
    }

    /// Brings a job into a state in which nobody runs it and from which it may be run, some time from now.
    func moveJob(
        _ id: Int64,
        to state: JobState,
        after delay: Duration = .zero,
        uncounting attempts: Int = 0,
        outcome: String? = nil
    ) throws {
        try run(
            Statements.moveJob,
            .integer(id),
            .text(state.rawValue),
            .integer(delay.inMicroseconds),
            .count(attempts),
            .optional(outcome?.inOneLine(byteCountMax: JobFact.outcomeByteCountMax))
        )
    }

    /// Writes a line into the log of a job, which must be there.
    func note(_ text: String, level: JobLogLine.Level = .info, about id: Int64) throws {
        let row = try row(
            Statements.insertJobLogLine,
            .integer(id),
            .text(level.rawValue),
            .text(text.inOneLine(byteCountMax: JobLogLine.byteCountMax))
        )
        guard let number = try row?.integer(0), number > JobLogLine.countMax else { return }
        try run(Statements.deleteJobLogLines, .integer(id), .integer(number - JobLogLine.countMax))
    }
}

extension SQLValue {
    /// Kinds of jobs as the statements take them.
    static func list(_ kinds: [String]) -> SQLValue {
        .text(" \(kinds.joined(separator: " ")) ")
    }
}

extension String {
    /// The text in one line of at most so many bytes, without what ends a text in a database.
    fileprivate func inOneLine(byteCountMax: Int) -> String {
        var (line, byteCount) = ("", 0)
        for scalar in unicodeScalars {
            let shown: Unicode.Scalar = scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar
            byteCount += UTF8.width(shown)
            guard byteCount <= byteCountMax else { break }
            line.unicodeScalars.append(shown)
        }
        return line
    }
}
