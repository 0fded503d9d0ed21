import Foundation
import HTTPServing
import NIOCore
import RegistryTesting
import Testing

/// Bodies of requests over HTTP/1.1.
@Suite struct BodyTests {
    @Test func `a body with a length and one in chunks come as they were sent`() async throws {
        try await TestServer.run { server in
            var generator = SeededGenerator(seed: 3)
            let bytes = generator.bytes(1_000_000)
            for isStreamed in [false, true] {
                let answer = try await server.client.send(
                    TestRequest("PUT", "/echo", body: bytes, isStreamed: isStreamed)
                )
                #expect(answer.status == 200)
                #expect(answer.body == bytes)
            }
        }
    }

    @Test func `a body of chunks of one byte is taken in, and trailers are not part of it`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("PUT /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                try connection.send(String(repeating: "1\r\nx\r\n", count: 50_000))
                try connection.send("0\r\nX-Trailer: a\r\nX-Other: b\r\n\r\n")
                #expect(try connection.receive(method: "PUT").text == "50000")
                #expect(try connection.exchange(TestRequest("GET", "/hello")).text == "hello")
            }
        }
    }

    @Test(arguments: [0, 1, 5])
    func `an empty body in any framing is empty`(style: Int) async throws {
        let framing = ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\r\n"][style % 3]
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("PUT /count HTTP/1.1\r\nHost: x\r\n" + framing)
                #expect(try connection.receive(method: "PUT").text == "0")
            }
        }
    }

    // MARK: Bodies that nobody reads

    @Test(arguments: [1000, 1 << 20])
    func `the rest of a body that nobody reads is dropped, and the connection goes on`(count: Int) async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                let answer = try connection.exchange(
                    TestRequest("PUT", "/refuse", body: Array(repeating: 0, count: count))
                )
                #expect(answer.status == 403)
                #expect(answer.text == "refused")
                #expect(try connection.exchange(TestRequest("GET", "/hello")).text == "hello")
            }
        }
    }

    @Test func `a client that sends far too much to a refusal has the answer, and is cut off`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.sendHead(of: TestRequest("PUT", "/refuse", headers: [("Content-Length", "1000000000")]))
                let answer = try connection.receive(method: "PUT")
                #expect(answer.status == 403)
                var sent = 0
                let piece = [UInt8](repeating: 0, count: 64 << 10)
                let failure = #expect(throws: TestConnection.Failure.self) {
                    while sent < 200 << 20 {
                        try connection.send(piece)
                        sent += piece.count
                    }
                }
                #expect(failure != .timedOut)
                #expect(sent < 100 << 20)
            }
        }
    }

    // MARK: Expect: 100-continue

    @Test func `a body is asked for when it is wanted`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send(
                TestRequest(
                    "PUT",
                    "/count",
                    headers: [("Expect", "100-continue")],
                    body: Array(repeating: 1, count: 1000)
                )
            )
            #expect(answer.interim == [100])
            #expect(answer.text == "1000")
        }
    }

    @Test func `a body that is not wanted is not asked for, and its connection ends`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                let answer = try connection.exchange(
                    TestRequest("PUT", "/refuse", headers: [("Expect", "100-continue")], body: [1, 2, 3])
                )
                #expect(answer.interim == [])
                #expect(answer.status == 403)
                #expect(answer[header: "Connection"] == "close")
                #expect(try connection.isEndedByServer())
            }
        }
    }

    @Test func `a client that sends a body it was not asked for still has the answer`() async throws {
        try await TestServer.run { server in
            for _ in 0..<20 {
                try await server.withConnection { connection in
                    let request = TestRequest(
                        "PUT",
                        "/refuse",
                        headers: [("Expect", "100-continue")],
                        body: Array(repeating: 0, count: 500_000)
                    )
                    try connection.sendHead(of: request)
                    try connection.sendBody(of: request)
                    let answer = try connection.receive(method: "PUT")
                    #expect(answer.status == 403)
                    #expect(answer.text == "refused")
                    #expect(try connection.isEndedByServer())
                }
            }
        }
    }

    @Test func `a client that expects to be told and has sent all need not be told`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send(
                    "PUT /count HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"
                        + "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                )
                #expect(try connection.receive(method: "PUT").text == "3")
                #expect(try connection.receive().text == "hello")
            }
        }
    }

    @Test func `HTTP 1.0 knows no interim answer`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("PUT /count HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc")
                let answer = try connection.receive(method: "PUT")
                #expect(answer.interim == [])
                #expect(answer.text == "3")
            }
        }
    }

    /// curl waits for the word to go on, by itself for a second, and then goes on without.
    @Test(arguments: ["/count", "/refuse"])
    func `curl need not wait for an answer to what it expects`(path: String) async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try Data(repeating: 0, count: 2 << 20).write(to: URL(filePath: "\(folder.path)/body"))
            let result = try await Curl.run([
                "--verbose", "--expect100-timeout", "60", "--header", "Expect: 100-continue",
                "--upload-file", "\(folder.path)/body",
                "--write-out", "|%{http_code}|%{time_total}", "http://127.0.0.1:\(server.server.port)\(path)",
            ])
            let parts = result.standardOutput.split(separator: "|")
            #expect(result.status == 0, "\(result.standardError)")
            #expect(parts.dropLast() == (path == "/count" ? ["\(2 << 20)", "200"] : ["refused", "403"]))
            #expect(!result.standardError.contains("Done waiting for 100-continue"))
            #expect(result.standardError.contains("100 Continue") == (path == "/count"))
        }
    }
}

/// Debian's curl.
enum Curl {
    /// Runs it, silent but for what `arguments` ask for.
    static func run(_ arguments: [String], timeout: Duration = .seconds(120)) async throws -> CommandResult {
        try await Command("/usr/bin/curl", ["--silent", "--show-error"] + arguments, timeout: timeout).run()
    }
}
