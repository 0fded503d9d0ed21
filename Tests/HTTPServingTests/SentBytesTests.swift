import HTTPServing
import NIOCore
import NIOHTTP1
import RegistryTesting
import Synchronization
import Testing

/// Whoever answers is told how much of the answer went out: bytes that nobody fetched are not to be counted.
@Suite struct SentBytesTests {
    private static let byteCount = 16_000_000

    /// Answers with many bytes, and keeps what it is told at the end.
    private final class Teller: Sendable {
        private let told = Mutex<[Int]>([])

        var all: [Int] { told.withLock { $0 } }

        func respond(_ request: ServerRequest, after wait: Gate? = nil) async -> ServerResponse {
            await wait?.wait()
            let bytes = ByteBuffer(repeating: 0, count: SentBytesTests.byteCount)
            var answer = ServerResponse(.ok, body: .bytes(bytes))
            answer.onEnd = { count in self.told.withLock { $0.append(count) } }
            return answer
        }
    }

    @Test func `all of an answer that was read, and nothing where only its header was asked for`() async throws {
        let teller = Teller()
        try await TestServer.run(respond: { await teller.respond($0) }) { server in
            #expect(try await server.client.send(TestRequest("GET", "/")).body.count == Self.byteCount)
            try await eventually("the end was told") { teller.all == [Self.byteCount] }
            #expect(try await server.client.send(TestRequest("HEAD", "/")).status == 200)
            try await eventually("the end was told") { teller.all == [Self.byteCount, 0] }
        }
    }

    @Test func `only what went out to a client that left in between`() async throws {
        let teller = Teller()
        try await TestServer.run(respond: { await teller.respond($0) }) { server in
            try await server.withConnection { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receive(count: 100)
                connection.reset()
            }
            try await eventually("the end was told") { teller.all.count == 1 }
            #expect(teller.all[0] < Self.byteCount)
        }
    }

    @Test func `nothing to a client that left before the answer`() async throws {
        let (teller, began, mayGo) = (Teller(), Gate(), Gate())
        try await TestServer.run(
            respond: { request in
                began.open()
                return await teller.respond(request, after: mayGo)
            }
        ) { server in
            try await server.withConnection { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                try began.block()
                connection.reset()
            }
            try await eventually("the connection is gone") { server.connectionCount == 0 }
            mayGo.open()
            try await eventually("the end was told") { teller.all == [0] }
        }
    }
}
