/// Work that lasts, as it stands in the queue.
public struct Job: Codable, Hashable, Sendable {
    /// The number of the job; later ones have higher ones.
    public var id: Int64
    /// What it does, such as `uploads.sweep`.
    public var kind: String
    /// What it was asked with.
    public var arguments: [String: String]
    /// `high`, `normal` or `low`.
    public var priority: String
    /// `queued`, `running`, `paused`, `succeeded`, `failed` or `cancelled`.
    public var state: String
    /// What was asked of it while it runs, and is not so yet: `cancel` or `pause`.
    public var wish: String?
    /// How often it was begun.
    public var attempts: Int
    /// How often it is begun at most.
    public var attemptMax: Int
    /// How much is done, in its unit.
    public var done: Int64
    /// How much there is to do; not given where nobody knows yet.
    public var total: Int64?
    /// What is counted, such as `uploads`.
    public var unit: String?
    /// Who asked for it, such as `user:alice`.
    public var createdBy: String
    /// When it was asked for.
    public var createdAt: Instant
    /// Before when it is not begun.
    public var dueAt: Instant
    /// When it was first begun.
    public var startedAt: Instant?
    /// When it ended.
    public var endedAt: Instant?
    /// The server that runs it.
    public var runner: String?
    /// What came of it, or why the last attempt failed, in one line.
    public var outcome: String?

    /// States the values.
    public init(
        id: Int64,
        kind: String,
        arguments: [String: String] = [:],
        priority: String = "normal",
        state: String = "queued",
        wish: String? = nil,
        attempts: Int = 0,
        attemptMax: Int = 1,
        done: Int64 = 0,
        total: Int64? = nil,
        unit: String? = nil,
        createdBy: String,
        createdAt: Instant,
        dueAt: Instant,
        startedAt: Instant? = nil,
        endedAt: Instant? = nil,
        runner: String? = nil,
        outcome: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.arguments = arguments
        self.priority = priority
        self.state = state
        self.wish = wish
        self.attempts = attempts
        self.attemptMax = attemptMax
        self.done = done
        self.total = total
        self.unit = unit
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.runner = runner
        self.outcome = outcome
    }

    /// Whether nothing more comes of it.
    public var hasEnded: Bool { endedAt != nil }
}

/// Work that can be asked for.
public struct KnownJobKind: Codable, Hashable, Sendable {
    /// What it is called, such as `uploads.sweep`.
    public var name: String
    /// What it does, as a sentence.
    public var title: String
    /// The names of what it may be asked with.
    public var arguments: [String]
    /// `high`, `normal` or `low`.
    public var priority: String
    /// How often a job of it is begun at most.
    public var attemptMax: Int
    /// Whether there is one job of it at most that has not ended.
    public var isSingle: Bool

    /// States the values.
    public init(
        name: String,
        title: String,
        arguments: [String] = [],
        priority: String = "normal",
        attemptMax: Int = 1,
        isSingle: Bool = true
    ) {
        self.name = name
        self.title = title
        self.arguments = arguments
        self.priority = priority
        self.attemptMax = attemptMax
        self.isSingle = isSingle
    }
}

/// A job to be done.
public struct NewJob: Codable, Hashable, Sendable {
    /// What it is to do, such as `uploads.sweep`.
    public var kind: String
    /// What it is asked with; the kind says which there are.
    public var arguments: [String: String]?

    /// States the values.
    public init(kind: String, arguments: [String: String]? = nil) {
        self.kind = kind
        self.arguments = arguments
    }
}

/// A job that was asked for.
public struct MadeJob: Codable, Hashable, Sendable {
    /// The job.
    public var job: Job
    /// Whether it is a new one; otherwise it does the same already, and has not ended.
    public var isNew: Bool

    /// States the values.
    public init(job: Job, isNew: Bool) {
        self.job = job
        self.isNew = isNew
    }
}

/// What a job said.
public struct JobLine: Codable, Hashable, Sendable {
    /// The number of the line, from 1.
    public var number: Int64
    /// When.
    public var at: Instant
    /// `info`, `warning` or `error`.
    public var level: String
    /// What, in one line.
    public var text: String

    /// States the values.
    public init(number: Int64, at: Instant, level: String, text: String) {
        self.number = number
        self.at = at
        self.level = level
        self.text = text
    }
}

/// When jobs of a kind are put by themselves.
public struct JobSchedule: Codable, Hashable, Sendable {
    /// The name of the schedule.
    public var name: String
    /// What its jobs do.
    public var kind: String
    /// What they are asked with.
    public var arguments: [String: String]
    /// When: minute, hour, day of the month, month and day of the week, as cron has them.
    public var cron: String
    /// The time zone of those, such as `UTC` or `Europe/Berlin`.
    public var zone: String
    /// Whether none is put.
    public var isPaused: Bool
    /// When the next one is put, if it is not paused.
    public var nextAt: Instant
    /// The job that it put last.
    public var lastJob: Int64?

    /// States the values.
    public init(
        name: String,
        kind: String,
        arguments: [String: String] = [:],
        cron: String,
        zone: String,
        isPaused: Bool = false,
        nextAt: Instant,
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

/// What is to be changed of a schedule; what is not given stays.
public struct JobScheduleChange: Codable, Hashable, Sendable {
    /// Whether it puts no jobs.
    public var isPaused: Bool?

    /// States the values.
    public init(isPaused: Bool? = nil) {
        self.isPaused = isPaused
    }
}
