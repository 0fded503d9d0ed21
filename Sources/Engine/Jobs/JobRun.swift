public import Metadata
import Synchronization

/// One run of a job, as the work sees it.
public final class JobRun: Sendable {
    /// The job, as it was when it was claimed.
    public let job: JobFact

    private let facts: FactStore
    private let state: Mutex<State>

    private struct State {
        var progress: JobProgress
        /// Whether the database has it.
        var isSaved = true
    }

    init(_ job: JobFact, _ facts: FactStore) {
        (self.job, self.facts) = (job, facts)
        state = Mutex(State(progress: job.progress))
    }

    /// What the work is done with: an object of JSON.
    public var arguments: String { job.arguments }
    /// Where the work goes on, as it was saved; nil at its beginning.
    public var checkpoint: String? { job.checkpoint }
    /// Which try it is, from 1.
    public var attempt: Int { job.attempts }

    /// How much is done.
    public var progress: JobProgress {
        state.withLock { $0.progress }
    }

    /// Tells how much is done; others see it some seconds later.
    public func report(_ progress: JobProgress) {
        state.withLock { state in
            guard state.progress != progress else { return }
            (state.progress, state.isSaved) = (progress, false)
        }
    }

    /// Records where the work goes on if it ends here, and how much is done.
    ///
    /// Throws CancellationError when the work is to stop, or is somebody else's.
    public func save(_ checkpoint: String) async throws {
        try Task.checkCancellation()
        let (hold, progress) = (job.hold, progress)
        let isOurs = try await facts.write { try $0.saveJob(hold, checkpoint: checkpoint, progress: progress) }
        guard isOurs else { throw CancellationError() }
        noteSaved(progress)
    }

    /// Writes a line that whoever looks at the job sees.
    ///
    /// Throws CancellationError when the work is to stop, or is somebody else's.
    public func log(_ text: String, level: JobLogLine.Level = .info) async throws {
        try Task.checkCancellation()
        let hold = job.hold
        guard try await facts.write({ try $0.appendLog(hold, level: level, text) }) else { throw CancellationError() }
    }

    /// Writes what is done and not yet in the database; what it was, to be noted once that is durable.
    func saveProgress(in facts: Facts) throws -> JobProgress? {
        let unsaved = state.withLock { $0.isSaved ? nil : $0.progress }
        guard let unsaved, try facts.saveJob(job.hold, checkpoint: nil, progress: unsaved) else { return nil }
        return unsaved
    }

    /// Notes that the database has it.
    func noteSaved(_ progress: JobProgress?) {
        state.withLock { state in
            if state.progress == progress { state.isSaved = true }
        }
    }
}

/// Why work has failed, as the work itself says it.
public struct JobFailure: Error, Hashable, CustomStringConvertible {
    /// A sentence.
    public let description: String
    /// Whether it may go better another time.
    public let isWorthTrying: Bool

    /// Says it.
    public init(_ sentence: String, isWorthTrying: Bool = true) {
        (description, self.isWorthTrying) = (sentence, isWorthTrying)
    }
}
