import DistributionAPI
import HTTPServing
import Logging
import NIOHTTP1
import NetworkAddress
import Observability
import Testing

@testable import RegistryTesting

/// Addresses that may not use the server at all.
@Suite struct AddressGateTests {
    private static let blocks = ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"].compactMap { AddressBlock($0) }
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Answers 200 to everything that reaches it.
    private struct Open: HTTPResponder {
        func respond(to request: ServerRequest) async -> ServerResponse { ServerResponse(.ok) }
    }

    private static func status(
        _ path: String,
        _ method: String = "GET",
        from address: String,
        allowed: [AddressBlock] = blocks
    ) async throws -> TestResponse {
        let operations = OperationsResponder(before: Open(), metrics: MetricSet()) { [] }
        let gate = AddressGate(before: operations, allowed: allowed, log: log)
        return try await ResponderHarness(responder: gate, clientAddress: address).send(TestRequest(method, path))
    }

    private static let paths = [
        "/", "/v2/", "/token", "/livez", "/readyz", "/metrics", "/v2/app/manifests/1", "/api/v1",
    ]

    @Test(arguments: ["10.1.2.3", "192.0.2.7", "2001:db8::1", "::ffff:10.0.0.1"])
    func `who is in a block may come`(address: String) async throws {
        for path in Self.paths {
            #expect(try await Self.status(path, from: address).status == 200, "\(path)")
        }
    }

    @Test(arguments: ["11.0.0.1", "192.0.2.8", "2001:db9::1", "::", "unknown", ""])
    func `others are refused everything, in the specification's form`(address: String) async throws {
        for path in Self.paths {
            let answer = try await Self.status(path, from: address)
            #expect(try answer.summary == "403 DENIED", "\(path)")
            #expect(try await Self.status(path, "POST", from: address).status == 403)
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `this machine may ask whether the server lives, and nothing else`(address: String) async throws {
        for path in Self.paths {
            let wanted = path == "/livez" || path == "/readyz" ? 200 : 403
            #expect(try await Self.status(path, from: address).status == wanted, "\(path)")
        }
        #expect(try await Self.status("/livez?x", "GET", from: address).status == 200)
        #expect(try await Self.status("/livez/x", "GET", from: address).status == 403)
        #expect(try await Self.status("/livez", "POST", from: address).status == 403)
    }

    @Test func `without blocks all may come`() async throws {
        #expect(try await Self.status("/v2/", from: "192.0.2.8", allowed: []).status == 200)
    }
}
