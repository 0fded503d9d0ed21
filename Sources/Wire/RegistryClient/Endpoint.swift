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

    /// Asks in the clear first, without credentials: on this machine that is the rule, and costs less than TLS.
    ///
    /// Who speaks TLS and is asked in the clear says that the request is bad, or nothing.
    private func reached(_ answers: @Sendable (OutgoingTarget) async throws -> Int) async throws -> OutgoingTarget {
        do {
            if try await answers(plain) != 400 { return plain }
        } catch let error as OutgoingError {
            // Nobody is there at all: what TLS would say of that port is no better.
            let isEnd = [.nameNotFound, .unreachable, .cancelled, .clientClosed].contains(error.code)
            if isEnd || (error.code == .refused && host.port != nil) { throw error }
        }
        try Task.checkCancellation()
        _ = try await answers(secure)
        return secure
    }

    private var secure: OutgoingTarget { .https(host: host.name, port: host.port ?? 443) }
    private var plain: OutgoingTarget { .http(host: host.name, port: host.port ?? 80) }
}
