import Access
import Administration
import DistributionAPI
import Foundation
import HTTPServing
import Hosting
import Identity
import Jobs
import Logging
import Metadata
import NIOPosix
import Observability
import RegistryContract
import Settings
import Upkeep
import Wrapping

/// Puts a server together from its settings.
///
/// It chooses and connects, and holds no rule of the registry.
struct Wiring {
    let settings: ServerSettings
    let log: Logger
    let metrics = MetricSet()

    func host(_ installation: Installation, _ redirects: BlobRedirects?) -> RegistryHost {
        RegistryHost(
            facts: installation.facts,
            blobs: installation.blobs,
            options: .init(
                manifestByteCountMax: settings.manifests.sizeMax.bytes,
                checkpointByteCount: Int64(settings.uploads.checkpointSize.bytes),
                cacheByteCount: settings.storage.cacheSize.bytes,
                isAlone: installation.isAlone,
                trashTime: settings.trash.keep,
                redirects: redirects
            ),
            now: { .now() }
        )
    }

    /// What gives up abandoned uploads, once for all servers.
    private func sweeping(_ installation: Installation, _ host: RegistryHost) -> JobKind {
        let sweep = UploadSweep(facts: installation.facts, blobs: installation.blobs) { upload in
            UploadID(upload.id).map { host.isActive($0, in: upload.repository) } ?? false
        }
        let uploads = settings.uploads
        return JobKind(
            "uploads.sweep",
            "Gives up uploads that nobody has gone on with for uploads.abandoned-after.",
            timetable: .every(uploads.sweepInterval)
        ) { _ in
            let count = try await sweep.run(before: .now() - uploads.abandonedAfter)
            return count == 1 ? "gave up 1 upload" : "gave up \(count) uploads"
        }
    }

    /// What removes for good what has been in the trash for its time, once for all servers.
    private func purging(_ installation: Installation, _ host: RegistryHost) -> JobKind {
        let purge = TrashPurge(facts: installation.facts)
        return JobKind(
            TrashService.purgeKind,
            "Removes for good what has been in the trash for trash.keep, and what was purged by hand.",
            timetable: try? JobTimetable("*/10 * * * *", zone: "UTC")
        ) { run in
            // Referrers that were there until now go with what they refer to.
            defer { host.forgetNames() }
            let count = try await purge.run { count in
                host.forgetNames()
                run.report(JobProgress(done: Int64(count), unit: "entries"))
            }
            return count == 1 ? "purged 1 entry of the trash" : "purged \(count) entries of the trash"
        }
    }

    /// The work that lasts.
    func jobs(_ installation: Installation, _ host: RegistryHost, _ access: AccessWork) -> JobWork {
        JobWork(
            settings.jobs,
            installation.facts,
            kinds: [
                sweeping(installation, host), purging(installation, host), access.clearing, clearingTags(installation),
                scrubbing(installation, host), keepingQuotas(installation),
            ].compactMap(\.self) + CollectionWork(settings, installation, host, metrics: metrics).kinds,
            runnerName: Self.runnerName(),
            metrics: metrics,
            log: log
        )
    }

    /// A name that no other process has, and by which people find this one.
    private static func runnerName() -> String {
        "\(ProcessInfo.processInfo.hostName):\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    /// Who calls and what they may do.
    func access(_ installation: Installation, _ host: RegistryHost) async throws -> AccessWork {
        // What is restored or deleted beside the registry is not to be served from memory.
        let trash = TrashService(keep: settings.trash.keep, readOnly: ownReadOnly) { host.forgetNames() }
        return try await AccessWork(
            settings.access,
            settings.patience,
            installation.facts,
            trash,
            metrics: metrics,
            log: log
        )
    }

    func responder(
        _ installation: Installation,
        _ host: RegistryHost,
        _ access: AccessWork,
        _ audit: AuditWork,
        _ jobs: JobQueue,
        isDraining: RaisedFlag
    ) -> any HTTPResponder {
        let readiness = Readiness(of: installation, isDraining: isDraining)
        return gated(
            OperationsResponder(
                before: interfaces(audit.provider(readable(host, access)), access, audit, installation.facts, jobs),
                metrics: metrics,
                readiness: { await readiness.problems() }
            )
        )
    }

    /// The management, the tokens and the images.
    private func interfaces(
        _ registries: AuditedProvider,
        _ access: AccessWork,
        _ audit: AuditWork,
        _ facts: FactStore,
        _ jobs: JobQueue
    ) -> any HTTPResponder {
        var options = DistributionResponder.Options(manifestByteCountMax: settings.manifests.sizeMax.bytes)
        options.prefix = DistributionAPI.PathPrefix(settings.http.pathPrefix.description) ?? .none
        options.limits = limits(facts)
        let control = access.control(registries, audit)
        guard settings.isAccessControlled else {
            let open = DistributionResponder(registries: registries, options: options, log: log)
            return access.responder(before: open, control, options, audit, jobs)
        }
        let distribution = DistributionResponder(access: control, options: options, log: log)
        let tokens = TokenResponder(before: distribution, access: control, options: options, log: log)
        return access.responder(before: tokens, control, options, audit, jobs)
    }

    func serverConfiguration() throws -> HTTPServer.Configuration {
        let http = settings.http
        var tls: TLSMaterial?
        if let certificate = http.tls.certificate, let key = http.tls.key {
            tls = try TLSMaterial(certificateFile: certificate.description, keyFile: key.description, log: log)
        }
        return HTTPServer.Configuration(
            host: http.listen.host,
            port: http.listen.port,
            tls: tls,
            limits: ServerLimits(
                headerTimeout: http.headerTimeout,
                idleTimeout: http.idleTimeout,
                stallTimeout: http.stallTimeout,
                headerFieldByteCountMax: http.headerFieldSizeMax.bytes,
                headerByteCountMax: http.headerSizeMax.bytes,
                connectionCountMax: http.connectionsMax,
                http2WindowByteCount: http.http2Window.bytes,
                http2StreamCountMax: http.http2StreamsMax
            ),
            bodyByteCount: http.bufferBudget.bytes,
            proxies: TrustedProxies(http.trustedProxies),
            accessLog: settings.log.access ? log : nil
        )
    }

    /// Declares what is measured besides requests, and returns what keeps the measures fresh.
    func measures(_ installation: Installation, _ host: RegistryHost) -> Measures {
        ProcessMetrics.add(to: metrics)
        metrics.computed("wharf_uploads_active", "Upload requests that are being served now.") {
            Double(host.activeUploadCount)
        }
        measureStores(installation)
        return Measures(installation: installation, settings: settings.storage, metrics: metrics, log: log)
    }
}

/// Something that can be said once and is then so.
final class RaisedFlag: Sendable {
    private let gauge = Gauge()

    var isRaised: Bool { gauge.value != 0 }

    func raise() {
        gauge.set(to: 1)
    }
}

/// Why a server does not start, as a sentence for its operator.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
