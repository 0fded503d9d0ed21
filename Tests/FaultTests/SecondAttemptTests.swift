import RegistryTesting
import Testing

/// Two clients, or one that comes again, at the same upload of a running server.
@Suite("Two requests at one upload")
struct SecondAttemptTests {
    @Test("Of chunks at the same offset one is taken, the others get 416 and the true range, and the blob is right")
    func race() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        for round in 0..<8 {
            let blob = SampleBlob(count: 400_000, seed: UInt64(round))
            let location = try await client.start(in: "app")
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let request = TestRequest(
                            "PATCH",
                            location,
                            headers: [("Content-Range", "0-299999")],
                            body: Array(blob.bytes[..<300_000])
                        )
                        return try await client.http.send(request)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status).sorted() == [202, 416, 416, 416], "round \(round)")
            for answer in answers where answer.status == 416 { #expect(answer[header: "Range"] != nil) }
            #expect(try await client.offset(of: location) == 300_000)
            try await client.finish(location, blob.digest, Array(blob.bytes[300_000...]))
            try await client.demand("/v2/app/blobs/\(blob.digest)", is: blob.digest)
        }
        #expect(await server.stop() == 0)
    }

    @Test("A client that comes again goes on while its old connection hangs, which can then do no harm")
    func hangingConnection() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        let blob = SampleBlob(count: 3_000_000, seed: 20)
        let location = try await client.start(in: "app")
        let (isHanging, comesBack) = (Latch(), Latch())
        defer { comesBack.open() }
        async let late = client.http.withConnection { connection in
            let head = TestRequest("PATCH", location, headers: [("Content-Length", "3000000")])
            try connection.sendHead(of: head)
            try connection.send(Array(blob.bytes[..<1_000_000]))
            isHanging.open()
            comesBack.block()
            // The server may have closed the connection already, or does so before it has read all of this.
            try? connection.send([UInt8](repeating: 0xee, count: 2_000_000))
            return try? connection.receive(method: "PATCH").status
        }
        await isHanging.wait()
        // Until all of its first bytes have come it does not hang yet, and whoever goes on from before is refused.
        try await eventually("the upload goes on") {
            let offset = try await client.offset(of: location)
            guard offset > 0 else { return false }
            do {
                try await client.patch(location, Array(blob.bytes[offset..<2_000_000]), at: offset)
                return true
            } catch let refused as ServerClient.Refused where refused.answer.status == 416 {
                return false
            }
        }
        comesBack.open()
        #expect([416, nil].contains(try await late))
        #expect(try await client.offset(of: location) == 2_000_000)
        try await client.finish(location, blob.digest, Array(blob.bytes[2_000_000...]))
        try await client.demand("/v2/app/blobs/\(blob.digest)", is: blob.digest)
        #expect(await server.stop() == 0)
    }
}
