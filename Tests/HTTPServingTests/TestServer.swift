import HTTPServing
import Logging
import NIOCore
import NIOPosix
import Observability
import RegistryTesting
import Synchronization
import Testing

/// An `HTTPServer` in this process whose responder is a closure of the test.
struct TestServer: Sendable {
    typealias Respond = @Sendable (ServerRequest) async -> ServerResponse

    let server: HTTPServer
    let metrics: MetricSet

    /// What all servers of these tests run on.
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    static let threads = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()

    /// What is measured in milliseconds needs a machine that is not overrun by the other tests.
    private static let room = Room(count: 6)

    /// Runs a server for as long as `body`, and then sees that no connection is left.
    static func run<Value>(
        limits: ServerLimits = ServerLimits(),
        tls: TLSMaterial? = nil,
        bodyByteCount: Int = 48 << 20,
        respond: @escaping Respond = Answers.standard,
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        await room.enter()
        defer { room.leave() }
        let metrics = MetricSet()
        let server = try await HTTPServer.start(
            HTTPServer.Configuration(
                host: "127.0.0.1",
                port: 0,
                tls: tls,
                limits: limits,
                bodyByteCount: bodyByteCount,
                proxies: TrustedProxies([])
            ),
            responder: ClosureResponder(respond: respond),
            metrics: ServerMetrics(metrics),
            group: group,
            threads: threads
        )
        let running = TestServer(server: server, metrics: metrics)
        let result: Value
        do {
            result = try await body(running)
        } catch {
            _ = await server.drain(within: .zero)
            throw error
        }
        #expect(await server.drain(within: .seconds(20)) == 0, "connections were left open")
        try await eventually("the gauge of connections is back at 0") { running.connectionCount == 0 }
        return result
    }

    var client: TestHTTPClient { TestHTTPClient(port: server.port) }

    var connectionCount: Int { sample("wharf_http_connections") ?? 0 }

    /// How many requests were counted under a method and code.
    func requestCount(_ method: String, _ code: Int) -> Int {
        sample("wharf_http_requests_total{method=\"\(method)\",code=\"\(code)\"}") ?? 0
    }

    /// The value of a metric, by the name and labels of its line.
    func sample(_ name: String) -> Int? {
        let line = metrics.page().split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }.map { Int($0) }
    }

    /// Opens a connection and closes it behind `body`.
    func withConnection<Value: Sendable>(
        timeout: Duration = .seconds(20),
        _ body: @escaping @Sendable (TestConnection) throws -> Value
    ) async throws -> Value {
        try await TestHTTPClient(port: server.port, timeout: timeout).withConnection(body)
    }
}

private struct ClosureResponder: HTTPResponder {
    let respond: TestServer.Respond

    func respond(to request: ServerRequest) async -> ServerResponse {
        await respond(request)
    }
}

/// Lets so many in at once; the others wait for their turn.
final class Room: Sendable {
    private struct State {
        var free: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(free: count))
    }

    func enter() async {
        await withCheckedContinuation { continuation in
            let mayEnter = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiters.append(continuation)
                return false
            }
            if mayEnter { continuation.resume() }
        }
    }

    func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}

/// Waits until something holds, and fails the test when it does not in time.
func eventually(
    _ expectation: String,
    within limit: Duration = .seconds(20),
    location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within \(limit): \(expectation)", sourceLocation: location)
            return
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}
