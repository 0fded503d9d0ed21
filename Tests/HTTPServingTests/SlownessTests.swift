import Foundation
import HTTPServing
import NIOCore
import RegistryTesting
import Testing

/// Clients that are slow, silent, or too many.
///
/// Limits are small here; how long something takes is bounded generously, since it is the end that counts.
@Suite struct SlownessTests {
    private static let shortHeader = ServerLimits(headerTimeout: .milliseconds(500))
    private static let shortIdle = ServerLimits(idleTimeout: .milliseconds(500))
    private static let shortStall = ServerLimits(stallTimeout: .milliseconds(1500))

    /// How long a piece of the story may take at most.
    private static let patience = Duration.seconds(15)

    @Test(arguments: ["", "G", "GET / HTTP/1.1\r\nHost: x\r\nA: b"])
    func `a client that does not finish its first header is let go`(text: String) async throws {
        try await TestServer.run(limits: Self.shortHeader) { server in
            let isEnded = try await server.withConnection(timeout: Self.patience) { connection in
                try connection.send(text)
                return try connection.isEndedByServer()
            }
            #expect(isEnded)
        }
    }

    @Test func `a client that sends its header a byte at a time is let go in time`() async throws {
        try await TestServer.run(limits: Self.shortHeader) { server in
            let sent = try await server.withConnection { connection in
                var sent = 0
                let deadline = ContinuousClock.now + Self.patience
                while ContinuousClock.now < deadline {
                    do {
                        try connection.send("a")
                    } catch {
                        return sent
                    }
                    sent += 1
                    usleep(20_000)
                }
                return -1
            }
            #expect(sent > 0)
        }
    }

    @Test func `an idle connection is closed after its limit`() async throws {
        try await TestServer.run(limits: Self.shortIdle) { server in
            let isEnded = try await server.withConnection(timeout: Self.patience) { connection in
                #expect(try connection.exchange(TestRequest("GET", "/hello")).text == "hello")
                return try connection.isEndedByServer()
            }
            #expect(isEnded)
        }
    }

    @Test(arguments: ["Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n9\r\nab"])
    func `a body that stops coming is given up with 408`(framing: String) async throws {
        try await TestServer.run(limits: Self.shortStall) { server in
            let (answer, isEnded) = try await server.withConnection(timeout: Self.patience) { connection in
                try connection.send("PUT /count HTTP/1.1\r\nHost: x\r\n" + framing + "abc")
                return (try connection.receive(method: "PUT"), try connection.isEndedByServer())
            }
            #expect(answer.status == 408)
            #expect(answer[header: "Connection"] == "close")
            #expect(isEnded)
        }
    }

    @Test func `a body that trickles without end is given up`() async throws {
        try await TestServer.run(limits: Self.shortStall) { server in
            let status = try await server.withConnection(timeout: Self.patience) { connection in
                try connection.send("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
                let deadline = ContinuousClock.now + Self.patience
                while ContinuousClock.now < deadline {
                    do { try connection.send("x") } catch { break }
                    usleep(10_000)
                    if connection.hasAnswer() { break }
                }
                return try connection.receive(method: "PUT").status
            }
            #expect(status == 408)
        }
    }

    @Test func `a slow body that keeps moving lives, however long it takes`() async throws {
        try await TestServer.run(limits: Self.shortStall) { server in
            let answer = try await server.withConnection { connection in
                try connection.send("PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 80000\r\n\r\n")
                for _ in 0..<20 {
                    try connection.send(Array(repeating: 0, count: 4000))
                    usleep(200_000)
                }
                return try connection.receive(method: "PUT")
            }
            #expect(answer.text == "80000")
        }
    }

    @Test func `a responder that takes its time is not the client's fault`() async throws {
        try await TestServer.run(
            limits: ServerLimits(stallTimeout: .seconds(3)),
            respond: { request in
                try? await Task.sleep(for: .seconds(8))
                return await Answers.count(request)
            }
        ) { server in
            let body = [UInt8](repeating: 0, count: 300_000)
            let answer = try await server.client.send(TestRequest("PUT", "/", body: body))
            #expect(answer.text == "300000")
        }
    }

    @Test(arguments: ["/zeros/16000000", "/zeros/9000000"])
    func `a client that does not read its answer is cut off`(path: String) async throws {
        try await TestServer.run(limits: Self.shortStall) { server in
            try await server.withConnection { connection in
                connection.shrinkReceiveBuffer()
                try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                try server.blockUntilGone(within: Self.patience)
            }
            #expect(server.requestCount("GET", 200) == 1)
        }
    }

    @Test func `a client that reads slowly gets all of its answer`() async throws {
        try await TestServer.run(limits: Self.shortStall) { server in
            let count = try await server.withConnection { connection in
                connection.shrinkReceiveBuffer()
                try connection.send("GET /zeros/3000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                var count = try connection.receiveHead()[header: "Content-Length"] == "3000000" ? 0 : -1
                while count < 3_000_000 {
                    count += try connection.receive(count: 50_000).count
                    usleep(60_000)
                }
                return count
            }
            #expect(count == 3_000_000)
        }
    }

    @Test func `connections above the limit are closed at once and counted, and there is room again later`()
        async throws
    {
        try await TestServer.run(limits: ServerLimits(connectionCountMax: 3)) { server in
            try await server.withConnection { first in
                #expect(try first.exchange(TestRequest("GET", "/hello")).text == "hello")
                let port = server.server.port
                let others = try (0..<2).map { _ in
                    try TestConnection(address: "127.0.0.1", port: port, timeout: Self.patience)
                }
                for other in others { #expect(try other.exchange(TestRequest("GET", "/hello")).text == "hello") }
                let above = try TestConnection(address: "127.0.0.1", port: port, timeout: Self.patience)
                #expect(try above.isEndedByServer())
                #expect(try first.exchange(TestRequest("GET", "/hello")).text == "hello")
            }
            #expect(server.sample("wharf_http_connections_refused_total") == 1)
            try await eventually("the others are gone") { server.connectionCount == 0 }
            #expect(try await server.client.send(TestRequest("GET", "/hello")).text == "hello")
        }
    }
}

extension TestServer {
    /// Waits on a thread of the test's own until the server has no connection.
    func blockUntilGone(within limit: Duration) throws {
        let deadline = ContinuousClock.now + limit
        while connectionCount > 0 || (sample("wharf_http_requests_total{method=\"GET\",code=\"200\"}") ?? 0) == 0 {
            guard ContinuousClock.now < deadline else { throw TestConnection.Failure.timedOut }
            usleep(2000)
        }
    }
}
