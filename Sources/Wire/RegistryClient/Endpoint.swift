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

    /// The server; where that is not said, the first caller finds out whether it speaks TLS, and the answer is kept.
    ///
    /// `answers` says what status a question for `/v2/` has at a target, or throws.
    func target(_ answers: @Sendable (OutgoingTarget) async throws -> Int) async throws -> OutgoingTarget {
        switch scheme {
        case .https: return secure
        case .http: return plain
        case .automatic where !host.isLoopback: return secure
        case .automatic, .httpsOrHTTP: break
        }
        if let known = found.withLock({ $0 }) { return known }
        return try await search.value(for: 0) {
            if let known = found.withLock({ $0 }) { return known }
            let isClearFirst = self.host.isLoopback
            let target = try await isClearFirst ? self.clearFirst(answers) : self.secureFirst(answers)
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
    /// Who speaks TLS and is asked in the clear says that the request is bad, sends the caller on, or says nothing.
    private func clearFirst(_ answers: @Sendable (OutgoingTarget) async throws -> Int) async throws -> OutgoingTarget {
        var isElsewhere = false
        do {
            let status = try await answers(plain)
            isElsewhere = (300..<400).contains(status)
            if status != 400, !isElsewhere { return plain }
        } catch let error as OutgoingError {
            // Nobody is there at all: what TLS would say of that port is no better.
            if Self.isEnd(error) || (error.code == .refused && host.port != nil) { throw error }
        }
        try Task.checkCancellation()
        do {
            _ = try await answers(secure)
            return secure
        } catch let error as OutgoingError {
            guard isElsewhere, !Self.isEnd(error) else { throw error }
            return plain
        }
    }

    /// Asks over TLS first, and in the clear where that fails; what TLS said is told where neither is spoken.
    private func secureFirst(_ answers: @Sendable (OutgoingTarget) async throws -> Int) async throws -> OutgoingTarget {
        do {
            _ = try await answers(secure)
            return secure
        } catch let error as OutgoingError {
            guard !Self.isEnd(error) else { throw error }
            try Task.checkCancellation()
            do {
                _ = try await answers(plain)
                return plain
            } catch is OutgoingError {
                throw error
            }
        }
    }

    /// Whether nobody would be there for another try either.
    private static func isEnd(_ error: OutgoingError) -> Bool {
        [.nameNotFound, .unreachable, .cancelled, .clientClosed].contains(error.code)
    }

    private var secure: OutgoingTarget { .https(host: host.name, port: host.port ?? 443) }
    private var plain: OutgoingTarget { .http(host: host.name, port: host.port ?? 80) }
}
