import ContainerTools
import Foundation
import OCI
import Outgoing
import RegistryClient
import Synchronization

/// The clients for HTTP, one for each way in which a registry is trusted.
final class Transports: Sendable {
    private let machine: Machine
    private let open = Mutex<[(tls: OutgoingTLS, client: OutgoingClient)]>([])

    init(machine: Machine) {
        self.machine = machine
    }

    /// What dials a registry.
    func transport(
        for host: RegistryHost,
        manner: RegistryManner,
        isInsecure: Bool = false
    ) throws -> OutgoingClient {
        var tls = tls(for: host, manner)
        if isInsecure { tls.verification = .insecureAcceptsAnyCertificate }
        return try transport(tls)
    }

    /// What dials services that are no registries, with the trust of the machine and more authorities.
    func plainTransport(authorityFiles: [String]) throws -> OutgoingClient {
        try transport(OutgoingTLS(authorityFiles: authorityFiles))
    }

    private func transport(_ tls: OutgoingTLS) throws -> OutgoingClient {
        if let known = open.withLock({ open in open.first { $0.tls == tls }?.client }) { return known }
        var configuration = OutgoingClient.Configuration()
        configuration.tls = tls
        do {
            configuration.proxies = try ProxySelection(environment: machine.environment)
        } catch {
            throw Failure(description: error.description)
        }
        let client = try OutgoingClient(configuration)
        open.withLock { $0.append((tls, client)) }
        return client
    }

    /// Where a server is: over TLS, but on this machine in the clear where that is what it speaks.
    func root(of host: RegistryHost, manner: RegistryManner) async throws -> OutgoingURL {
        let secure = try OutgoingURL("https://\(host)")
        if manner.isPlain { return try OutgoingURL("http://\(host)") }
        guard host.isLoopback else { return secure }
        let client = RegistryClient(
            RegistryClient.Configuration(host: host),
            over: try transport(for: host, manner: manner)
        )
        return try await client.ping().url.hasPrefix("http://") ? OutgoingURL("http://\(host)") : secure
    }

    /// Ends all connections.
    func shutDown() async {
        let clients = open.withLock { open in
            defer { open = [] }
            return open.map(\.client)
        }
        for client in clients { await client.shutDown() }
    }

    /// What was said, and the certificates that container tools keep for the registry on this machine.
    func tls(for host: RegistryHost, _ manner: RegistryManner) -> OutgoingTLS {
        let trust = TrustStore(machine: machine).trust(for: host.description)
        var tls = OutgoingTLS(
            verification: manner.isInsecure ? .insecureAcceptsAnyCertificate : .full,
            authorityFiles: manner.authorityFiles + trust.authorityFiles
        )
        if let own = manner.clientCertificate ?? trust.clientCertificates.first {
            tls.clientCertificate = .init(certificateFile: own.certificateFile, keyFile: own.keyFile)
        }
        return tls
    }
}
