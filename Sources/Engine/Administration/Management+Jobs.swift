import Access
import AdminModel
import Identity
import Jobs
import Metadata

/// Which jobs are looked for; what is not given picks nothing out.
public struct JobQuestion: Sendable {
    /// Those of a kind.
    public var kind: String?
    /// Those in a state, one of ``states``.
    public var state: String?

    /// The states that there are.
    public static let states = JobState.allCases.map(\.rawValue)

    /// States a question.
    public init(kind: String? = nil, state: String? = nil) {
        (self.kind, self.state) = (kind, state)
    }

    fileprivate var search: JobSearch {
        get throws {
            let state = try state.map { text in
                guard let state = JobState(rawValue: text) else {
                    throw Problem(.invalid, "a state is one of \(Self.states.joined(separator: ", "))", field: "state")
                }
                return state
            }
            return JobSearch(kind: kind, state: state)
        }
    }
}

/// Work that lasts: what waits, what runs and what came of it.
extension Management {
    /// What there is to be run, by name.
    public func jobKinds(after last: String?, limit: Int) async throws -> Page<KnownJobKind> {
        try requireInstallation()
        return Page(of: service.jobs.kinds.all.map { KnownJobKind($0) }, by: \.name, after: last, limit: limit)
    }

    /// Jobs that are looked for, the newest first, before a number.
    public func jobs(_ question: JobQuestion, after last: Int64?, limit: Int) async throws -> Page<Job> {
        try requireInstallation()
        let search = try question.search
        let found = try await read { try $0.jobs(search, before: last, limit: limit + 1) }
        return Page(
            items: found.prefix(limit).map { Job($0) },
            next: found.count > limit ? "\(found[limit - 1].id)" : nil
        )
    }

    /// A job.
    public func job(_ id: String) async throws -> Job {
        try requireInstallation()
        let number = try Self.number(id)
        guard let fact = try await read({ try $0.job(number) }) else { throw Bounds.missing("job \(number)") }
        return Job(fact)
    }

    /// What a job said, after a line.
    public func jobLog(of id: String, after last: Int64?, limit: Int) async throws -> Page<JobLine> {
        try requireInstallation()
        let number = try Self.number(id)
        let lines = try await read { facts in
            guard try facts.job(number) != nil else { throw Bounds.missing("job \(number)") }
            return try facts.jobLog(of: number, after: last ?? 0, limit: limit + 1)
        }
        return Page(
            items: lines.prefix(limit).map { JobLine($0) },
            next: lines.count > limit ? "\(lines[limit - 1].number)" : nil
        )
    }

    /// Has a job done; where one that has not ended does the same, it is that one, unless it is to end itself or was
    /// asked with something else.
    public func run(_ new: NewJob) async throws -> MadeJob {
        let reason = try requireInstallation()
        let arguments = try Bounds.arguments(new.arguments ?? [:])
        let (queue, principal) = (service.jobs, login.principal.description)
        let made = try await changeJobs("job.run", "job-kind:\(new.kind)", because: reason) { facts, details in
            let (id, isNew) = try Self.asked {
                try queue.put(kind: new.kind, arguments: arguments, by: principal, in: facts)
            }
            guard let job = try facts.job(id) else { throw Bounds.missing("job \(id)") }
            guard isNew || job.wish != .cancel else {
                throw Problem(
                    .conflict,
                    "the job \(id) does the same, and somebody has cancelled it: ask again when it has ended"
                )
            }
            guard isNew || job.arguments == arguments else {
                throw Problem(
                    .conflict,
                    "there is one job of \(new.kind) at a time, and the job \(id) was asked with "
                        + (job.arguments == "{}" ? "no arguments" : "other arguments: \(job.arguments)")
                        + "; wait until it has ended, or cancel it"
                )
            }
            (details["job"], details["isNew"]) = ("\(id)", "\(isNew)")
            if arguments != "{}" { details["arguments"] = arguments }
            return MadeJob(job: Job(job), isNew: isNew)
        }
        queue.wake()
        return made
    }

    /// Does it, and makes a problem of a kind that there is not or of arguments that it does not take.
    private static func asked<Value>(_ put: () throws -> Value) throws -> Value {
        do {
            return try put()
        } catch let error as JobQueue.UnknownKind {
            throw Problem(.unprocessable, error.description, field: "kind")
        } catch let error as JobKind.ArgumentError {
            throw Problem(.unprocessable, error.description, field: "arguments")
        }
    }

    // MARK: A job that is there

    /// Ends a job: at once where it waits, soon where it runs.
    public func cancelJob(_ id: String) async throws -> Job {
        try await changeJob(id, "job.cancel", to: .cancelled) { try $0.cancelJob($1, by: $2) }
    }

    /// Has a job wait until it is resumed; where it runs, it stops soon.
    public func pauseJob(_ id: String) async throws -> Job {
        try await changeJob(id, "job.pause") { try $0.pauseJob($1, by: $2) }
    }

    /// Has a job go on that was paused.
    public func resumeJob(_ id: String) async throws -> Job {
        let job = try await changeJob(id, "job.resume") { try $0.resumeJob($1, by: $2) }
        service.jobs.wake()
        return job
    }

    /// Changes a job that has not ended, or has ended as it is to.
    private func changeJob(
        _ id: String,
        _ action: String,
        to end: JobState? = nil,
        _ body: @escaping @Sendable (Facts, Int64, String) throws -> JobState?
    ) async throws -> Job {
        let reason = try requireInstallation()
        let number = try Self.number(id)
        let principal = login.principal.description
        return try await changeJobs(action, "job:\(number)", because: reason) { facts, details in
            guard let state = try body(facts, number, principal), let job = try facts.job(number) else {
                throw Bounds.missing("job \(number)")
            }
            guard !state.isEnded || state == end else {
                throw Problem(.conflict, "the job \(number) has ended: its state is \(state.rawValue)")
            }
            guard job.wish != .cancel || end == .cancelled else {
                throw Problem(.conflict, "the job \(number) is to end: somebody has cancelled it")
            }
            (details["kind"], details["state"]) = (job.kind, state.rawValue)
            return Job(job)
        }
    }

    /// The number of a job in a path; what is none is not there.
    private static func number(_ text: String) throws -> Int64 {
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) } && !text.hasPrefix("0")
        guard isPlain, let number = Int64(text) else {
            throw Bounds.missing("job \(text.prefix(100))")
        }
        return number
    }

    // MARK: Schedules

    /// When which jobs are put by themselves, by name.
    public func jobSchedules(after last: String?, limit: Int) async throws -> Page<JobSchedule> {
        try requireInstallation()
        let schedules = try await read { try $0.jobSchedules() }.map { JobSchedule($0) }
        return Page(of: schedules, by: \.name, after: last, limit: limit)
    }

    /// Pauses a schedule, or has it go on.
    public func changeJobSchedule(_ name: String, _ change: JobScheduleChange) async throws -> JobSchedule {
        let reason = try requireInstallation()
        let changed = try await changeJobs("job-schedule.change", "job-schedule:\(name)", because: reason) {
            facts,
            details in
            if let isPaused = change.isPaused {
                _ = try facts.setSchedule(name, isPaused: isPaused)
                details["isPaused"] = "\(isPaused)"
            }
            guard let schedule = try facts.jobSchedule(name) else { throw Bounds.missing("schedule \(name)") }
            return JobSchedule(schedule)
        }
        service.jobs.wake()
        return changed
    }
}
