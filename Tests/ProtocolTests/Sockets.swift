import OCI
import RegistryTesting
import Testing

/// What only a connection can show.
///
/// The bodies that break off are written for the bytes of HTTP/1.1: there a length that is a lie is found out by the
/// end of the connection alone. HTTP/2 ends each body by a frame, and a connection that ends, ends all its streams;
/// that is shown where streams are misused at will, in `HTTP2Tests`.
@Suite struct Sockets {
    @Test(.requires("wharf-expect"), arguments: Harness.overSockets)
    func `Expect 100-continue is answered before the body is sent`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 100_000, seed: 1)
            let location = try await client.startUpload(in: "app")
            let response = try await client.send(
                "PUT",
                Client.path(location, digest: blob.digest),
                headers: [("Expect", "100-continue")],
                body: blob.bytes
            )
            #expect(response.interim == [100])
            #expect(response.status == 201)
        }
    }

    @Test(.requires("wharf-expect"), arguments: Harness.overSockets)
    func `a request that is refused by its head is refused instead of continued`(harness: Harness) async throws {
        try await harness.withClient { client in
            let response = try await client.send(
                "PUT",
                "/v2/app/manifests/1",
                headers: [
                    ("Expect", "100-continue"), ("Content-Type", MediaType.imageManifest.description),
                    ("Content-Length", "\(100 << 20)"),
                ]
            )
            #expect(response.status == 413)
            #expect(response.interim == [])
        }
    }

    @Test(.requires("wharf-length-lies"))
    func `a body that breaks off stores nothing, and the upload can be resumed from what came`() async throws {
        try await TestRegistry.withServer { http in
            let client = Client(harness: http)
            let blob = SampleBlob(count: 400_000, seed: 1)
            let location = try await client.startUpload(in: "app")
            let cut = TestRequest(
                "PUT",
                Client.path(location, digest: blob.digest),
                headers: [("Content-Length", "400000")],
                body: Array(blob.bytes[..<150_000])
            )
            try await http.withConnection { connection in
                try connection.sendHead(of: cut)
                try connection.sendBody(of: cut)
                connection.finishSending()
                _ = try? connection.receive(method: "PUT")
            }
            #expect(try await client.head("/v2/app/blobs/\(blob.digest)").status == 404)
            let status = try await client.get(location)
            #expect(status.status == 204)
            let range = try #require(status[header: "Range"])
            let last = try #require(range.split(separator: "-").last.flatMap { Int($0) })
            let held = last == 0 ? 0 : last + 1
            #expect(held <= 150_000)
            let end = try await client.finish(location, digest: blob.digest, Array(blob.bytes[held...]))
            #expect(end.status == 201, "\(end.text)")
            #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
        }
    }

    @Test(.requires("wharf-length-lies"))
    func `a manifest that breaks off is not stored`() async throws {
        try await TestRegistry.withServer { http in
            let client = Client(harness: http)
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            let cut = TestRequest(
                "PUT",
                "/v2/app/manifests/1",
                headers: [
                    ("Content-Type", image.manifest.mediaType), ("Content-Length", "\(image.manifest.bytes.count + 1)"),
                ],
                body: image.manifest.bytes
            )
            try await http.withConnection { connection in
                try connection.sendHead(of: cut)
                try connection.sendBody(of: cut)
                connection.reset()
            }
            #expect(try await client.get("/v2/app/manifests/1").status == 404)
            #expect(try await client.get("/v2/app/manifests/\(image.manifest.digest)").status == 404)
        }
    }
}
