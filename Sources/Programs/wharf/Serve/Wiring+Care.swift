import Access
import Foundation
import Hosting
import Identity
import Jobs
import Logging
import Metadata
import OCI
import RegistryContract
import Settings
import Upkeep
import Wrapping

extension Wiring {
    /// The registries of a host, in which nothing can be changed that is read-only.
    func readable(_ host: Hosting.RegistryHost, _ access: AccessWork) -> any RegistryProvider {
        if settings.storage.readOnly != nil {
            let rules = ownReadOnly
            return ReadOnlyProvider(host) { rules }
        }
        return ReadOnlyProvider(host) { [directory = access.directory] in directory.snapshot.readOnly }
    }

    /// What this server lets nobody change by its settings.
    var ownReadOnly: ReadOnlyRules {
        ReadOnlyRules(settings.storage.readOnly.map { [ReadOnlyRules.Rule(project: nil, reason: $0)] } ?? [])
    }

    /// What reads stored bytes again, once for all servers; nil where nobody is to.
    func scrubbing(_ installation: Installation, _ host: Hosting.RegistryHost) -> JobKind? {
        guard settings.scrub.within > .zero else { return nil }
        var plan = Scrub.Plan(within: settings.scrub.within, rateMax: Int64(settings.scrub.rateMax.bytes))
        let interval = min(.seconds(3600), max(.seconds(60), plan.within / 48))
        // A server that does one job at a time has to get to others.
        plan.runTimeMax = interval / 6 * 5
        return JobKind(
            "storage.scrub",
            "Reads stored bytes again, and takes out of service what is damaged.",
            priority: .low,
            argumentNames: ["all"],
            timetable: .every(interval)
        ) { [log, plan] run in
            var plan = plan
            if try Self.readsAll(run.arguments) {
                (plan.readAllSince, plan.runTimeMax) = (run.job.createdAt, .seconds(365 * 86_400))
            }
            let scrub = Scrub(
                facts: installation.facts,
                blobs: installation.originals,
                plan: plan,
                now: { .now() },
                forget: { host.forget($0) },
                tell: { try await Self.tell($0, run, log) }
            )
            try await Self.warn(of: scrub, plan, run, log)
            let start = run.checkpoint.flatMap { Scrub.Report(checkpoint: $0) } ?? Scrub.Report()
            do {
                let report = try await scrub.run(goingOnFrom: start) { report in
                    run.report(JobProgress(done: report.byteCount, unit: "bytes"))
                    try await run.save(report.checkpoint)
                }
                return report.sentence
            } catch let stopped as Scrub.Stopped {
                log.error("the scrub has stopped", metadata: ["reason": .string(stopped.description)])
                throw JobFailure(stopped.description)
            }
        }
    }

    /// Whether everything is to be read, and not only what is due.
    private static func readsAll(_ arguments: String) throws -> Bool {
        let given = try JSONDecoder().decode([String: String].self, from: Data(arguments.utf8))
        switch given["all"] {
        case nil, "false": return false
        case "true": return true
        case .some: throw JobFailure("the argument all is true or false", isWorthTrying: false)
        }
    }

    private static func warn(of scrub: Scrub, _ plan: Scrub.Plan, _ run: JobRun, _ log: Logger) async throws {
        guard let rate = try await scrub.lackingRate() else { return }
        let sentence =
            "scrub.rate-max is too little to read everything within scrub.within: \(rate) bytes a second would do"
        log.warning("\(sentence)")
        try await run.log(sentence, level: .warning)
    }

    private static func tell(_ finding: Scrub.Finding, _ run: JobRun, _ log: Logger) async throws {
        let level: JobLogLine.Level =
            switch finding.outcome {
            case .damaged: .error
            case .unread: .warning
            case .mended: .info
            }
        let images = finding.images.map(\.sentence).joined(separator: ", ")
        let metadata: Logger.Metadata = [
            "kind": .string(finding.kind.rawValue), "digest": .string(finding.digest.description),
            "problem": .string(finding.problem), "images": .string(images),
        ]
        switch finding.outcome {
        case .damaged: log.error("stored bytes are damaged", metadata: metadata)
        case .unread: log.warning("stored bytes could not be read", metadata: metadata)
        case .mended: log.notice("damaged bytes are mended", metadata: metadata)
        }
        let needed = images.isEmpty ? "" : "; needed by \(images)"
        let what = "\(finding.kind.rawValue) \(finding.digest)"
        try await run.log("\(what) is \(finding.outcome.words): \(finding.problem)\(needed)", level: level)
    }
}

extension Scrub.Finding.Outcome {
    fileprivate var words: String {
        switch self {
        case .damaged: "damaged"
        case .mended: "mended"
        case .unread: "not read"
        }
    }
}

extension NeedingImage {
    /// Such as `team/app:1.0`, or `team/app@sha256:…` where no tag leads there.
    fileprivate var sentence: String {
        guard let manifest else { return "\(repository)" }
        guard !tags.isEmpty else { return "\(repository)@\(manifest)" }
        return tags.map { "\(repository):\($0)" }.joined(separator: ", ")
    }
}

extension Scrub.Report {
    /// What a job notes down.
    fileprivate var checkpoint: String {
        (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// What a job has noted down.
    fileprivate init?(checkpoint: String) {
        guard let report = try? JSONDecoder().decode(Self.self, from: Data(checkpoint.utf8)) else { return nil }
        self = report
    }

    /// What came of it, in one line.
    fileprivate var sentence: String {
        "read \(blobCount) blobs and \(manifestCount) manifests, \(byteCount) bytes: \(damageCount) damaged, "
            + "\(mendedCount) mended, \(unreadCount) not read"
    }
}
