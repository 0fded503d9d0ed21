import Foundation
import RegistryTesting
import Testing

@testable import HTTPServing

/// What one client of HTTP/2, or many of them, may ask of a server at most.
@Suite struct HTTP2LimitsTests {
    // MARK: Memory

    @Test func `what clients send ahead is bounded over all streams of all connections`() async throws {
        let gate = Gate()
        try await TestServer.run(
            limits: ServerLimits(http2UploadByteCountMax: 8 << 20),
            tls: try await TestCertificate().material(),
            bodyByteCount: 1 << 20,
            respond: { request in
                // A window is lent to who reads; then nobody reads on.
                _ = try? await request.body.next(upTo: 64 << 10)
                await gate.wait()
                return Answers.text("done")
            }
        ) { server in
            let bodies = stride(from: 1, to: 41, by: 2).map { "put=\($0),/" }
            let clients = try (0..<2).map { _ in try HTTP2Client(server, bodies + ["fill=\(64 << 20)"]) }
            var sum = 0
            for client in clients {
                try await client.process.waitUntil("the windows are full") { client.seen.contains("FILLED") }
                sum += client.seen.split(separator: "\n").last.flatMap { Int($0.dropFirst("FILLED ".count)) } ?? 0
            }
            for client in clients { await client.process.kill() }
            gate.open()
            // Besides the windows each of the 40 has a batch that was read and one that is on its way.
            #expect(sum <= (8 << 20) + 40 * (3 * 64 << 10))
            #expect(sum >= 40 * WindowBudget.firstByteCount)
        }
    }

    @Test(arguments: [["end=1", "until=DATA 1 0 end"], ["raw=000004030000000001" + "00000008"], ["vanish"]])
    func `a window that was lent is given back when the body ends`(ending: [String]) async throws {
        try await Transport.http2.run { server in
            let windows = server.server.serving.windows
            let upload = ["put=1,/count", "data=1,3000000"]
            let client = try HTTP2Client(server, upload)
            try await eventually("a window is lent") { windows.lentByteCount > 0 }
            #expect(windows.streamCount == 1)
            let other = try HTTP2Client(server, upload + ending)
            try await eventually("both had one, and one is left") { windows.streamCount == 1 }
            await client.process.kill()
            try await eventually("none is left") { windows.streamCount == 0 && windows.lentByteCount == 0 }
            await other.process.kill()
        }
    }

    @Test func `what is lent never comes to more than there is`() {
        let budget = WindowBudget(byteCount: 16 << 20)
        var lent = [budget.borrow(100_000)]
        #expect(lent == [100_000], "no more than is wanted")
        while let part = Optional(budget.borrow(4 << 20)), part > 0 { lent.append(part) }
        #expect(lent.count > 8 && lent.reduce(0, +) <= 8 << 20, "\(lent)")
        for part in lent { budget.giveBack(part) }
        #expect(budget.lentByteCount == 0)
        #expect(budget.borrow(4 << 20) == 2 << 20, "the fourth part of half of it")
        let entered = (0..<1000).count { _ in budget.enterStream() }
        #expect(entered == (8 << 20) / WindowBudget.firstByteCount)
        budget.leaveStream()
        #expect(budget.enterStream() && !budget.enterStream())
    }

    // MARK: Streams

    @Test func `a client that opens more streams than it may loses its connection`() async throws {
        let gate = Gate()
        try await Self.run(limits: ServerLimits(http2StreamCountMax: 2), waitingFor: gate) { server in
            let lines = try await HTTP2Client(server, Self.greeting + ["get=3,/slow", "get=5,/slow", "get=7,/slow"])
                .lines()
            #expect(lines.contains { $0.hasPrefix("GOAWAY") && !$0.hasSuffix(" 0") }, "\(lines)")
            #expect(lines.last == "EOF")
            #expect(gate.waiterCount == 2)
            gate.open()
        }
    }

    @Test func `a body too many for the server is refused, and may come again`() async throws {
        let gate = Gate()
        // Room for the first windows of two.
        try await Self.run(limits: ServerLimits(http2UploadByteCountMax: 4 * 65_535), waitingFor: gate) { server in
            let busy = try HTTP2Client(
                server,
                ["put=1,/slow", "put=3,/slow", "until=HEADERS 3", "end=1", "end=3", "vanish"]
            )
            try await eventually("both are under way") { gate.waiterCount == 2 }
            let other = try HTTP2Client(
                server,
                ["put=1,/slow", "until=RST_STREAM 1", "get=3,/hello", "until=DATA 3 0 end"]
            )
            try await other.process.waitUntil("it is refused") { other.seen.contains("RST_STREAM 1 7") }
            try await other.process.waitUntil("what has no body is answered") { other.seen.contains("HEADERS 3 200") }
            await other.process.kill()
            gate.open()
            #expect(try await busy.lines().count { $0.hasSuffix(" 200") } == 2)
            let again = try await HTTP2Client(server, ["put=1,/hello", "end=1", "until=DATA 1 0 end", "vanish"]).lines()
            #expect(again.contains("HEADERS 1 200"), "\(again)")
        }
    }

    // MARK: Floods

    /// Each is answered by ENHANCE_YOUR_CALM (11), or by the error that it is, and by the end of the connection.
    @Test(arguments: [
        ("requests that are taken back", "storm=1,2000"),
        ("pings", "raw=000008060000000000" + "0000000000000000,2000"),
        ("settings", "raw=000000040000000000,2000"),
        ("a header without an end", "raw=00000101000000000182;raw=00000109000000000184,2000"),
        ("empty pieces of a body", "put=1,/count;raw=000000000000000001,2000"),
    ])
    func `a flood ends its connection`(description: String, steps: String) async throws {
        try await Transport.http2.run { server in
            let steps = steps.split(separator: ";").map(String.init)
            let lines = try await HTTP2Client(server, steps).lines()
            #expect(lines.contains { $0.hasPrefix("GOAWAY") && !$0.hasSuffix(" 0") }, "\(lines)")
            #expect(lines.last == "EOF")
            try await eventually("the connection is gone") { server.connectionCount == 0 }
            #expect(try await Transport.http2.curl(server, "/hello").standardOutput == "hello")
        }
    }

    // MARK: Headers

    @Test func `a header may be as long as the limit and no longer`() async throws {
        try await Transport.http2.run { server in
            let lines = try await HTTP2Client(
                server,
                Self.greeting + ["long=3,60000", "until=DATA 3 0 end", "long=5,70000"]
            ).lines()
            #expect(lines.contains("HEADERS 3 200"), "\(lines)")
            #expect(!lines.contains("HEADERS 5 200"), "\(lines)")
            #expect(lines.contains { $0.hasPrefix("GOAWAY") && !$0.hasSuffix(" 0") }, "\(lines)")
            #expect(lines.last == "EOF")
        }
    }

    /// Header blocks that break RFC 9113 section 8.2 and 8.3, each in a frame of stream 1.
    @Test(arguments: [
        ("a name in upper case", "828784" + "0001580178"),
        ("a header of the connection", "828784" + "000a636f6e6e656374696f6e05636c6f7365"),
        ("chunks", "828784" + "00117472616e736665722d656e636f64696e67076368756e6b6564"),
        ("no path", "8287"),
        ("no method", "8784"),
        ("no scheme", "8284"),
        ("two paths", "82878484"),
        ("a pseudo-header behind a header", "8287" + "0001780178" + "84"),
        ("an unknown pseudo-header", "828784" + "00023a780178"),
    ])
    func `a malformed header breaks its stream alone`(description: String, block: String) async throws {
        try await Transport.http2.run { server in
            let frame = String(format: "%06x", block.count / 2) + "010500000001" + block
            let lines = try await HTTP2Client(
                server,
                ["raw=\(frame)", "until=RST_STREAM 1", "get=3,/hello", "until=DATA 3 0 end", "vanish"]
            ).lines()
            #expect(lines.contains("RST_STREAM 1 1"), "\(lines)")
            #expect(lines.contains("HEADERS 3 200"), "\(lines)")
        }
    }

    @Test(arguments: [("Host alone", "0004686f73740178"), ("no host", "")])
    func `a request is answered whose host is not where it should be`(description: String, host: String) async throws {
        try await Transport.http2.run { server in
            let block = "8287" + "04062f68656c6c6f" + host
            let frame = String(format: "%06x", block.count / 2) + "010500000001" + block
            let lines = try await HTTP2Client(server, ["raw=\(frame)", "until=DATA 1 0 end", "vanish"]).lines()
            #expect(lines.first == "HEADERS 1 200", "\(lines)")
        }
    }

    // MARK: What they share

    /// A request and its answer: from then on the client has heard of the limits and the server knows that it has.
    private static let greeting = ["get=1,/hello", "until=DATA 1 0 end"]

    private static func run(
        limits: ServerLimits,
        waitingFor gate: Gate,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await Transport.http2.run(
            limits: limits,
            respond: { request in
                if request.target == "/slow" { await gate.wait() }
                return Answers.text("done")
            },
            body
        )
    }
}
