import AsyncHTTPClient
import NIOCore
import NetworkAddress
import RegistryTesting
import Synchronization
import Testing

@testable import Outgoing

/// The guard at work, in front of a server that counts its connections.
@Suite struct DiallingTests {
    /// A resolver that says something else each time, and how often it was asked.
    private final class Fickle: Sendable {
        let answers: [[String]]
        let count = Mutex(0)

        init(_ answers: [[String]]) { self.answers = answers }

        var resolver: AddressResolver {
            AddressResolver { [self] _, _ in
                let index = count.withLock { count in
                    defer { count += 1 }
                    return count
                }
                return answers[min(index, answers.count - 1)].compactMap { IPAddress($0) }
            }
        }
    }

    private static func connections(_ server: OddServer) async throws -> Int {
        let response = try await OutgoingClient.withClient { client in
            try await client.send(OutgoingRequest(.head, try server.url("/show")))
        }
        return try #require(response.headers["x-connection"].flatMap { Int($0) }) - 1
    }

    @Test(arguments: ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
    func `loopback is not dialled, however it is written`(host: String) async throws {
        try await OddServer.run {
            $0.guardian = .publicOnly()
        } _: { server, client in
            let error = try await client.failure(OutgoingRequest(.get, try server.url("/show", host: host)))
            #expect(error.code == .addressForbidden && error.message.contains("loopback"), "\(error)")
            #expect(try await Self.connections(server) == 0)
        }
    }

    @Test func `a socket of this machine is not dialled`() async throws {
        var configuration = OutgoingClient.Configuration()
        configuration.guardian = .publicOnly()
        try await OutgoingClient.withClient(configuration) { client in
            let url = try OutgoingURL(.unixSocket(path: "/run/docker.sock"), path: "/")
            #expect(try await client.failure(OutgoingRequest(.get, url)).code == .addressForbidden)
        }
    }

    @Test func `a name that changes its meaning leads nowhere else`() async throws {
        let fickle = Fickle([["127.0.0.1"], ["127.0.0.2"], ["8.8.8.8", "10.0.0.1"]])
        let change: (inout OutgoingClient.Configuration) -> Void = {
            $0.guardian = .publicOnly(allowing: ["127.0.0.1"].compactMap { AddressBlock($0) })
            $0.resolver = fickle.resolver
        }
        try await OddServer.run(change) { server, client in
            let url = try server.url("/show", host: "rebound.example")
            #expect(try await client.text(url).contains("Host: rebound.example:\(server.port)"))
            let error = try await client.failure(OutgoingRequest(.get, url))
            #expect(error.code == .addressForbidden && error.message.contains("127.0.0.2"))
            #expect(fickle.count.withLock { $0 } == 2, "each request asks once, and dials what it was told")
        }
    }

    @Test func `of many addresses the first that is allowed and answers is taken`() async throws {
        let change: (inout OutgoingClient.Configuration) -> Void = {
            $0.guardian = .publicOnly(allowing: ["127.0.0.0/8"].compactMap { AddressBlock($0) })
            $0.resolver = .fixed(["10.0.0.1", "127.0.0.3", "::1", "127.0.0.1"])
        }
        try await OddServer.run(change) { server, client in
            let text = try await client.text(try server.url("/show", host: "many.example"))
            #expect(text.hasPrefix("GET /show"))
        }
    }

    @Test func `a redirect is looked at like any request`() async throws {
        let change: (inout OutgoingClient.Configuration) -> Void = {
            $0.guardian = .publicOnly(allowing: ["127.0.0.1"].compactMap { AddressBlock($0) })
        }
        try await OddServer.run(change) { server, client in
            let url = try server.url("/to?status=302&url=http://169.254.169.254/latest/meta-data/")
            let error = try await client.failure(OutgoingRequest(.get, url, redirects: .followed))
            #expect(error.code == .addressForbidden && error.message.contains("link-local"))
        }
    }

    @Test func `the address of the connection has the last word`() async throws {
        // What the transport would do had it asked for the address itself: the route is not pinned.
        let server = try await OddServer.start()
        let target = OutgoingTarget.http(host: "localhost", port: server.port)
        let route = OutgoingRoute(target: target, way: .straight, pin: nil)
        let transport = route.transport(
            tls: try OutgoingTLS().configuration(),
            limits: OutgoingLimits(),
            guardian: .publicOnly()
        )
        let error = await #expect(throws: OutgoingError.self) {
            try await transport.execute(.init(url: "http://localhost:\(server.port)/show"), timeout: .seconds(10))
        }
        #expect(error?.code == .addressForbidden)
        try await transport.shutdown()
        #expect(try await Self.connections(server) == 1, "connected, but nothing was asked")
        await server.process.kill()
    }
}
