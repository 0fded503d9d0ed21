public import AdminModel
import Outgoing

/// Jobs, and when which are put by themselves.
extension AdminClient {
    /// Jobs, the newest first: of a kind, in a state, or all.
    public func jobs(kind: String? = nil, state: String? = nil) -> AdminPages<Job> {
        pages("jobs", query: [("kind", kind), ("state", state)])
    }

    /// A job.
    public func job(_ id: Int64) async throws -> Job {
        try await value(Call(.get, ["jobs", "\(id)"]))
    }

    /// What a job said, the oldest line first; with the number of a line what was said after it.
    public func jobLog(of id: Int64, after number: Int64? = nil) -> AdminPages<JobLine> {
        AdminPages(client: self, call: Call(.get, ["jobs", "\(id)", "log"]), start: number.map { "\($0)" })
    }

    /// Has a job done.
    public func run(_ job: NewJob) async throws -> MadeJob {
        try await value(Call(.post, ["jobs"], body: Self.encoded(job)))
    }

    /// Ends a job: at once where it waits, soon where it runs.
    public func cancelJob(_ id: Int64) async throws -> Job {
        try await value(Call(.post, ["jobs", "\(id)", "cancel"]))
    }

    /// Has a job wait until it is resumed.
    public func pauseJob(_ id: Int64) async throws -> Job {
        try await value(Call(.post, ["jobs", "\(id)", "pause"]))
    }

    /// Has a job go on that was paused.
    public func resumeJob(_ id: Int64) async throws -> Job {
        try await value(Call(.post, ["jobs", "\(id)", "resume"]))
    }

    /// What jobs can do, by name.
    public func jobKinds() -> AdminPages<KnownJobKind> { pages("job-kinds") }

    /// When which jobs are put by themselves, by name.
    public func jobSchedules() -> AdminPages<JobSchedule> { pages("job-schedules") }

    /// Pauses a schedule, or has it go on.
    public func changeJobSchedule(_ name: String, _ change: JobScheduleChange) async throws -> JobSchedule {
        try await value(Call(.patch, ["job-schedules", name], body: Self.encoded(change)))
    }
}
