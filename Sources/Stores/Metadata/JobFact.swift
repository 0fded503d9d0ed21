/// How far a job has come.
public enum JobState: String, Hashable, Sendable, CaseIterable {
    /// It waits until it is due and somebody has room for it.
    case queued
    /// Somebody runs it.
    case running
    /// It rests until somebody lets it go on.
    case paused
    /// It has done what it was for.
    case succeeded
    /// It has not, and is not tried again.
    case failed
    /// Somebody has ended it.
    case cancelled

    /// Whether nothing more becomes of it.
    public var isEnded: Bool {
        switch self {
        case .queued, .running, .paused: false
        case .succeeded, .failed, .cancelled: true
        }
    }
}

/// Which of the jobs that are due is run first.
public enum JobPriority: Int64, Hashable, Sendable, CaseIterable, Comparable {
    /// Before all others.
    case high = 0
    /// In its turn.
    case normal = 1
    /// When nothing else waits.
    case low = 2

    /// The one that is run first is the smaller.
    public static func < (left: JobPriority, right: JobPriority) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What the one that runs a job is asked to do with it.
public enum JobWish: String, Hashable, Sendable {
    /// To end it.
    case cancel
    /// To let it rest.
    case pause
}

/// A job that is wanted.
public struct JobOrder: Hashable, Sendable {
    /// What is to be done, such as `uploads.sweep`.
    public var kind: String
    /// What it is to be done with: an object of JSON.
    public var arguments: String
    /// What it is run before.
    public var priority: JobPriority
    /// What no two unfinished jobs share; nil where it does not matter.
    public var key: String?
    /// How often it is tried.
    public var attemptMax: Int
    /// How long from now it becomes due.
    public var delay: Duration
    /// Who wants it, such as `user:alice`; `schedule:NAME` where it was its time.
    public var createdBy: String

    /// Describes a job.
    public init(
        kind: String,
        arguments: String = "{}",
        priority: JobPriority = .normal,
        key: String? = nil,
        attemptMax: Int = 3,
        delay: Duration = .zero,
        createdBy: String
    ) {
        self.kind = kind
        self.arguments = arguments
        self.priority = priority
        self.key = key
        self.attemptMax = attemptMax
        self.delay = delay
        self.createdBy = createdBy
    }
}

/// How much of a job is done.
public struct JobProgress: Hashable, Sendable {
    /// How much is done.
    public var done: Int64
    /// How much there is; nil while nobody knows.
    public var total: Int64?
    /// What is counted, such as `blobs`; nil where it needs no name.
    public var unit: String?

    /// States it.
    public init(done: Int64 = 0, total: Int64? = nil, unit: String? = nil) {
        (self.done, self.total, self.unit) = (done, total, unit)
    }
}

/// A job as the database has it; every moment is one of the database's clock.
public struct JobFact: Hashable, Sendable {
    /// Its number, in the order in which jobs were wanted.
    public var id: Int64
    /// What is done.
    public var kind: String
    /// What it is done with: an object of JSON.
    public var arguments: String
    /// What it is run before.
    public var priority: JobPriority
    /// How far it has come.
    public var state: JobState
    /// What no other unfinished job has.
    public var key: String?
    /// How often it was begun, those times apart that were no fault of its own.
    public var attempts: Int
    /// How often it is tried.
    public var attemptMax: Int
    /// When it may be run.
    public var dueAt: Timestamp
    /// When it was wanted.
    public var createdAt: Timestamp
    /// Who wanted it.
    public var createdBy: String
    /// When it was first begun.
    public var startedAt: Timestamp?
    /// When it ended.
    public var endedAt: Timestamp?
    /// Who runs it.
    public var runner: String?
    /// Until when nobody else does.
    public var leaseUntil: Timestamp?
    /// What whoever writes about it must name.
    public var fence: Int64
    /// What its runner is asked to do with it.
    public var wish: JobWish?
    /// Where it goes on when it is run again, as JSON; nil at its beginning, and always in a list of jobs.
    public var checkpoint: String?
    /// How much of it is done.
    public var progress: JobProgress
    /// What came of it, or why it failed the last time: one line.
    public var outcome: String?

    /// The most bytes that arguments have.
    public static let argumentByteCountMax = 16 << 10
    /// The most bytes that a checkpoint has.
    public static let checkpointByteCountMax = 64 << 10
    /// The most bytes that an outcome has; what is longer is cut.
    public static let outcomeByteCountMax = 2 << 10
}

/// A line of a job's log.
public struct JobLogLine: Hashable, Sendable {
    /// How grave it is.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        /// What was done.
        case info
        /// Something that is to be looked at.
        case warning
        /// Something that went wrong.
        case error
    }

    /// Its number, from 1.
    public var number: Int64
    /// When it was written.
    public var at: Timestamp
    /// How grave it is.
    public var level: Level
    /// What it says.
    public var text: String

    /// The most lines that a job has; the oldest go.
    public static let countMax: Int64 = 1000
    /// The most bytes that a line has; what is longer is cut.
    public static let byteCountMax = 2 << 10

    /// States a line.
    public init(number: Int64, at moment: Timestamp, level: Level, text: String) {
        (self.number, at, self.level, self.text) = (number, moment, level, text)
    }
}

/// Which jobs are wanted; a field that is nil picks nothing out.
public struct JobSearch: Hashable, Sendable {
    /// Jobs of this kind.
    public var kind: String?
    /// Jobs in this state.
    public var state: JobState?

    /// Describes what is wanted.
    public init(kind: String? = nil, state: JobState? = nil) {
        (self.kind, self.state) = (kind, state)
    }
}

/// When jobs of a kind are put into the queue by themselves.
public struct JobScheduleFact: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What is done.
    public var kind: String
    /// What it is done with: an object of JSON.
    public var arguments: String
    /// When: the five fields of cron, or `@every` and a number of seconds.
    public var cron: String
    /// The time zone of these fields, such as `Europe/Berlin`.
    public var zone: String
    /// Whether it rests.
    public var isPaused: Bool
    /// When it is next its time.
    public var nextAt: Timestamp
    /// The last job that it has put; nil before the first.
    public var lastJob: Int64?

    /// Describes a schedule.
    public init(
        name: String,
        kind: String,
        arguments: String = "{}",
        cron: String,
        zone: String,
        isPaused: Bool = false,
        nextAt: Timestamp,
        lastJob: Int64? = nil
    ) {
        self.name = name
        self.kind = kind
        self.arguments = arguments
        self.cron = cron
        self.zone = zone
        self.isPaused = isPaused
        self.nextAt = nextAt
        self.lastJob = lastJob
    }
}
