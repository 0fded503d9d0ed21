import Jobs
import Logging
import Metadata
import Observability
import Settings

/// The work that lasts as a server does its part of it, and what is counted about it.
struct JobWork: Sendable {
    let queue: JobQueue
    private let runner: JobRunner
    private let counts: LabelledMetrics<Gauge>
    private let log: Logger

    /// How often the jobs are counted.
    private static let countInterval = Duration.seconds(15)
    /// Up to how many of a state are counted.
    private static let countMax = 10_000

    init(
        _ settings: ServerSettings.Jobs,
        _ facts: FactStore,
        kinds: [JobKind],
        runnerName: String,
        metrics: MetricSet,
        log: Logger
    ) {
        let upkeep = JobUpkeep(facts, keep: settings.keep)
        queue = JobQueue(facts, kinds: JobKinds(kinds + [upkeep.kind]))
        let runs = metrics.counters(
            "wharf_job_runs_total",
            "Runs of jobs at this server that are over.",
            labels: ["kind", "outcome"]
        )
        let times = metrics.histograms(
            "wharf_job_seconds",
            "How long runs of jobs at this server took.",
            labels: ["kind"],
            scale: .durations([
                .milliseconds(100), .seconds(1), .seconds(10), .seconds(60), .seconds(600), .seconds(3600),
            ])
        )
        counts = metrics.gauges(
            "wharf_jobs",
            "Jobs that have not ended, of all servers, counted up to \(Self.countMax) of a state.",
            labels: ["state"]
        )
        runner = JobRunner(
            queue,
            name: runnerName,
            options: JobRunner.Options(concurrency: settings.concurrency),
            log: log
        ) { event in
            guard case .ended(let kind, let ending, let time) = event else { return }
            runs.with(kind, ending.rawValue).increment()
            times.with(kind).record(time)
        }
        self.log = log
    }

    /// Runs jobs and counts them until it is cancelled, and returns when none runs any more.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await runner.run() }
            tasks.addTask { await count() }
        }
    }

    private func count() async {
        while !Task.isCancelled {
            let states = JobState.allCases.filter { !$0.isEnded }
            let found = try? await queue.facts.read { facts in
                try states.map { try facts.jobCount(in: $0, upTo: Self.countMax) }
            }
            for (state, number) in zip(states, found ?? []) { counts.with(state.rawValue).set(to: number) }
            try? await Task.sleep(for: Self.countInterval)
        }
    }
}
