import HTTPServing
import NIOCore
import RegistryTesting
import Testing

/// What is no request, or one whose framing lies.
@Suite struct RefusalTests {
    /// What a client sent, and the statuses that may answer it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var statuses: Set<Int>

        init(_ description: String, _ text: String, _ statuses: Set<Int> = [400]) {
            testDescription = description
            bytes = Array(text.utf8)
            self.statuses = statuses
        }
    }

    static let cases: [Case] = [
        Case("garbage", "garbage\r\n\r\n"),
        Case("zeros", String(repeating: "\0", count: 100)),
        Case("a TLS hello", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}\u{01}\u{FC}\u{03}\u{03}abcdefghijklmnop"),
        Case("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 505]),
        Case("an unknown version", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", [400, 505]),
        Case("no version", "GET /\r\n\r\n", [400, 505]),
        Case("a space in a field's name", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
        Case("a field without a colon", "GET / HTTP/1.1\r\nHost\r\n\r\n"),
        Case("a field without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n"),
        Case("a zero in a field", "GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n"),
        Case("no host", "GET /hello HTTP/1.1\r\n\r\n"),
        Case("no host but in the target", "GET http://x/hello HTTP/1.1\r\n\r\n"),
        Case("two hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
        Case("the same host twice", "GET /hello HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n"),
        Case("two hosts over HTTP/1.0", "GET /hello HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"),
        Case("a list of hosts", "GET /hello HTTP/1.1\r\nHost: x, y\r\n\r\n"),
        Case("a host with a path", "GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n"),
        Case("a host with a user", "GET /hello HTTP/1.1\r\nHost: a@x\r\n\r\n"),
        Case("two lengths", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        Case(
            "the same length twice",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"
        ),
        Case("a list of lengths", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na"),
        Case("a negative length", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\na"),
        Case("a length with a sign", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na"),
        Case("a length in words", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: one\r\n\r\na"),
        Case("a length of 2^63", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\na"),
        Case("a length of 2^64", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551616\r\n\r\na"),
        Case(
            "a length beside chunks",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        Case(
            "chunks beside a length",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        ),
        Case(
            "an unknown coding",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            [400, 501]
        ),
        Case(
            "chunks that are not last",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"
        ),
        Case(
            "chunks in another coding",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            [501]
        ),
        Case(
            "chunks twice",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            [400, 501]
        ),
        Case(
            "chunks with the sign of the kelvin",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chun\u{212A}ed\r\n\r\n0\r\n\r\n",
            [400, 501]
        ),
        Case("chunks over HTTP/1.0", "PUT /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Case("a chunk without a size", "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        Case(
            "a chunk longer than its size",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"
        ),
        Case(
            "a chunk of 2^64",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nabc"
        ),
        Case(
            "a long field",
            "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 17 << 10))\r\n\r\n",
            [431]
        ),
        Case(
            "a field without an end",
            "GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 1 << 20))",
            [431]
        ),
        Case("many fields", "GET / HTTP/1.1\r\nHost: x\r\n\(String(repeating: "A: b\r\n", count: 50_000))\r\n", [431]),
        Case(
            "long trailers",
            "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                + String(repeating: "A: \(String(repeating: "a", count: 8000))\r\n", count: 20),
            [400, 431]
        ),
        Case("a long request line", "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\n\r\n", [414, 431]),
        Case("a long method", String(repeating: "A", count: 100_000) + " / HTTP/1.1\r\n\r\n"),
    ]

    /// Nothing of these may be taken for a second request: the one that follows would be an attacker's.
    @Test(arguments: cases)
    func `what is not a request is refused, and its connection ends`(sample: Case) async throws {
        try await TestServer.run { server in
            let (status, isEnded) = try await server.withConnection { connection in
                do {
                    try connection.send(sample.bytes)
                    try connection.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                } catch TestConnection.Failure.system {
                    // The server has closed already; its answer is still there to be read.
                }
                let answer = try connection.receive(method: "PUT")
                return (answer.status, try connection.isEndedByServer())
            }
            #expect(sample.statuses.contains(status), "\(status)")
            #expect(isEnded)
            #expect(server.requestCount("GET", 200) == 0)
        }
    }

    @Test(arguments: ["/hello", "/later"])
    func `a request before garbage is answered first`(path: String) async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n\0\u{1}garbage\r\n\r\n")
                #expect("/" + (try connection.receive().text) == path)
                #expect(try connection.receive().status == 400)
                #expect(try connection.isEndedByServer())
            }
        }
    }

    @Test func `chunks that break off into garbage are answered by whoever reads them`() async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send("PUT /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                try connection.send("zzz\r\n")
                let answer = try connection.receive(method: "PUT")
                #expect(answer.status == 400)
                #expect(answer.text == "malformed")
                #expect(try connection.isEndedByServer())
            }
        }
    }

    @Test(arguments: [
        "GET /hello HTTP/1.0\r\n\r\n", "GET /hello HTTP/1.0\r\nHost: x\r\n\r\n", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n", "GET http://y/hello HTTP/1.1\r\nHost: x_1.y:80\r\n\r\n",
    ])
    func `a request with one host, or an old one without, is answered`(text: String) async throws {
        try await TestServer.run { server in
            try await server.withConnection { connection in
                try connection.send(text)
                #expect(try connection.receive().text == "hello")
            }
        }
    }

    @Test func `headers up to the limit are taken`() async throws {
        try await TestServer.run { server in
            let fields = (0..<3).map { ("X-\($0)", String(repeating: "a", count: 15 << 10)) }
            let answer = try await server.client.send(TestRequest("GET", "/hello", headers: fields))
            #expect(answer.status == 200)
        }
    }

    /// The seed of a failing round is in its message.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random changes of good requests never bring the server down`(seed: UInt64) async throws {
        let requests =
            "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nPUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
            + "PUT /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
            + "3\r\nabc\r\n0\r\nA: b\r\n\r\n"
            + "HEAD /zeros/100 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        let limits = ServerLimits(stallTimeout: .seconds(1))
        try await TestServer.run(limits: limits) { server in
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<25 {
                var bytes = Array(requests.utf8)
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes.remove(at: place)
                    case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                    default: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
                    }
                }
                let changed = bytes
                try await server.withConnection { connection in
                    // What it answers is not told here; that it answers something and ends is.
                    try? connection.send(changed)
                    connection.finishSending()
                    _ = try? connection.receiveToEnd()
                }
            }
            #expect(try await server.client.send(TestRequest("GET", "/hello")).text == "hello", "seed \(seed)")
        }
    }
}
