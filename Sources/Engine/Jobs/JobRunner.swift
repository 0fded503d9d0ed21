public import Logging
import Metadata

/// Does the work that waits in a queue, as one of any number of runners over the same database.
///
/// Invariants:
/// - A job is somebody's for a time, which is made longer while it runs. Whoever cannot do that in time stops the work,
///   and writes nothing more about it.
/// - What runs when the runner is to stop goes back into the queue, with its checkpoint, and is not counted as a try.
/// - Work that does not stop at once when it must may for some moments be done by two.
public struct JobRunner: Sendable {
    /// How a runner works.
    public struct Options: Sendable {
        /// How many jobs run at once.
        public var concurrency: Int
        /// How long a job is somebody's who does not say more.
        ///
        /// A runner says more after a third of it, and has stopped after four fifths.
        public var lease: Duration
        /// How often it is looked for work when nothing is heard of any.
        public var pollInterval: Duration
        /// How long a database rests that could not be asked.
        public var restTime: Duration
        /// For how long it is tried to write what became of a job.
        public var insistence: Duration
        /// By how much a wait is longer or shorter, so that many runners do not ask at once.
        public var jitter: @Sendable () -> Double

        /// How long it is waited until something is tried again for which the time of a job runs out.
        var retryPause: Duration { lease / 30 }

        /// States it.
        public init(
            concurrency: Int = 2,
            lease: Duration = .seconds(30),
            pollInterval: Duration = .seconds(2),
            restTime: Duration = .seconds(5),
            insistence: Duration = .seconds(60),
            jitter: @escaping @Sendable () -> Double = { .random(in: 0.75...1.25) }
        ) {
            self.concurrency = concurrency
            self.lease = lease
            self.pollInterval = pollInterval
            self.restTime = restTime
            self.insistence = insistence
            self.jitter = jitter
        }
    }

    /// Something that a runner has seen, for whoever counts.
    public enum Event: Hashable, Sendable {
        /// A job has been begun.
        case began(kind: String)
        /// A run of a job is over, after some time.
        case ended(kind: String, Ending, after: Duration)
    }

    /// What became of a run.
    public enum Ending: String, Hashable, Sendable, CaseIterable {
        /// The work is done.
        case succeeded
        /// It has failed for good.
        case failed
        /// It has failed, and is tried again.
        case retried
        /// Somebody wanted it to end.
        case cancelled
        /// Somebody wanted it to rest.
        case paused
        /// The runner stopped, and gave it back.
        case returned
        /// It became somebody else's.
        case lost
    }

    let queue: JobQueue
    let name: String
    let options: Options
    let log: Logger
    let tell: @Sendable (Event) -> Void

    var facts: FactStore { queue.facts }
    var kinds: JobKinds { queue.kinds }

    /// Runs jobs of a queue.
    ///
    /// - Parameters:
    ///   - queue: where they are put.
    ///   - name: what this runner is called, which no other is.
    ///   - options: how it works.
    ///   - log: where it says what it does.
    ///   - tell: hears of each run.
    public init(
        _ queue: JobQueue,
        name: String,
        options: Options = Options(),
        log: Logger,
        tell: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.queue = queue
        self.name = name
        self.options = options
        self.log = log
        self.tell = tell
    }

    /// Runs jobs until it is cancelled, and returns when none of them runs any more.
    public func run() async {
        await withDiscardingTaskGroup { group in
            let slots = JobSlots(options.concurrency)
            var isEstablished = false
            while !Task.isCancelled {
                do {
                    if !isEstablished { try await schedules.establish() }
                    isEstablished = true
                    if let (job, start) = try await next(slots) {
                        group.addTask {
                            await perform(job, since: start)
                            slots.leave()
                            queue.wake()
                        }
                        continue
                    }
                    await queue.bell.wait(atMost: options.pollInterval * options.jitter())
                } catch {
                    guard !Task.isCancelled else { break }
                    log.error("jobs cannot be looked for", metadata: ["error": .string("\(error)")])
                    try? await Task.sleep(for: options.restTime)
                }
            }
        }
    }

    /// Puts the jobs whose time has come; whether there was one.
    ///
    /// What it cannot do keeps nobody from other work.
    private func putDue() async -> Bool {
        do {
            let (count, problems) = try await schedules.putDue()
            for problem in problems {
                log.error("a schedule cannot be followed", metadata: ["problem": .string(problem)])
            }
            return count > 0
        } catch {
            log.error("schedules cannot be followed", metadata: ["error": .string("\(error)")])
            return false
        }
    }

    private var schedules: JobSchedules { JobSchedules(facts: facts, kinds: kinds) }

    /// The next job to run, for which a slot is taken, and when it was asked for; nil when there is none, or no slot.
    private func next(_ slots: JobSlots) async throws -> (job: JobFact, since: ContinuousClock.Instant)? {
        let names = kinds.names
        let due = try await facts.read { try $0.dueWork(kinds: names) }
        var hasJob = due.hasJob || due.hasEndedLease
        if due.hasSchedule {
            hasJob = await putDue() || hasJob
        }
        guard hasJob, !Task.isCancelled, let left = slots.enter() else { return nil }
        // Work of low priority may last for hours: the last slot is for the other.
        let takesLow = left > 0 || options.concurrency == 1
        do {
            let (name, lease, asked) = (name, options.lease, ContinuousClock.now)
            // One that is claimed and not known here would rest until its time is over.
            let job = try await JobAfterwards.run { [facts] in
                try await facts.write { try $0.claimJob(kinds: names, runner: name, lease: lease, takesLow: takesLow) }
            }
            if job == nil { slots.leave() }
            return job.map { ($0, asked) }
        } catch {
            slots.leave()
            throw error
        }
    }
}
