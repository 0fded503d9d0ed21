import Foundation
import HTTPServing
import NIOCore
import RegistryTesting
import Testing

/// A server that is to end.
@Suite struct DrainTests {
    @Test func `idle connections are closed at once, and none is taken any more`() async throws {
        try await TestServer.run { server in
            let port = server.server.port
            let (isReady, isDrained) = (Gate(), Gate())
            async let isEnded = server.withConnection { connection in
                #expect(try connection.exchange(TestRequest("GET", "/hello")).text == "hello")
                isReady.open()
                try isDrained.block()
                return try connection.isEndedByServer()
            }
            await isReady.wait()
            let began = ContinuousClock.now
            #expect(await server.server.drain(within: .seconds(20)) == 0)
            #expect(ContinuousClock.now - began < .seconds(10))
            isDrained.open()
            let hasEnded = try await isEnded
            #expect(hasEnded)
            #expect(throws: TestConnection.Failure.self) {
                try TestConnection(address: "127.0.0.1", port: port, timeout: .seconds(5))
            }
        }
    }

    @Test func `what is running is answered, says that it is the last, and closes`() async throws {
        let (isRunning, mayAnswer) = (Gate(), Gate())
        try await TestServer.run(
            respond: { _ in
                isRunning.open()
                await mayAnswer.wait()
                return Answers.text("done")
            }
        ) { server in
            async let exchange = server.withConnection { connection in
                (try connection.exchange(TestRequest("GET", "/")), try connection.isEndedByServer())
            }
            await isRunning.wait()
            async let cut = server.server.drain(within: .seconds(20))
            // Until the connection has been told, the answer would not yet be the last.
            try await eventually("the server listens no more") { !server.isListening }
            mayAnswer.open()
            #expect(await cut == 0)
            let (answer, isEnded) = try await exchange
            #expect(answer.text == "done")
            #expect(answer[header: "Connection"] == "close")
            #expect(isEnded)
        }
    }

    @Test func `an answer on its way to a slow client comes whole`() async throws {
        try await TestServer.run { server in
            let isUnderWay = Gate()
            async let received = server.withConnection { connection in
                connection.shrinkReceiveBuffer()
                try connection.send("GET /zeros/16000000 HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receiveHead()
                isUnderWay.open()
                usleep(200_000)
                return try connection.receiveToEnd().count
            }
            await isUnderWay.wait()
            #expect(await server.server.drain(within: .seconds(20)) == 0)
            let count = try await received
            #expect(count == 16_000_000)
        }
    }

    @Test func `what does not end within the grace is cut off and counted`() async throws {
        let (isRunning, never) = (Gate(), Gate())
        try await TestServer.run(
            respond: { _ in
                isRunning.open()
                await withTaskCancellationHandler {
                    await never.wait()
                } onCancel: {
                    never.open()
                }
                return Answers.text("too late")
            }
        ) { server in
            async let isEnded = server.withConnection { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try connection.isEndedByServer()
            }
            await isRunning.wait()
            #expect(await server.server.drain(within: .milliseconds(100)) == 1)
            let hasEnded = try await isEnded
            #expect(hasEnded)
            try await eventually("the cut request is counted") { server.requestCount("GET", 499) == 1 }
        }
    }
}

extension TestServer {
    /// Whether somebody could still connect.
    var isListening: Bool {
        let connection = try? TestConnection(address: "127.0.0.1", port: server.port, timeout: .seconds(5))
        connection?.close()
        return connection != nil
    }
}
