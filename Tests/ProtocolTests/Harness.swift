import RegistryTesting
import Testing

/// The ways in which every protocol test is run.
enum Harness: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Straight into the responder, without a socket.
    case socketless
    /// HTTP/1.1 over a TCP connection on loopback, a new one for each request.
    case live
    /// HTTP/1.1 over TLS, on connections that are kept.
    case encrypted
    /// HTTP/2 over TLS, as streams of few connections.
    case http2

    /// Those that send bytes over a socket.
    static let overSockets: [Harness] = [.live, .encrypted, .http2]

    var testDescription: String { rawValue }

    /// Runs a test against an empty registry of its own, which is gone afterwards.
    func withClient(_ body: @Sendable (Client) async throws -> Void) async throws {
        switch self {
        case .socketless: try await TestRegistry.withResponder { try await body(Client(harness: $0)) }
        case .live: try await TestRegistry.withServer { try await body(Client(harness: $0)) }
        case .encrypted: try await TestRegistry.withTLS(.http1) { try await body(Client(harness: $0)) }
        case .http2: try await TestRegistry.withTLS(.http2) { try await body(Client(harness: $0)) }
        }
    }
}
