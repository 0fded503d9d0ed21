import Logging
import Metadata

extension JobRunner {
    /// What ends first while a job runs.
    private enum Step: Sendable {
        /// The work, by itself or because it was stopped.
        case ended(Result<String, any Error>)
        /// The right to go on: somebody wants the job to end or to rest, or the runner stops.
        case stopped
        /// The right to write about the job.
        case lost
    }

    /// Runs a job that was asked for at a moment, and records what came of it.
    func perform(_ job: JobFact, since start: ContinuousClock.Instant) async {
        let clock = ContinuousClock()
        tell(.began(kind: job.kind))
        var log = log
        log[metadataKey: "job"] = .stringConvertible(job.id)
        log[metadataKey: "kind"] = .string(job.kind)
        log.info("a job begins", metadata: ["attempt": .stringConvertible(job.attempts)])
        let (result, isStopped, isLost) = await work(JobRun(job, facts), since: start)
        var ending = Ending.lost
        do {
            if !isLost { ending = try await record(result, of: job, isStopped: isStopped) }
        } catch {
            // Its time runs out, and it is run again.
            log.error("what became of a job cannot be written", metadata: ["error": .string("\(error)")])
        }
        let took = clock.now - start
        tell(.ended(kind: job.kind, ending, after: took))
        Self.say(result, ending, to: log)
    }

    /// Does the work and keeps the right to it: what came of it, whether it was stopped, whether the right was lost.
    private func work(
        _ run: JobRun,
        since start: ContinuousClock.Instant
    ) async -> (result: Result<String, any Error>, isStopped: Bool, isLost: Bool) {
        guard let kind = kinds[run.job.kind] else {
            return (.failure(JobFailure("this program does not know the kind \(run.job.kind)")), false, false)
        }
        let end = JobLeaseEnd(start + options.lease * 4 / 5)
        return await withTaskGroup(of: Step.self) { group in
            group.addTask {
                do {
                    return .ended(.success(try await kind.work(run)))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask { await keep(run, until: end) }
            group.addTask { await end.wait() ? .lost : .stopped }
            var (result, isStopped, isLost): (Result<String, any Error>?, Bool, Bool) = (nil, false, false)
            switch await group.next() {
            case .ended(let ended): result = ended
            case .lost: isLost = true
            case .stopped, nil: isStopped = true
            }
            group.cancelAll()
            for await case .ended(let ended) in group { result = ended }
            return (result ?? .failure(CancellationError()), isStopped || Task.isCancelled, isLost)
        }
    }

    /// Makes the time of a job longer until it may not go on.
    private func keep(_ run: JobRun, until end: JobLeaseEnd) async -> Step {
        let clock = ContinuousClock()
        let hold = run.job.hold
        while true {
            do {
                try await Task.sleep(for: options.lease / 3)
            } catch {
                return .stopped
            }
            let (asked, lease, progress) = (clock.now, options.lease, run.unsavedProgress)
            do {
                let renewal = try await facts.write { facts in
                    let renewal = try facts.renewJob(hold, lease: lease)
                    if let progress { _ = try facts.saveJob(hold, checkpoint: nil, progress: progress) }
                    return renewal
                }
                guard case .held(let wish) = renewal else { return .lost }
                if let progress { run.noteSaved(progress) }
                guard wish == nil else { return .stopped }
                end.move(to: asked + lease * 4 / 5)
            } catch {
                // Until its time is over nobody else can have claimed it.
                guard !Task.isCancelled else { return .stopped }
                log.warning("the time of a job could not be made longer", metadata: ["error": .string("\(error)")])
            }
        }
    }

    /// Records what came of a run.
    private func record(
        _ result: Result<String, any Error>,
        of job: JobFact,
        isStopped: Bool
    ) async throws -> Ending {
        let (facts, hold) = (facts, job.hold)
        switch result {
        case .success(let outcome):
            let isOurs = try await JobAfterwards.run {
                try await facts.write { try $0.succeedJob(hold, outcome: outcome) }
            }
            return isOurs ? .succeeded : .lost
        case .failure where isStopped:
            switch try await JobAfterwards.run({ try await facts.write { try $0.yieldJob(hold) } }) {
            case .cancelled: return .cancelled
            case .paused: return .paused
            case .queued: return .returned
            default: return .lost
            }
        case .failure(let error):
            let isWorthTrying = (error as? JobFailure)?.isWorthTrying ?? true
            let wait = isWorthTrying ? kinds[job.kind]?.backoff.time(after: job.attempts) : nil
            let state = try await JobAfterwards.run {
                try await facts.write { try $0.failJob(hold, "\(error)", retryAfter: wait) }
            }
            switch state {
            case .queued: return .retried
            case .paused: return .paused
            case .cancelled: return .cancelled
            case .failed: return .failed
            default: return .lost
            }
        }
    }

    private static func say(_ result: Result<String, any Error>, _ ending: Ending, to log: Logger) {
        switch (ending, result) {
        case (.succeeded, .success(let outcome)):
            log.info("a job has succeeded", metadata: ["outcome": .string(outcome)])
        case (.failed, .failure(let error)):
            log.error("a job has failed", metadata: ["error": .string("\(error)")])
        case (.retried, .failure(let error)):
            log.warning("a job has failed, and is tried again", metadata: ["error": .string("\(error)")])
        case (.lost, _):
            log.warning("a job is not this server's any more: its time ran out, or others have ended it")
        default:
            log.info("a job was stopped", metadata: ["ending": .string(ending.rawValue)])
        }
    }
}
