import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import RegistryTesting
import Synchronization
import Testing

/// What a client sends, or does not read, must not pile up in the server.
@Suite struct BackPressureTests {
    @Test(arguments: ["Content-Length: 1000000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"])
    func `a body that nobody reads stays with its client`(framing: String) async throws {
        let gate = Gate()
        try await TestServer.run(
            respond: { request in
                await gate.wait()
                return await Answers.count(request)
            }
        ) { server in
            let sent = try await server.withConnection(timeout: .seconds(1)) { connection in
                try connection.send("PUT / HTTP/1.1\r\nHost: x\r\n" + framing)
                let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
                var sent = 0
                // What was taken lies in the sockets and in the server; the limit is far above both.
                while sent < 200 << 20 {
                    do { try connection.send(chunk) } catch { break }
                    sent += chunk.utf8.count
                }
                return sent
            }
            gate.open()
            #expect(sent < 32 << 20)
        }
    }

    @Test func `a client that asks on and on and reads nothing is not answered on and on`() async throws {
        let answered = Atomic(0)
        try await TestServer.run(
            limits: ServerLimits(stallTimeout: .seconds(2)),
            respond: { _ in
                answered.wrappingAdd(1, ordering: .relaxed)
                return ServerResponse(.ok, body: .bytes(Answers.zeros.getSlice(at: 0, length: 100_000) ?? ByteBuffer()))
            }
        ) { server in
            _ = try await server.withConnection(timeout: .seconds(1)) { connection in
                let requests = String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 1000)
                for _ in 0..<20 { do { try connection.send(requests) } catch { break } }
            }
            // Two gigabytes were asked for.
            #expect(answered.load(ordering: .relaxed) < 400)
        }
    }

    @Test func `small answers to a client that reads nothing do not pile up either`() async throws {
        let answered = Atomic(0)
        try await TestServer.run(
            limits: ServerLimits(stallTimeout: .seconds(2)),
            respond: { _ in
                answered.wrappingAdd(1, ordering: .relaxed)
                return ServerResponse(.ok, body: .bytes(Answers.zeros.getSlice(at: 0, length: 1000) ?? ByteBuffer()))
            }
        ) { server in
            _ = try await server.withConnection(timeout: .seconds(1)) { connection in
                let requests = String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 1000)
                for _ in 0..<200 { do { try connection.send(requests) } catch { break } }
            }
            #expect(answered.load(ordering: .relaxed) < 40_000)
        }
    }

    @Test func `a large answer goes on only as its client reads`() async throws {
        try await TestServer.run { server in
            let before = server.sample("wharf_http_sent_bytes_total") ?? 0
            try await server.withConnection { connection in
                connection.shrinkReceiveBuffer()
                try connection.send("GET /zeros/16000000 HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receive(count: 1000)
            }
            try await eventually("the cut request is counted") { server.requestCount("GET", 200) == 1 }
            let sent = (server.sample("wharf_http_sent_bytes_total") ?? 0) - before
            #expect(sent < 12_000_000)
        }
    }
}
