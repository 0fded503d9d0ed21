import HTTPServing
import NIOCore
import RegistryTesting
import Testing

/// One connection, many requests.
@Suite struct KeepAliveTests {
    @Test func `a connection carries one request after another`() async throws {
        try await TestServer.run { server in
            let bodies = try await server.withConnection { connection in
                try (0..<50).map { round in
                    try connection.exchange(TestRequest("GET", round % 2 == 0 ? "/hello" : "/later")).text
                }
            }
            #expect(bodies == (0..<50).map { $0 % 2 == 0 ? "hello" : "later" })
            try await eventually("all are counted") { server.requestCount("GET", 200) == 50 }
        }
    }

    @Test func `requests sent ahead are answered in their order`() async throws {
        try await TestServer.run(respond: Self.byNumber) { server in
            let texts = try await server.withConnection { connection in
                try connection.send((0..<200).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
                return try (0..<200).map { _ in try connection.receive().text }
            }
            #expect(texts == (0..<200).map { "/\($0)" })
        }
    }

    /// Answers some requests at once and others after a while, so that a later answer is ready before an earlier one.
    private static let byNumber: TestServer.Respond = { request in
        if request.target.hasSuffix("0") { try? await Task.sleep(for: .milliseconds(2)) }
        if request.target.hasSuffix("1") { await Task.yield() }
        return Answers.text(request.target)
    }

    /// Of a body that nobody wants 4 MiB are read, and then the connection ends.
    @Test(arguments: [(4_000_000, nil), (4_194_305, "close")])
    func `an answer before a body says whether the connection outlives it`(count: Int, said: String?) async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                let request = TestRequest("PUT", "/refuse", headers: [("Content-Length", "\(count)")])
                try connection.sendHead(of: request)
                let answer = try connection.receive()
                #expect(answer.status == 403)
                #expect(answer[header: "Connection"] == said)
                guard said == nil else { return }
                try connection.send([UInt8](repeating: 0, count: count))
                #expect(try connection.exchange(TestRequest("GET", "/hello")).text == "hello")
            }
        }
    }

    @Test func `bodies sent ahead stay with their requests`() async throws {
        try await TestServer.run { server in
            let texts = try await server.withConnection { connection in
                try connection.send(
                    (0..<100).map { number in
                        let body = String(repeating: "\(number) ", count: number)
                        return number % 2 == 0
                            ? "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                            : "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
                    }.joined()
                )
                return try (0..<100).map { _ in try connection.receive(method: "PUT").text }
            }
            #expect(texts == (0..<100).map { number in String(repeating: "\(number) ", count: number) })
        }
    }

    /// Each answer that is there at once looks for the next request from within the one before.
    @Test func `thousands of requests sent ahead behind a slow one do not exhaust the stack`() async throws {
        try await TestServer.run(respond: Self.byNumber) { server in
            try await server.withConnection { connection in
                let ahead = String(repeating: "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n", count: 3000)
                try connection.send("GET /0 HTTP/1.1\r\nHost: x\r\n\r\n" + ahead)
                // At the end of what a client sends all of it is read at once.
                connection.finishSending()
                #expect(try connection.receive().text == "/0")
                for _ in 0..<3000 { #expect(try connection.receive().text == "/2") }
                #expect(try connection.isEndedByServer())
            }
        }
    }

    @Test func `HTTP 1.0 ends with its answer, unless the client asks for more`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("GET /later HTTP/1.0\r\n\r\n")
                let answer = try connection.receive()
                #expect(answer.text == "later")
                #expect(answer[header: "Connection"] == "close")
                #expect(try connection.isEndedByServer())
            }
            try await server.withConnection { connection in
                for _ in 0..<3 {
                    try connection.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    let answer = try connection.receive()
                    #expect(answer.text == "hello")
                    #expect(answer[header: "Connection"]?.lowercased() == "keep-alive")
                }
            }
        }
    }

    @Test(arguments: ["HTTP/1.1\r\nConnection: close", "HTTP/1.0"])
    func `a large answer that ends its connection comes whole`(version: String) async throws {
        try await TestServer.run { server in
            let (count, ended) = try await server.withConnection { connection in
                try connection.send("GET /zeros/16000000 \(version)\r\nHost: x\r\n\r\n")
                return (try connection.receive().body.count, try connection.isEndedByServer())
            }
            #expect(count == 16_000_000)
            #expect(ended)
        }
    }

    @Test func `HEAD is answered with the length and without the body`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                let answer = try connection.exchange(TestRequest("HEAD", "/zeros/1000"))
                #expect(answer[header: "Content-Length"] == "1000")
                #expect(try connection.exchange(TestRequest("GET", "/hello")).text == "hello")
            }
        }
    }

    @Test func `every answer says its date and its length`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send(TestRequest("GET", "/hello"))
            #expect(answer[header: "Content-Length"] == "5")
            let date = try #require(answer[header: "Date"])
            #expect(date.wholeMatch(of: #/(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/#) != nil)
        }
    }

    @Test(arguments: ["/hello", "/later"])
    func `a client that has said its last is still answered`(path: String) async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                connection.finishSending()
                #expect("/" + (try connection.receive().text) == path)
                #expect(try connection.isEndedByServer())
            }
        }
    }

    @Test func `all that a client sent ahead of its last word is answered`() async throws {
        try await TestServer.run(respond: Self.byNumber) { server in
            try await server.withConnection { connection in
                try connection.send((0..<30).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
                connection.finishSending()
                for number in 0..<30 { #expect(try connection.receive().text == "/\(number)") }
                #expect(try connection.isEndedByServer())
            }
        }
    }

    @Test func `a request may come in pieces of one byte`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                let requests = [
                    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                    "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
                    "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n"
                        + "0\r\n\r\n",
                ]
                for request in requests {
                    for byte in request.utf8 { try connection.send([byte]) }
                    #expect(try connection.receive().text == "hello")
                }
            }
        }
    }

    @Test func `a request may be split at every byte`() async throws {
        try await TestServer.run { server in
            let request = Array(
                "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n"
                    .utf8
            )
            try await server.withConnection { connection in
                for split in 1..<request.count {
                    try connection.send(Array(request[..<split]))
                    try connection.send(Array(request[split...]))
                    #expect(try connection.receive(method: "PUT").text == "hello", "split at \(split)")
                }
            }
        }
    }

    @Test(arguments: ["http://example.org/hello", "https://example.org:5000/hello", "/hello"])
    func `a request may name the server before the path`(target: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send(TestRequest("GET", target))
            #expect(answer.text == "hello")
        }
    }

    /// After such a request the decoder takes nothing as HTTP any more: a client that were to go on would wait.
    @Test func `a request that wants another protocol is answered and is the last`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send(
                    "GET /later HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
                )
                let answer = try connection.receive()
                #expect(answer.text == "later")
                #expect(answer[header: "Connection"] == "close")
                #expect(try connection.isEndedByServer())
            }
        }
    }
}
