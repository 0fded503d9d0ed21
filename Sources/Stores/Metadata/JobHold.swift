/// The right to write about a job that somebody runs: it ends when another claims the job, or changes what it is.
public struct JobHold: Hashable, Sendable {
    /// The job.
    public var id: Int64
    /// What the job's fence was when it was claimed.
    public var fence: Int64

    /// Names a right.
    public init(id: Int64, fence: Int64) {
        (self.id, self.fence) = (id, fence)
    }
}

extension JobFact {
    /// The right of who has just claimed it.
    public var hold: JobHold { JobHold(id: id, fence: fence) }
}

/// What became of a job whose time was to be made longer.
public enum JobRenewal: Hashable, Sendable {
    /// It is still the caller's, who may be asked to do something with it.
    case held(wish: JobWish?)
    /// It is not: nothing more is to be written about it.
    case lost
}

/// What there is to do for those who run jobs.
public struct DueWork: Hashable, Sendable {
    /// A job is due of a kind that was asked for.
    public var hasJob: Bool
    /// A job runs whose time is over.
    public var hasEndedLease: Bool
    /// The time of a schedule has come that puts jobs of such a kind.
    public var hasSchedule: Bool

    /// States it.
    public init(hasJob: Bool, hasEndedLease: Bool, hasSchedule: Bool) {
        (self.hasJob, self.hasEndedLease, self.hasSchedule) = (hasJob, hasEndedLease, hasSchedule)
    }
}
