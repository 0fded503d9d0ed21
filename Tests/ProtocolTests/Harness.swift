import RegistryTesting
import Testing

/// The two ways in which every protocol test is run.
enum Harness: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Straight into the responder, without a socket.
    case socketless
    /// Over a TCP connection on loopback.
    case live

    var testDescription: String { rawValue }

    /// Runs a test against an empty registry of its own, which is gone afterwards.
    func withClient(_ body: @Sendable (Client) async throws -> Void) async throws {
        switch self {
        case .socketless: try await TestRegistry.withResponder { try await body(Client(harness: $0)) }
        case .live: try await TestRegistry.withServer { try await body(Client(harness: $0)) }
        }
    }
}
