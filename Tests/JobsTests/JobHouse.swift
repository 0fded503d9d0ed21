import Logging
import Metadata
import RegistryTesting
import Synchronization
import Testing

@testable import Jobs

/// A queue in a database of its own, for any number of runners.
struct JobHouse: Sendable {
    /// What lets the database of one runner fail.
    let gate: FailingMetadataEngine
    let facts: FactStore
    let seen = Seen()

    /// What runners and their work have told.
    final class Seen: Sendable {
        private let state = Mutex<(texts: [String], events: [JobRunner.Event])>(([], []))

        var texts: [String] { state.withLock { $0.texts } }
        var endings: [JobRunner.Ending] {
            state.withLock(\.events).compactMap { event in
                guard case .ended(_, let ending, _) = event else { return nil }
                return ending
            }
        }

        func add(_ text: String) {
            state.withLock { $0.texts.append(text) }
        }

        func add(_ event: JobRunner.Event) {
            state.withLock { $0.events.append(event) }
        }
    }

    static func with(_ database: TestDatabase, _ body: (JobHouse) async throws -> Void) async throws {
        try await TestDatabase.$current.withValue(database) {
            try await TestStores.with { stores in
                try await body(JobHouse(gate: FailingMetadataEngine(stores.engine), facts: stores.facts))
            }
        }
    }

    /// Kinds of jobs, of which some are always there.
    func kinds(_ more: JobKind...) -> JobKinds {
        JobKinds(
            more + [
                JobKind("count", "Counts to a number, from its checkpoint on.", isSingle: false) { [seen] run in
                    seen.add("from \(run.checkpoint ?? "0")")
                    for number in (Int(run.checkpoint ?? "0") ?? 0)..<10 {
                        try await run.save("\(number + 1)")
                    }
                    return "counted"
                },
                JobKind("wait", "Does nothing until it is stopped.", isSingle: false) { [seen] run in
                    try await run.save("[\(run.attempt)]")
                    seen.add("waits")
                    try await Task.sleep(for: .seconds(600))
                    return "nobody stopped it"
                },
            ]
        )
    }

    /// A runner of another process each time.
    func runner(
        _ queue: JobQueue,
        _ name: String,
        lease: Duration = .seconds(60),
        concurrency: Int = 2,
        insistence: Duration = .seconds(1)
    ) -> JobRunner {
        JobRunner(
            queue,
            name: name,
            options: JobRunner.Options(
                concurrency: concurrency,
                lease: lease,
                pollInterval: .milliseconds(50),
                restTime: .milliseconds(50),
                insistence: insistence
            ),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            tell: { [seen] in seen.add($0) }
        )
    }

    /// Runs runners for as long as `body` does, and waits until they have stopped.
    func run(_ runners: JobRunner..., body: () async throws -> Void) async throws {
        let tasks = runners.map { runner in Task { await runner.run() } }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        try result.get()
    }

    func job(_ id: Int64) async throws -> JobFact {
        try #require(try await facts.read { try $0.job(id) })
    }

    /// Waits until a job is in a state.
    func wait(for id: Int64, toBe state: JobState) async throws {
        try await eventually("the job \(id) is \(state)") { try await job(id).state == state }
    }

    func log(_ id: Int64) async throws -> [String] {
        try await facts.read { try $0.jobLog(of: id, limit: 1000).map(\.text) }
    }
}

/// Waits until a condition holds, for a while.
func eventually(_ sentence: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "\(sentence): not within 60 seconds")
        try await Task.sleep(for: .milliseconds(5))
    }
}
