import Foundation
import HTTPServing
import Logging
import NIOPosix
import NetworkAddress
import Observability
import RegistryTesting
import Testing

@testable import Outgoing

/// The server that answers oddly, in a process of its own.
struct OddServer {
    let process: RunningProcess
    let port: Int

    static func start() async throws -> OddServer {
        let process = try process([])
        try await process.waitUntil("it says its port") { process.standardOutput.hasSuffix("\n") }
        let port = try #require(Int(process.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
        return OddServer(process: process, port: port)
    }

    static func start(socket: String) async throws -> OddServer {
        let process = try process([socket])
        try await process.waitUntil("it is ready") { process.standardOutput.hasSuffix("\n") }
        return OddServer(process: process, port: 0)
    }

    private static func process(_ arguments: [String]) throws -> RunningProcess {
        let script = try #require(Bundle.module.path(forResource: "odd_server", ofType: "py"))
        return try Command("/usr/bin/python3", [script] + arguments).start()
    }

    func url(_ path: String, host: String = "127.0.0.1") throws -> OutgoingURL {
        try OutgoingURL("http://\(host):\(port)\(path)")
    }

    /// Runs a server and a client for as long as `body`.
    static func run(
        _ change: (inout OutgoingClient.Configuration) -> Void = { _ in },
        _ body: (OddServer, OutgoingClient) async throws -> Void
    ) async throws {
        let server = try await start()
        var configuration = OutgoingClient.Configuration()
        change(&configuration)
        try await OutgoingClient.withClient(configuration) { try await body(server, $0) }
        await server.process.kill()
    }
}

/// A server of HTTPServing in this process.
struct SoundServer {
    let server: HTTPServer
    let metrics: MetricSet

    private struct Responder: HTTPResponder {
        let answer: @Sendable (ServerRequest) async -> ServerResponse
        func respond(to request: ServerRequest) async -> ServerResponse { await answer(request) }
    }

    static func run(
        tls: TestCertificate? = nil,
        respond: @escaping @Sendable (ServerRequest) async -> ServerResponse,
        _ body: (SoundServer) async throws -> Void
    ) async throws {
        let metrics = MetricSet()
        let server = try await HTTPServer.start(
            HTTPServer.Configuration(host: "127.0.0.1", port: 0, tls: try tls?.material(), proxies: TrustedProxies([])),
            responder: Responder(answer: respond),
            metrics: ServerMetrics(metrics),
            group: MultiThreadedEventLoopGroup.singleton,
            threads: .singleton
        )
        do {
            try await body(SoundServer(server: server, metrics: metrics))
        } catch {
            _ = await server.drain(within: .zero)
            throw error
        }
        _ = await server.drain(within: .zero)
    }

    var connectionCount: Int {
        let line = metrics.page().split(separator: "\n").first { $0.hasPrefix("wharf_http_connections ") }
        return line.flatMap { Double($0.dropFirst("wharf_http_connections ".count)) }.map { Int($0) } ?? 0
    }
}

extension OutgoingClient {
    /// The text that `GET` brings.
    func text(_ url: OutgoingURL) async throws -> String {
        let response = try await send(OutgoingRequest(.get, url))
        return String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    /// What a request that fails, fails with.
    func failure(_ request: OutgoingRequest) async throws -> OutgoingError {
        do {
            _ = try await send(request).body.collect(upTo: 1 << 20)
        } catch let error as OutgoingError {
            return error
        }
        throw Succeeded(request: "\(request)")
    }
}

/// A request that should have failed.
struct Succeeded: Error {
    let request: String
}

extension AddressResolver {
    /// A resolver to which every name has the same addresses.
    static func fixed(_ texts: [String]) -> AddressResolver {
        AddressResolver { _, _ in texts.compactMap { IPAddress($0) } }
    }
}
