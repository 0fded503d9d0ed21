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

    func host(_ installation: Installation) -> RegistryHost {
        RegistryHost(
            facts: installation.facts,
            blobs: installation.blobs,
            options: .init(
                manifestByteCountMax: settings.manifests.sizeMax.bytes,
                checkpointByteCount: Int64(settings.uploads.checkpointSize.bytes),
                cacheByteCount: settings.storage.cacheSize.bytes
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

    /// What the server remembers of accounts and rules; nil where everybody may do everything.
    func directory(_ installation: Installation) async throws -> AccessDirectory? {
        guard settings.isAccessControlled else { return nil }
        return try await AccessDirectory.load(installation.facts, now: { .now() })
    }

    func responder(
        _ installation: Installation,
        _ host: RegistryHost,
        _ directory: AccessDirectory?,
        isDraining: Flag
    ) throws -> any HTTPResponder {
        OperationsResponder(
            before: try distribution(host, directory),
            metrics: metrics,
            readiness: {
                guard !isDraining.isRaised else { return ["the server is shutting down"] }
                return await installation.problems()
            }
        )
    }

    private func distribution(_ host: RegistryHost, _ directory: AccessDirectory?) throws -> any HTTPResponder {
        var options = DistributionResponder.Options(manifestByteCountMax: settings.manifests.sizeMax.bytes)
        options.prefix = DistributionAPI.PathPrefix(settings.http.pathPrefix.description) ?? .none
        guard let directory else { return DistributionResponder(registries: host, options: options, log: log) }
        let authenticator = Authenticator(
            service: Self.tokenService,
            directory: directory,
            passwords: try PasswordChecker(),
            now: { .now() }
        )
        let access = AccessControl(authenticator) { principal, caller in
            AccessChecked(host.registry(for: caller), for: principal, under: directory.snapshot.rules)
        }
        return TokenResponder(
            before: DistributionResponder(access: access, options: options, log: log),
            access: access,
            options: options,
            log: log
        )
    }

    /// What tokens are for.
    private static let tokenService = "wharf"

    func serverConfiguration() throws -> HTTPServer.Configuration {
        let http = settings.http
        var tls: TLSMaterial?
        if let certificate = http.tls.certificate, let key = http.tls.key {
            tls = try TLSMaterial(certificateFile: certificate.description, keyFile: key.description, log: log)
        }
        guard let proxies = TrustedProxies(http.trustedProxies.map(\.description)) else {
            throw StartFailure("http.trusted-proxies cannot be read")
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
            proxies: proxies,
            accessLog: settings.log.access ? log : nil
        )
    }

    /// Declares what is measured besides requests, and returns what keeps the measures fresh.
    func measures(_ installation: Installation, _ host: RegistryHost) -> Measures {
        ProcessMetrics.add(to: metrics)
        metrics.computed("wharf_uploads_active", "Upload requests that are being served now.") {
            Double(host.activeUploadCount)
        }
        return Measures(installation: installation, metrics: metrics)
    }
}

/// Something that can be said once and is then so.
final class Flag: Sendable {
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
