import OCI
import Outgoing
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import RegistryClient

@Suite("Finding out whether TLS is spoken")
struct EndpointTests {
    /// What a question comes to, in the clear and over TLS.
    private enum Answer: Sendable {
        case status(Int)
        case error(OutgoingError.Code)

        func given() throws -> Int {
            switch self {
            case .status(let status): return status
            case .error(let code): throw OutgoingError(code, "\(code)")
            }
        }
    }

    /// Which targets were asked: whether over TLS.
    private final class AskedTargets: Sendable {
        private let kept = Mutex<[Bool]>([])

        var all: [Bool] { kept.withLock { $0 } }

        func note(_ target: OutgoingTarget) { kept.withLock { $0.append(target.isSecure) } }
    }

    /// The target that is found, and which were asked; nil where there is none.
    private static func found(
        _ host: String,
        _ scheme: RegistryClient.Scheme,
        clear: Answer,
        secure: Answer
    ) async throws -> (isSecure: Bool?, asked: [Bool]) {
        let endpoint = Endpoint(host: try RegistryHost(host), scheme: scheme)
        let asked = AskedTargets()
        let ask: @Sendable (OutgoingTarget) async throws -> Int = { target in
            asked.note(target)
            return try (target.isSecure ? secure : clear).given()
        }
        do {
            let target = try await endpoint.target(ask)
            // It is found out once.
            let again = try await endpoint.target(ask)
            #expect(again == target)
            return (target.isSecure, asked.all)
        } catch is OutgoingError {
            return (nil, asked.all)
        }
    }

    @Test("On this machine one wrong guess costs one request, and TLS that is there is spoken")
    func here() async throws {
        let cases: [(clear: Answer, isSecure: Bool, asked: [Bool])] = [
            (.status(200), false, [false]), (.status(401), false, [false]), (.status(404), false, [false]),
            // nginx and Go; Apache and HAProxy; a server that sends callers on to TLS; one that just hangs up.
            (.status(400), true, [false, true]), (.status(308), true, [false, true]),
            (.error(.connectionLost), true, [false, true]), (.error(.protocolViolation), true, [false, true]),
        ]
        for (clear, isSecure, asked) in cases {
            for host in ["localhost:5000", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000"] {
                let found = try await Self.found(host, .automatic, clear: clear, secure: .status(200))
                #expect(found.isSecure == isSecure && found.asked == asked, "\(host) \(clear): \(found)")
            }
        }
        let refused = try await Self.found("localhost:1", .automatic, clear: .error(.refused), secure: .status(200))
        #expect(refused.isSecure == nil && refused.asked == [false])
        // What sends on and speaks no TLS itself is no TLS server.
        let other = try await Self.found("localhost:1", .automatic, clear: .status(302), secure: .error(.tls))
        #expect(other.isSecure == false)
    }

    @Test("Elsewhere nothing is said in the clear, unless the registry is set up as insecure")
    func elsewhere() async throws {
        for host in ["registry.example", "localhost.example:5000", "127.0.0.1.example", "10.0.0.1:5000"] {
            let strict = try await Self.found(host, .automatic, clear: .status(200), secure: .error(.tls))
            #expect(strict.isSecure == true && strict.asked == [], "\(host)")
            let loose = try await Self.found(host, .httpsOrHTTP, clear: .status(200), secure: .error(.tls))
            #expect(loose.isSecure == false && loose.asked == [true, false], "\(host)")
            let both = try await Self.found(host, .httpsOrHTTP, clear: .status(200), secure: .status(401))
            #expect(both.isSecure == true && both.asked == [true], "\(host)")
            let none = try await Self.found(host, .httpsOrHTTP, clear: .error(.refused), secure: .error(.refused))
            #expect(none.isSecure == nil && none.asked == [true, false], "\(host)")
        }
    }

    @Test("No credential goes in the clear to a port that speaks TLS, or that sends callers on to it")
    func credentials() async throws {
        for status in [400, 308] {
            let answer: @Sendable (Asked, Int) async -> Said = { _, _ in
                .answer(status, [("Location", "https://127.0.0.1/v2/")]).cut
            }
            let login = FixedCredentials.password("alice", "secret")
            try await HostileServer.run(answer) { server in
                try await TestClient.run(port: server.port, credentials: login, scheme: .automatic) { test in
                    _ = try? await test.client.manifest(.tag(Tag("1")), in: .app)
                    #expect(server.asked.first?.headers["authorization"] == nil)
                    #expect(server.asked.allSatisfy { $0.headers["authorization"] == nil })
                    #expect(!test.requests.all.contains { $0.isAuthorized })
                }
            }
        }
    }
}
