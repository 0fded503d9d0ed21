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
        let run = JobRun(job, facts)
        let (result, isStopped, isLost) = await work(run, since: start)
        var ending = Ending.lost
        do {
            // One whose time ran out may still be nobody else's: it did not fail, and is given back.
            ending = try await record(result, of: run, isStopped: isStopped || isLost)
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
        var pause = options.lease / 3
        while true {
            do {
                try await Task.sleep(for: pause)
            } catch {
                return .stopped
            }
            let (asked, lease) = (clock.now, options.lease)
            do {
                let (renewal, saved) = try await facts.write { facts in
                    let renewal = try facts.renewJob(hold, lease: lease)
                    return (renewal, try run.saveProgress(in: facts))
                }
                guard case .held(let wish) = renewal else { return .lost }
                run.noteSaved(saved)
                guard wish == nil else { return .stopped }
                end.move(to: asked + lease * 4 / 5)
                pause = options.lease / 3
            } catch {
                // Until its time is over nobody else can have claimed it.
                guard !Task.isCancelled else { return .stopped }
                log.warning("the time of a job could not be made longer", metadata: ["error": .string("\(error)")])
                pause = options.retryPause
            }
        }
    }

    /// Records what came of a run.
    private func record(
        _ result: Result<String, any Error>,
        of run: JobRun,
        isStopped: Bool
    ) async throws -> Ending {
        let (job, hold) = (run.job, run.job.hold)
        switch result {
        case .success(let outcome):
            let isOurs = try await insist { facts in
                _ = try run.saveProgress(in: facts)
                return try facts.succeedJob(hold, outcome: outcome)
            }
            return isOurs ? .succeeded : .lost
        case .failure where isStopped:
            let state = try await insist { facts in
                _ = try run.saveProgress(in: facts)
                return try facts.yieldJob(hold)
            }
            switch state {
            case .cancelled: return .cancelled
            case .paused: return .paused
            case .queued: return .returned
            default: return .lost
            }
        case .failure(let error):
            let isWorthTrying = (error as? JobFailure)?.isWorthTrying ?? true
            let wait = isWorthTrying ? kinds[job.kind]?.backoff.time(after: job.attempts) : nil
            let state = try await insist { facts in
                _ = try run.saveProgress(in: facts)
                return try facts.failJob(hold, "\(error)", retryAfter: wait)
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

    /// Writes what became of a job, again and again while the database is away: after hours of work it is worth a wait.
    ///
    /// What is written names the hold, so that to write it twice does no harm. Who is to stop tries once.
    private func insist<Value: Sendable>(
        _ body: @escaping @Sendable (Facts) throws -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + options.insistence
        while true {
            do {
                return try await JobAfterwards.run { [facts] in try await facts.write(body) }
            } catch {
                guard !Task.isCancelled, ContinuousClock.now < end else { throw error }
                try? await Task.sleep(for: options.retryPause)
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
