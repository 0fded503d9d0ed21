import NIOCore
import NetworkAddress
import RegistryTesting
import Testing

@testable import Outgoing

@Suite struct ExchangeTests {
    @Test func `a request arrives as it was made, and its answer comes back`() async throws {
        try await OddServer.run { server, client in
            var headers: HeaderFields = ["X-One": "1"]
            headers.add("Accept", "a")
            headers.add("Accept", "b")
            let url = try server.url("/show?a=b%2Fc&d=%22")
            let response = try await client.send(
                OutgoingRequest(.put, url, headers: headers, body: .bytes(Array("body".utf8)))
            )
            #expect(response.status == 200)
            let text = String(decoding: try await response.body.collect(upTo: 1000), as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(lines.first == "PUT /show?a=b%2Fc&d=%22 HTTP/1.1")
            for line in ["X-One: 1", "Accept: a", "Accept: b", "Host: 127.0.0.1:\(server.port)"] {
                #expect(lines.contains(line), "\(line) is not in\n\(text)")
            }
            #expect(lines.filter { $0.lowercased() == "content-length: 4" }.count == 1)
            #expect(lines.last == "body")
        }
    }

    @Test func `a body in chunks arrives whole`() async throws {
        try await OddServer.run { server, client in
            let chunks = AsyncStream<ByteBuffer> { continuation in
                for digit in 0..<10 { continuation.yield(ByteBuffer(repeating: UInt8(48 + digit), count: 100_000)) }
                continuation.finish()
            }
            let body = OutgoingBody.stream(byteCount: 1_000_000, chunks)
            let response = try await client.send(OutgoingRequest(.post, try server.url("/show"), body: body))
            let text = String(decoding: try await response.body.collect(upTo: 2_000_000), as: UTF8.self)
            let expected = (0..<10).map { String(repeating: "\($0)", count: 100_000) }.joined()
            #expect(text.hasSuffix("\n\n" + expected))
            #expect(text.lowercased().contains("content-length: 1000000"))
        }
    }

    @Test func `a body that fails, or has another length, ends the request`() async throws {
        struct Torn: Error {}
        try await OddServer.run { server, client in
            let torn = AsyncThrowingStream<ByteBuffer, any Error> { $0.finish(throwing: Torn()) }
            let url = try server.url("/show")
            let first = try await client.failure(OutgoingRequest(.put, url, body: .stream(byteCount: 5, torn)))
            #expect(first.code == .requestBodyFailed && first.underlying is Torn)
            for count in [0, 9] {
                let chunks = AsyncStream<ByteBuffer> { continuation in
                    continuation.yield(ByteBuffer(repeating: 1, count: count))
                    continuation.finish()
                }
                let other = try await client.failure(OutgoingRequest(.put, url, body: .stream(byteCount: 5, chunks)))
                #expect(other.code == .requestBodyFailed)
            }
        }
    }

    @Test func `connections are used again`() async throws {
        try await OddServer.run { server, client in
            for _ in 0..<3 {
                let response = try await client.send(OutgoingRequest(.get, try server.url("/show")))
                #expect(response.headers["x-connection"] == "1")
                _ = try await response.body.collect(upTo: 1000)
            }
            let head = try await client.send(OutgoingRequest(.head, try server.url("/show")))
            #expect(try await head.body.collect(upTo: 0) == [])
        }
    }

    @Test func `a socket of this machine is dialled, and says so when nobody listens`() async throws {
        let folder = try TemporaryFolder()
        let target = OutgoingTarget.unixSocket(path: "\(folder.path)/admin.sock")
        let url = try OutgoingURL(target, path: "/show?a=1")
        try await OutgoingClient.withClient { client in
            let missing = try await client.failure(OutgoingRequest(.get, url))
            #expect(missing.code == .refused && missing.message.contains("Is the server running?"))
            let server = try await OddServer.start(socket: "\(folder.path)/admin.sock")
            let text = try await client.text(url)
            #expect(text.hasPrefix("GET /show?a=1 HTTP/1.1\n") && text.contains("Host: localhost"))
            await server.process.kill()
            let after = try await client.failure(OutgoingRequest(.get, url))
            #expect([.refused, .connectionLost].contains(after.code), "the client may not know yet that it was left")
        }
    }

    @Test func `redirects are followed where the request says so`() async throws {
        try await OddServer.run { server, client in
            let other = try await OddServer.start()
            let far = "http://127.0.0.1:\(other.port)/show"
            var request = OutgoingRequest(
                .get,
                try server.url("/to?status=307&url=\(far)"),
                headers: ["Authorization": "Bearer hunter2"]
            )
            let delivered = try await client.send(request)
            #expect(delivered.status == 307 && delivered.headers["location"] == far)
            request.redirects = .followed
            let followed = try await client.send(request)
            let text = String(decoding: try await followed.body.collect(upTo: 1000), as: UTF8.self)
            #expect(try followed.url == OutgoingURL(far))
            #expect(!text.contains("hunter2"))
            request.url = try server.url("/to?status=302&url=show")
            let near = try await client.send(request)
            #expect(String(decoding: try await near.body.collect(upTo: 1000), as: UTF8.self).contains("hunter2"))
            await other.process.kill()
        }
    }

    @Test func `a circle of redirects ends`() async throws {
        try await OddServer.run { server, client in
            let request = OutgoingRequest(.get, try server.url("/circle"), redirects: .followed)
            let error = try await client.failure(request)
            #expect(error.code == .redirectForbidden && error.message.contains("after 5 redirects"), "\(error)")
        }
    }

    @Test(arguments: ["Bearer hunter2\r\nX-Two: 2", "hunter2\u{0}"])
    func `a header field that would be two is not sent, and does not print`(value: String) async throws {
        try await OddServer.run { server, client in
            let request = OutgoingRequest(.get, try server.url("/show"), headers: ["Authorization": value])
            let error = try await client.failure(request)
            #expect(error.code == .requestInvalid && error.message.contains("Authorization"))
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains("hunter2"))
        }
    }

    @Test func `after the shutdown there is no request`() async throws {
        let server = try await OddServer.start()
        let client = try OutgoingClient(OutgoingClient.Configuration())
        _ = try await client.text(try server.url("/show"))
        let open = try await client.send(OutgoingRequest(.get, try server.url("/stall")))
        await client.shutDown()
        await #expect(throws: OutgoingError.self) { try await open.body.collect(upTo: 1000) }
        #expect(try await client.failure(OutgoingRequest(.get, try server.url("/show"))).code == .clientClosed)
        await server.process.kill()
    }

    @Test func `ways that nobody uses are not kept without end`() async throws {
        let loopback = AddressGuard.publicOnly(allowing: AddressBlock.loopback)
        let change: (inout OutgoingClient.Configuration) -> Void = {
            $0.guardian = loopback
            $0.resolver = .fixed(["127.0.0.1"])
        }
        try await OddServer.run(change) { server, client in
            for number in 0..<20 { _ = try await client.text(try server.url("/show", host: "host\(number).example")) }
            #expect(client.routes.count <= OutgoingLimits.idleRoutesMax + 1)
            let text = try await client.text(try server.url("/show", host: "host0.example"))
            #expect(text.contains("Host: host0.example:\(server.port)"))
        }
    }
}
