import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import RegistryTesting
import Synchronization
import Testing

/// Connections that end where they should not.
@Suite struct CutTests {
    /// How far a client gets before it is gone, by a reset or by closing.
    enum Stage: String, CaseIterable {
        case connected
        case insideTheHead = "PUT /count HTTP/1.1\r\nHost: x\r\nCont"
        case behindTheHead = "PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        case insideTheBody = "PUT /count HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc"
        case insideAChunk = "PUT /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
        case waitingToContinue = "PUT /count HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
        case insideARefusedBody = "PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc"
        case behindTheRequest = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
        case insideALargeAnswer = "GET /zeros/16000000 HTTP/1.1\r\nHost: x\r\n\r\n"
        case behindManyRequests =
            """
            GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /zeros/9000000 HTTP/1.1\r\nHost: x\r\n\r\n\
            GET /later HTTP/1.1\r\nHost: x\r\n\r\n
            """
    }

    @Test(arguments: Stage.allCases, [true, false])
    func `a connection that is cut leaves nothing behind`(stage: Stage, isReset: Bool) async throws {
        try await TestServer.run { server in
            for _ in 0..<5 {
                try await server.withConnection { connection in
                    if stage != .connected { try connection.send(stage.rawValue) }
                    if stage == .insideALargeAnswer { _ = try connection.receive(count: 100) }
                    if isReset { connection.reset() } else { connection.close() }
                }
            }
            try await eventually("all connections are gone") { server.connectionCount == 0 }
            #expect(try await server.client.send(TestRequest("GET", "/hello")).text == "hello")
        }
    }

    @Test func `a reader of a body is told when its client is gone, and the request is counted as 499`() async throws {
        let began = Gate()
        let told = Mutex<[String]>([])
        try await TestServer.run(
            respond: { request in
                began.open()
                let answer = await Answers.count(request)
                told.withLock { $0.append("\(answer.status.code)") }
                return answer
            }
        ) { server in
            try await server.withConnection { connection in
                try connection.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc")
                try began.block()
                connection.reset()
            }
            try await eventually("the reader was told") { told.withLock { $0 } == ["400"] }
            try await eventually("the request was counted") { server.requestCount("PUT", 499) == 1 }
        }
    }

    @Test func `a change whose client is gone goes on with what has come`() async throws {
        let began = Gate()
        let end = Mutex<[String]>([])
        try await TestServer.run(
            respond: { request in
                var count = 0
                do {
                    while let batch = try await request.body.next(upTo: 1) {
                        count += batch.reduce(0) { $0 + $1.readableBytes }
                        began.open()
                    }
                } catch {
                    let said = "\(count) bytes came, cancelled: \(Task.isCancelled)"
                    end.withLock { $0.append(said) }
                }
                return Answers.text("too late")
            }
        ) { server in
            try await server.withConnection { connection in
                try connection.send("PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc")
                try began.block()
                connection.reset()
            }
            try await eventually("the body ended") { !end.withLock { $0.isEmpty } }
            #expect(end.withLock { $0 } == ["3 bytes came, cancelled: false"])
        }
    }

    @Test func `the task of a question whose client is gone is cancelled`() async throws {
        let (began, cancelled) = (Gate(), Gate())
        try await TestServer.run(
            respond: { _ in
                await withTaskCancellationHandler {
                    began.open()
                    await cancelled.wait()
                } onCancel: {
                    cancelled.open()
                }
                return Answers.text("too late")
            }
        ) { server in
            try await server.withConnection { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                try began.block()
                connection.reset()
            }
            try await eventually("the task was cancelled") { cancelled.isOpen }
            try await eventually("the request was counted") { server.requestCount("GET", 499) == 1 }
            #expect(server.requestCount("GET", 200) == 0)
        }
    }

    @Test func `bytes are counted as they went, not as they were to go`() async throws {
        try await TestServer.run { server in
            _ = try await server.client.send(TestRequest("PUT", "/count", body: Array(repeating: 0, count: 12_345)))
            _ = try await server.client.send(TestRequest("GET", "/zeros/5000"))
            // An answer is counted when it is out, which its reader may know first.
            try await eventually("what came is counted") { server.sample("wharf_http_received_bytes_total") == 12_345 }
            try await eventually("what went is counted") { server.sample("wharf_http_sent_bytes_total") == 5005 }
            try await server.withConnection { connection in
                try connection.send("GET /zeros/16000000 HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receive(count: 1000)
                connection.reset()
            }
            try await eventually("the cut request is counted") { server.requestCount("GET", 200) == 2 }
            let sent = try #require(server.sample("wharf_http_sent_bytes_total"))
            #expect(sent < 12_000_000)
        }
    }
}

/// Something that happens once and can be waited for.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen } }
    /// How many wait in front of it.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Waits on a thread of the test's own, ten seconds at most.
    func block() throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !isOpen {
            guard ContinuousClock.now < deadline else { throw TestConnection.Failure.timedOut }
            usleep(1000)
        }
    }
}
