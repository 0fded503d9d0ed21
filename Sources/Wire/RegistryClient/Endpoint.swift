import OCI
import Outgoing
import Synchronization

/// Where the API of a registry is, once that is known.
final class Endpoint: Sendable {
    private let host: RegistryHost
    private let scheme: RegistryClient.Scheme
    private let found = Mutex<OutgoingTarget?>(nil)
    private let search = SingleFlight<Int, OutgoingTarget>()

    init(host: RegistryHost, scheme: RegistryClient.Scheme) {
        // References name Docker Hub by another name than that of its API.
        self.host = host == .dockerHub ? .dockerHubEndpoint : host
        self.scheme = scheme
    }

    /// The server; on this machine the first caller finds out whether it speaks TLS, and the answer is kept.
    ///
    /// `answers` says what status a question for `/v2/` has at a target, or throws.
    func target(_ answers: @Sendable (OutgoingTarget) async throws -> Int) async throws -> OutgoingTarget {
        switch scheme {
        case .https: return secure
        case .http: return plain
        case .automatic where !host.isLoopback: return secure
        case .automatic: break
        }
        if let known = found.withLock({ $0 }) { return known }
        return try await search.value(for: 0) {
            if let known = found.withLock({ $0 }) { return known }
            let target = try await self.reached(answers)
            found.withLock { $0 = target }
            return target
        }
    }

    /// Whether a server is the registry itself, and not where it sends callers on to.
    func isOwn(_ target: OutgoingTarget) -> Bool {
        target == secure || target == plain
    }

    private func reached(_ answers: @Sendable (OutgoingTarget) async throws -> Int) async throws -> OutgoingTarget {
        do {
            _ = try await answers(secure)
            return secure
        } catch let error as OutgoingError where error.code != .cancelled && error.code != .clientClosed {
            // Who speaks TLS and is asked in the clear says that the request is bad, or nothing.
            guard let status = try? await answers(plain), status != 400 else {
                try Task.checkCancellation()
                throw error
            }
            return plain
        }
    }

    private var secure: OutgoingTarget { .https(host: host.name, port: host.port ?? 443) }
    private var plain: OutgoingTarget { .http(host: host.name, port: host.port ?? 80) }
}
