import Access
import DistributionAPI
import HTTPServing
import Hosting
import Identity
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
                redirects: redirects
            ),
            now: { .now() }
        )
    }

    /// What gives up abandoned uploads.
    func sweep(_ installation: Installation, _ host: RegistryHost) -> UploadSweep {
        UploadSweep(facts: installation.facts, blobs: installation.blobs) { upload in
            UploadID(upload.id).map { host.isActive($0, in: upload.repository) } ?? false
        }
    }

    /// Who calls and what they may do.
    func access(_ installation: Installation) async throws -> AccessWork {
        try await AccessWork(settings.access, installation.facts, metrics: metrics, log: log)
    }

    func responder(
        _ installation: Installation,
        _ host: RegistryHost,
        _ access: AccessWork,
        _ audit: AuditWork,
        isDraining: RaisedFlag
    ) -> any HTTPResponder {
        let readiness = Readiness(of: installation, isDraining: isDraining)
        return gated(
            OperationsResponder(
                before: interfaces(audit.provider(host), access, audit, installation.facts),
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
        _ facts: FactStore
    ) -> any HTTPResponder {
        var options = DistributionResponder.Options(manifestByteCountMax: settings.manifests.sizeMax.bytes)
        options.prefix = DistributionAPI.PathPrefix(settings.http.pathPrefix.description) ?? .none
        options.limits = limits(facts)
        let control = access.control(registries, audit)
        guard settings.isAccessControlled else {
            let open = DistributionResponder(registries: registries, options: options, log: log)
            return access.responder(before: open, control, options, audit)
        }
        let distribution = DistributionResponder(access: control, options: options, log: log)
        let tokens = TokenResponder(before: distribution, access: control, options: options, log: log)
        return access.responder(before: tokens, control, options, audit)
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
        return Measures(installation: installation, metrics: metrics)
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
