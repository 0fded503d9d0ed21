import Glibc
import RegistryTesting
import Testing

/// SIGTERM while a client is slow: what `StopTests` shows of an upload in one request, shown of a download and of an
/// upload that is left open.
@Suite("A server that stops while clients are slow")
struct SlowDrainTests {
    @Test("A slow download comes whole, the server ends with 0 after it")
    func download() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        let blob = SampleBlob(count: 32 << 20, seed: 1)
        try await client.push(blob, to: "app")
        let port = client.http.port
        let body = try await client.http.withConnection { connection in
            connection.shrinkReceiveBuffer()
            try connection.sendHead(of: TestRequest("GET", "/v2/app/blobs/\(blob.digest)"))
            let head = try connection.receiveHead()
            var bytes = try connection.receive(count: 100_000)
            server.process.signal(SIGTERM)
            let deadline = ContinuousClock.now + .seconds(20)
            while (try? TestConnection(address: "127.0.0.1", port: port, timeout: .seconds(1)))?.close() != nil {
                try #require(ContinuousClock.now < deadline, "new connections are still taken")
            }
            #expect(server.process.status == nil, "the server has ended under a download")
            #expect(head.status == 200)
            bytes += try connection.receive(count: blob.bytes.count - bytes.count)
            return bytes
        }
        #expect(SampleBlob(body).digest == blob.digest)
        #expect(try await server.process.exit(within: .seconds(15)) == 0, "\(server.log)")
    }

    @Test("A chunk that was under way is kept, and the next server goes on after it")
    func chunk() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        let blob = SampleBlob(count: 3_000_000, seed: 2)
        let location = try await client.start(in: "app")
        let answer = try await client.http.withConnection { connection in
            let request = TestRequest("PATCH", location, headers: [("Content-Length", "2500000")])
            try connection.sendHead(of: request)
            try connection.send(Array(blob.bytes[..<2_000_000]))
            let deadline = ContinuousClock.now + .seconds(20)
            while uploadedByteCount(in: folder.path) == 0 {
                try #require(ContinuousClock.now < deadline, "no byte has come")
            }
            server.process.signal(SIGTERM)
            while !server.log.contains("stopping") {
                try #require(ContinuousClock.now < deadline, "the signal was not taken")
            }
            try connection.send(Array(blob.bytes[2_000_000..<2_500_000]))
            return try connection.receive(method: "PATCH")
        }
        #expect(answer.status == 202)
        #expect(try await server.process.exit(within: .seconds(15)) == 0, "\(server.log)")
        let next = try await WharfProcess.serve(folder.path)
        let again = try ServerClient(next)
        #expect(try await again.offset(of: location) == 2_500_000)
        try await again.finish(location, blob.digest, Array(blob.bytes[2_500_000...]))
        try await again.demand("/v2/app/blobs/\(blob.digest)", is: blob.digest)
        #expect(await next.stop() == 0)
    }

    @Test("A transfer that does not end within the grace is cut off, and the server ends")
    func grace() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path, environment: ["WHARF_HTTP_DRAIN_GRACE": "1s"])
        let client = try ServerClient(server)
        let blob = SampleBlob(count: 3_000_000, seed: 3)
        let location = try await client.start(in: "app")
        try await client.http.withConnection { connection in
            try connection.sendHead(of: TestRequest("PATCH", location, headers: [("Content-Length", "2500000")]))
            try connection.send(Array(blob.bytes[..<2_000_000]))
            let deadline = ContinuousClock.now + .seconds(20)
            while uploadedByteCount(in: folder.path) == 0 {
                try #require(ContinuousClock.now < deadline, "no byte has come")
            }
            server.process.signal(SIGTERM)
            _ = try? connection.receiveToEnd()
        }
        #expect(try await server.process.exit(within: .seconds(15)) == 0, "\(server.log)")
        #expect(server.log.contains("cut off"), "\(server.log)")
        #expect(!server.log.contains("shut down"), "\(server.log)")
        let next = try await WharfProcess.serve(folder.path)
        let again = try ServerClient(next)
        let offset = try await again.offset(of: location)
        #expect(offset == 2_000_000, "what came before the cut is kept")
        try await again.finish(location, blob.digest, Array(blob.bytes[offset...]))
        #expect(await next.stop() == 0)
        #expect(try await WharfProcess.verify(folder.path).status == 0)
    }
}
