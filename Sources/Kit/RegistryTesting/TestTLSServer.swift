import HTTPServing
import NIOCore
import NIOHTTP1
import NIOPosix
import Observability
import Synchronization

/// One server over TLS for all tests of the process, with a registry for each test that runs.
///
/// A server and a handshake for each of hundreds of cases would cost more than the cases. Which registry is meant a
/// request says in a header field of its own. The server lives as long as the process.
final class TestTLSServer: Sendable {
    private static let made = Mutex<EventLoopFuture<TestTLSServer>?>(nil)

    private let registries: NamedRegistries
    private let clients: [TestTLSClient.Version: TestTLSClient]

    private init(registries: NamedRegistries, clients: [TestTLSClient.Version: TestTLSClient]) {
        self.registries = registries
        self.clients = clients
    }

    /// The server, started by who asks first.
    static func shared() async throws -> TestTLSServer {
        let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: TestTLSServer.self)
        let known = made.withLock { made in
            if let known = made { return Optional(known) }
            made = promise.futureResult
            return nil
        }
        if let known {
            promise.fail(ChannelError.alreadyClosed)
            return try await known.get()
        }
        do {
            promise.succeed(try await start())
        } catch {
            promise.fail(error)
        }
        return try await promise.futureResult.get()
    }

    private static func start() async throws -> TestTLSServer {
        // Its files go away at the end of this function: a server goes on with what it has read.
        let certificate = try await TestCertificate()
        let registries = NamedRegistries()
        let server = try await HTTPServer.start(
            HTTPServer.Configuration(
                host: "127.0.0.1",
                port: 0,
                tls: try certificate.material(),
                // Between two tests of this server there may be many others.
                limits: ServerLimits(idleTimeout: .seconds(3600)),
                proxies: TrustedProxies([])
            ),
            responder: registries,
            metrics: ServerMetrics(MetricSet()),
            group: MultiThreadedEventLoopGroup.singleton,
            threads: .singleton
        )
        var clients: [TestTLSClient.Version: TestTLSClient] = [:]
        for version in [TestTLSClient.Version.http1, .http2] {
            clients[version] = try TestTLSClient(
                port: server.port,
                version: version,
                trusting: certificate.certificateFile
            )
        }
        return TestTLSServer(registries: registries, clients: clients)
    }

    /// Runs `body` with a way to `responder`, over connections that other tests use as well.
    func withRegistry(
        _ responder: any HTTPResponder,
        version: TestTLSClient.Version,
        _ body: @Sendable (any RegistryHarness) async throws -> Void
    ) async throws {
        guard let client = clients[version] else { preconditionFailure("there is a client for each version") }
        let name = registries.add(responder)
        defer { registries.remove(name) }
        try await body(NamedRegistry(name: name, client: client))
    }
}

/// The way to one registry of the server.
private struct NamedRegistry: RegistryHarness {
    let name: String
    let client: TestTLSClient

    func send(_ request: TestRequest) async throws -> TestResponse {
        var request = request
        request.headers.append((NamedRegistries.field, name))
        return try await client.send(request)
    }
}

/// The registries of the server by their names.
private final class NamedRegistries: HTTPResponder {
    /// The header field that names one.
    static let field = "X-Test-Registry"

    private struct State {
        var responders: [String: any HTTPResponder] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    func add(_ responder: any HTTPResponder) -> String {
        state.withLock { state in
            state.count += 1
            let name = "\(state.count)"
            state.responders[name] = responder
            return name
        }
    }

    func remove(_ name: String) {
        state.withLock { _ = $0.responders.removeValue(forKey: name) }
    }

    func respond(to request: ServerRequest) async -> ServerResponse {
        let name = request.headers.first(name: Self.field) ?? ""
        guard let responder = state.withLock({ $0.responders[name] }) else {
            return ServerResponse(.misdirectedRequest)
        }
        return await responder.respond(to: request)
    }
}
