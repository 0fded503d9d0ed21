import OCI
import RegistryTesting
import Testing

/// Pushing a blob whole: POST then PUT (end-4a, end-6) and a single POST (end-4b).
@Suite struct PushBlobsMonolithic {
    @Test(
        .requires(
            "upload-start-202",
            "upload-start-location",
            "upload-put-201",
            "upload-put-location",
            "wharf-location-relative",
            "category-others"
        ),
        arguments: Harness.allCases
    )
    func `POST and PUT bring a blob in`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 200_000, seed: 1)
            let start = try await client.send("POST", "/v2/library/app/blobs/uploads/")
            #expect(start.status == 202)
            #expect(start[header: "Content-Length"] == "0")
            let location = try #require(start[header: "Location"])
            #expect(location.hasPrefix("/v2/library/app/blobs/uploads/"))
            let end = try await client.finish(location, digest: blob.digest, blob.bytes)
            #expect(end.status == 201)
            #expect(end[header: "Docker-Content-Digest"] == blob.digest)
            let place = try #require(end[header: "Location"])
            #expect(place.hasPrefix("/"))
            #expect(try await client.get(place).body == blob.bytes)
        }
    }

    @Test(.requires("post-201", "post-location"), arguments: Harness.allCases)
    func `a single POST brings a blob in`(harness: Harness) async throws {
        try await harness.withClient { client in
            for blob in [SampleBlob(count: 100_000, seed: 1), SampleBlob(""), SampleBlob("x", algorithm: .sha512)] {
                let response = try await client.send(
                    "POST",
                    "/v2/app/blobs/uploads/?digest=\(blob.digest)",
                    headers: [("Content-Type", "application/octet-stream")],
                    body: blob.bytes
                )
                #expect(response.status == 201)
                let place = try #require(response[header: "Location"])
                #expect(try await client.get(place).body == blob.bytes)
            }
        }
    }

    @Test(.requires("upload-location-unique", "upload-concurrent"), arguments: Harness.allCases)
    func `many uploads go on at once, each at its own location`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blobs = (0..<16).map { SampleBlob(count: 50_000, seed: UInt64($0 % 12)) }
            let locations = try await withThrowingTaskGroup(of: String.self) { group in
                for blob in blobs {
                    group.addTask {
                        let location = try await client.startUpload(in: "app")
                        let first = try await client.patch(location, Array(blob.bytes[..<20_000]))
                        let next = try #require(first[header: "Location"])
                        let end = try await client.finish(next, digest: blob.digest, Array(blob.bytes[20_000...]))
                        #expect(end.status == 201, "\(end.text)")
                        return location
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(locations.count == blobs.count)
            for blob in blobs {
                #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
            }
        }
    }

    @Test(.requires("push-digest-invalid", "wharf-digest-mismatch-dropped"), arguments: Harness.allCases)
    func `bytes that do not have the digest they were said to have are dropped`(harness: Harness) async throws {
        try await harness.withClient { client in
            for algorithm in Digest.Algorithm.allCases {
                let said = SampleBlob("what was said", algorithm: algorithm)
                let sent = SampleBlob("what was sent", algorithm: algorithm)
                let location = try await client.startUpload(in: "app")
                let put = try await client.finish(location, digest: said.digest, sent.bytes)
                #expect(Refusal(put) == Refusal(400, "DIGEST_INVALID"))
                #expect(Refusal(try await client.get(location)) == Refusal(404, "BLOB_UPLOAD_UNKNOWN"))
                let post = try await client.send(
                    "POST",
                    "/v2/app/blobs/uploads/?digest=\(said.digest)",
                    body: sent.bytes
                )
                #expect(Refusal(post) == Refusal(400, "DIGEST_INVALID"))
                for digest in [said.digest, sent.digest] {
                    #expect(try await client.head("/v2/app/blobs/\(digest)").status == 404)
                }
            }
        }
    }

    @Test(
        .requires("push-digest-invalid", "push-digest-unsupported", "wharf-digest-length"),
        arguments: Harness.allCases
    )
    func `a digest that cannot be is refused, and the upload can still end well`(harness: Harness) async throws {
        let digits = String(repeating: "a", count: 64)
        let bad = [
            "sha256:abc", "sha512:" + digits, "md5:" + digits.prefix(32), "sha256", "", "sha256:" + digits + "%20",
        ]
        try await harness.withClient { client in
            let blob = SampleBlob("a blob")
            let location = try await client.startUpload(in: "app")
            for digest in bad {
                let post = try await client.send("POST", "/v2/app/blobs/uploads/?digest=\(digest)", body: blob.bytes)
                #expect(Refusal(post) == Refusal(400, "DIGEST_INVALID"), "POST \(digest)")
                let put = try await client.finish(location, digest: digest, blob.bytes)
                #expect(Refusal(put) == Refusal(400, "DIGEST_INVALID"), "PUT \(digest)")
            }
            let status = try await client.get(location)
            #expect(status.status == 204)
            #expect(try await client.finish(location, digest: blob.digest, blob.bytes).status == 201)
        }
    }

    @Test(.requires("wharf-streamed"), arguments: Harness.allCases)
    func `a body whose length nobody said beforehand is taken`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 300_000, seed: 4)
            let location = try await client.startUpload(in: "app")
            let put = try await client.send(
                "PUT",
                Client.path(location, digest: blob.digest),
                body: blob.bytes,
                isStreamed: true
            )
            #expect(put.status == 201, "\(put.text)")
            #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
            let other = SampleBlob(count: 300_000, seed: 5)
            let post = try await client.send(
                "POST",
                "/v2/app/blobs/uploads/?digest=\(other.digest)",
                body: other.bytes,
                isStreamed: true
            )
            #expect(post.status == 201, "\(post.text)")
        }
    }

    @Test(.requires("wharf-empty-blob", "wharf-sha512"), arguments: Harness.allCases)
    func `a blob of no bytes can be pushed in each way`(harness: Harness) async throws {
        try await harness.withClient { client in
            for algorithm in Digest.Algorithm.allCases {
                let empty = SampleBlob("", algorithm: algorithm)
                try await client.push(empty, to: "whole")
                let location = try await client.startUpload(in: "chunked")
                let patch = try await client.patch(location, [])
                #expect(patch.status == 202)
                #expect(try await client.finish(location, digest: empty.digest).status == 201)
                for repository in ["whole", "chunked"] {
                    #expect(try await client.head("/v2/\(repository)/blobs/\(empty.digest)").status == 200)
                }
            }
        }
    }

    @Test(.requires("upload-put-201"), arguments: Harness.allCases)
    func `a blob that is there already can be pushed again`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 10_000, seed: 1)
            for repository in ["app", "app", "other"] {
                try await client.push(blob, to: repository)
                #expect(try await client.get("/v2/\(repository)/blobs/\(blob.digest)").body == blob.bytes)
            }
        }
    }
}
