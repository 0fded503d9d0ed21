import NIOCore
import RegistryTesting
import Testing

@testable import Outgoing

@Suite struct LimitTests {
    private static func short(_ configuration: inout OutgoingClient.Configuration) {
        configuration.limits.connectTimeout = .milliseconds(300)
        configuration.limits.firstByteTimeout = .milliseconds(300)
        configuration.limits.stallTimeout = .milliseconds(200)
    }

    @Test func `a server that does not answer is given up`() async throws {
        try await OddServer.run(Self.short) { server, client in
            let error = try await client.failure(OutgoingRequest(.get, try server.url("/silence")))
            #expect(error.code == .timedOut)
            #expect(error.message.contains("127.0.0.1:\(server.port) did not answer within 0.3 seconds"))
        }
    }

    @Test func `an answer that stops is given up`() async throws {
        try await OddServer.run(Self.short) { server, client in
            let response = try await client.send(OutgoingRequest(.get, try server.url("/stall")))
            let error = await #expect(throws: OutgoingError.self) { try await response.body.collect(upTo: 1000) }
            #expect(error?.code == .timedOut && error?.message.contains("sent nothing more") == true)
        }
    }

    @Test func `a server that takes nothing is given up`() async throws {
        try await OddServer.run(Self.short) { server, client in
            let body = OutgoingBody.bytes([UInt8](repeating: 0, count: 32 << 20))
            let error = try await client.failure(OutgoingRequest(.put, try server.url("/deaf"), body: body))
            #expect(error.code == .timedOut && error.message.contains("took nothing more"), "\(error)")
        }
    }

    @Test func `a server that is silent about TLS is given up`() async throws {
        try await OddServer.run(Self.short) { server, client in
            let url = try OutgoingURL("https://127.0.0.1:\(server.port)/")
            let error = try await client.failure(OutgoingRequest(.get, url))
            #expect(error.code == .timedOut || error.code == .tls)
        }
    }

    @Test func `a caller may take his time`() async throws {
        try await OddServer.run(Self.short) { server, client in
            let response = try await client.send(OutgoingRequest(.get, try server.url("/zeros?count=30000000")))
            var count = 0
            for try await chunk in response.body {
                // Longer than a server may stall, while the most of the body waits in the server.
                if count == 0 { try await Task.sleep(for: .milliseconds(600)) }
                count += chunk.readableBytes
            }
            #expect(count == 30_000_000)
        }
    }

    @Test func `a slow body is no slow server`() async throws {
        try await OddServer.run(Self.short) { server, client in
            let chunks = AsyncStream<ByteBuffer> { continuation in
                let filling = Task {
                    for _ in 0..<4 {
                        try await Task.sleep(for: .milliseconds(150))
                        continuation.yield(ByteBuffer(repeating: 49, count: 10))
                    }
                    continuation.finish()
                }
                continuation.onTermination = { _ in filling.cancel() }
            }
            let request = OutgoingRequest(.put, try server.url("/show"), body: .stream(byteCount: 40, chunks))
            let body = try await client.send(request).body.collect(upTo: 1000)
            #expect(body.suffix(40) == [UInt8](repeating: 49, count: 40)[...])
        }
    }

    @Test(arguments: [("/zeros?count=1001", 1000), ("/show", 10)])
    func `no more of a body is collected than was said`(path: String, limit: Int) async throws {
        try await OddServer.run { server, client in
            let response = try await client.send(OutgoingRequest(.get, try server.url(path)))
            await #expect(throws: OutgoingError(.bodyTooLarge, "")) { try await response.body.collect(upTo: limit) }
            let fitting = try await client.send(OutgoingRequest(.get, try server.url("/zeros?count=1000")))
            #expect(try await fitting.body.collect(upTo: 1000).count == 1000)
        }
    }

    @Test(arguments: [
        ("/cut", OutgoingError.Code.connectionLost), ("/garbage", .protocolViolation),
        ("/header?count=300", .headerTooLarge),
    ])
    func `what is not a whole answer is an error`(path: String, code: OutgoingError.Code) async throws {
        try await OddServer.run { server, client in
            let error = try await client.failure(OutgoingRequest(.get, try server.url(path)))
            #expect(error.code == code, "\(error) \(String(describing: error.underlying))")
            #expect(error.message.contains("127.0.0.1:\(server.port)"))
        }
    }

    @Test func `who gives up is told so at once`() async throws {
        try await OddServer.run { server, client in
            for path in ["/silence", "/stall"] {
                let request = OutgoingRequest(.get, try server.url(path))
                let waiting = Task { try await client.failure(request) }
                try await Task.sleep(for: .milliseconds(100))
                waiting.cancel()
                #expect(try await waiting.value.code == .cancelled, "\(path)")
            }
        }
    }

    @Test func `where nobody listens, and names that are not there, are told`() async throws {
        try await OutgoingClient.withClient { client in
            let refused = try await client.failure(OutgoingRequest(.get, try OutgoingURL("http://127.0.0.1:1/")))
            #expect(refused.code == .refused && refused.message.hasPrefix("127.0.0.1:1 refused the connection."))
            let unnamed = try await client.failure(OutgoingRequest(.get, try OutgoingURL("http://nowhere.invalid/")))
            #expect(unnamed.code == .nameNotFound && unnamed.message.contains("nowhere.invalid"))
        }
    }
}
