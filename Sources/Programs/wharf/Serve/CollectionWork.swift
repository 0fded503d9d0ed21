import Hosting
import Jobs
import Metadata
import Observability
import Settings
import Upkeep

/// The garbage collection as a server does its part of it: by jobs, each of which one of all servers runs.
struct CollectionWork: Sendable {
    private let collection: GarbageCollection
    private let interval: Duration
    private let share: Double
    private let removed: LabelledMetrics<Counter>
    private let removedByteCount: Counter

    /// How often a survey writes down how far it is.
    private static let saveInterval = Duration.seconds(10)

    init(
        _ settings: ServerSettings,
        _ installation: Installation,
        _ host: RegistryHost,
        metrics: MetricSet
    ) {
        collection = GarbageCollection(
            facts: installation.facts,
            blobs: installation.blobs,
            patience: settings.patience
        ) { host.forgetLinks() }
        (interval, share) = (settings.gc.interval, settings.gc.share.value)
        removed = metrics.counters(
            "wharf_gc_removed_total",
            "What this server has removed: links of repositories to blobs, blobs, and files or objects.",
            labels: ["what"]
        )
        removedByteCount = metrics.counter(
            "wharf_gc_removed_bytes_total",
            "Bytes of the blobs this server has removed."
        )
    }

    var kinds: [JobKind] {
        [
            JobKind(
                "gc.run",
                "Removes what nothing has needed for gc.grace and gc.quarantine: links, blobs, and their bytes.",
                priority: .low,
                timetable: .every(interval)
            ) { try await collect($0) },
            JobKind(
                "gc.survey",
                "Looks at everything for what nothing needs and nobody has noted: gc.run removes it later.",
                priority: .low,
                timetable: try? JobTimetable("23 3 1 * *", zone: "UTC")
            ) { try await survey($0) },
        ]
    }

    private func collect(_ run: JobRun) async throws -> String {
        var (told, pace) = (GarbageCollection.Report(), WorkPace(share: share))
        let report = try await collection.run { report in
            count(report, since: told)
            told = report
            let done = report.linkCount + report.removedBlobCount + report.removedKeyCount
            run.report(JobProgress(done: Int64(done), unit: "rows"))
            try await pace.rest()
        }
        if report.failedKeyCount > 0 {
            try await run.log(
                "\(report.failedKeyCount) files or objects could not be removed: the next run tries again",
                level: .warning
            )
        }
        return "removed \(report.removedLinkCount) of \(report.linkCount) links, \(report.removedBlobCount) blobs "
            + "(\(report.removedByteCount) bytes), \(report.removedKeyCount) files or objects"
    }

    private func count(_ report: GarbageCollection.Report, since last: GarbageCollection.Report) {
        removed.with("links").increment(by: report.removedLinkCount - last.removedLinkCount)
        removed.with("blobs").increment(by: report.removedBlobCount - last.removedBlobCount)
        removed.with("keys").increment(by: report.removedKeyCount - last.removedKeyCount)
        removedByteCount.increment(by: Int(report.removedByteCount - last.removedByteCount))
    }

    private func survey(_ run: JobRun) async throws -> String {
        var pace = WorkPace(share: share)
        let (begun, before) = (run.checkpoint.flatMap { SurveyPlace($0) }, run.progress.done)
        var savedAt = ContinuousClock.now
        let survey = try await collection.survey(from: begun) { survey, place in
            let done = (begun == nil ? 0 : before) + Int64(survey.count)
            run.report(JobProgress(done: done, unit: "links and blobs"))
            if ContinuousClock.now - savedAt > Self.saveInterval {
                try await run.save(place.description)
                savedAt = .now
            }
            try await pace.rest()
        }
        return "looked at \(survey.count) links and blobs; noted \(survey.markedLinkCount) links and "
            + "\(survey.doomedBlobCount) blobs that nothing needs"
    }
}

extension ServerSettings {
    /// For how long what seems to be garbage stays.
    var patience: CollectionPatience { CollectionPatience(grace: gc.grace, quarantine: gc.quarantine) }
}
