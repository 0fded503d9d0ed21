import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import RegistryTesting
import Synchronization
import Testing

/// Answers that come from elsewhere while they are sent.
@Suite struct StreamTests {
    struct Cut: Error {}

    /// Pieces of seeded bytes, of sizes that fit no window; it can end early, give too much, or never go on.
    final class Source: ResponseStream {
        enum End: Sendable {
            case whole, early, failing, tooMuch, never
        }

        let bytes: [UInt8]
        let end: End
        let wasCancelled = Gate()
        private let given = Mutex(0)

        init(count: Int, _ end: End = .whole) {
            var generator = SeededGenerator(seed: 17)
            bytes = generator.bytes(count)
            self.end = end
        }

        var givenCount: Int { given.withLock { $0 } }

        func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
            // Some pieces come at once, others later.
            if givenCount % 3 == 0 { await Task.yield() }
            let piece = given.withLock { given in
                let size = min(max(1, byteCount - given % 1000), bytes.count - given)
                defer { given += size }
                return bytes[given..<given + size]
            }
            if piece.isEmpty || (end != .whole && givenCount > bytes.count / 2) {
                switch end {
                case .whole, .early: return nil
                case .failing: throw Cut()
                case .tooMuch: return [ByteBuffer(repeating: 1, count: bytes.count)]
                case .never:
                    try? await Task.sleep(for: .seconds(60))
                    if Task.isCancelled { wasCancelled.open() }
                    throw Cut()
                }
            }
            // Two buffers, one of which is empty.
            return [ByteBuffer(), ByteBuffer(bytes: piece)]
        }

        func answer(_ request: ServerRequest) -> ServerResponse {
            ServerResponse(.ok, body: .stream(self, byteCount: Int64(bytes.count)))
        }
    }

    @Test(arguments: Transport.allCases, [1, 4096, 3_000_017])
    func `all bytes come in order`(transport: Transport, count: Int) async throws {
        let source = Source(count: count)
        let folder = try TemporaryFolder()
        try await transport.run(respond: { source.answer($0) }) { server in
            let result = try await transport.curl(server, "/", ["--output", "\(folder.path)/got"])
            #expect(result.status == 0, "\(result.standardError)")
            #expect(try Data(contentsOf: URL(filePath: "\(folder.path)/got")) == Data(source.bytes))
            try await eventually("all is counted") { server.sample("wharf_http_sent_bytes_total") == count }
        }
    }

    @Test func `nothing is fetched for HEAD, and the next request is answered`() async throws {
        let source = Source(count: 100_000)
        try await TestServer.run(respond: { source.answer($0) }) { server in
            try await server.withConnection { connection in
                let head = try connection.exchange(TestRequest("HEAD", "/"))
                #expect(head[header: "content-length"] == "100000")
                #expect(source.givenCount == 0)
                #expect(try connection.exchange(TestRequest("GET", "/")).body == source.bytes)
            }
        }
    }

    @Test(arguments: [Source.End.early, .failing, .tooMuch])
    func `what ends early or goes on too long cuts the connection`(end: Source.End) async throws {
        let source = Source(count: 1_000_000, end)
        try await TestServer.run(respond: { source.answer($0) }) { server in
            let error = await #expect(throws: (any Error).self) {
                _ = try await server.client.send(TestRequest("GET", "/"))
            }
            #expect(error != nil)
            #expect(server.requestCount("GET", 200) == 1)
        }
    }

    @Test func `whoever leaves ends what is being fetched`() async throws {
        let source = Source(count: 1_000_000, .never)
        try await TestServer.run(respond: { source.answer($0) }) { server in
            try await server.withConnection { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receive(count: 100)
                connection.reset()
            }
            try await eventually("the fetch was cancelled") { source.wasCancelled.isOpen }
        }
    }

    @Test func `a client that reads slowly makes nobody fetch ahead`() async throws {
        let source = Source(count: 64 << 20)
        try await TestServer.run(respond: { source.answer($0) }) { server in
            try await server.withConnection { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receive(count: 1000)
                usleep(300_000)
                // What the sockets hold, and a window.
                #expect(source.givenCount < 16 << 20)
            }
        }
    }
}
