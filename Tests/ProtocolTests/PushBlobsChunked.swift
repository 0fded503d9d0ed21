import OCI
import RegistryTesting
import Testing

/// Pushing a blob in chunks (end-5, end-6), the status of an upload (end-13) and its cancelling (end-14).
@Suite struct PushBlobsChunked {
    @Test(
        .requires(
            "chunk-202",
            "chunk-location",
            "chunk-range",
            "chunk-close-201",
            "chunk-close-location",
            "wharf-location-relative"
        ),
        arguments: Harness.allCases
    )
    func `chunks in order make a blob`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 25_000, seed: 1)
            var location = try await client.startUpload(in: "app")
            for start in stride(from: 0, to: 25_000, by: 10_000) {
                let end = min(start + 10_000, 25_000) - 1
                let chunk = Array(blob.bytes[start...end])
                let response = try await client.patch(location, chunk, range: "\(start)-\(end)")
                #expect(response.status == 202)
                #expect(response[header: "Range"] == "0-\(end)")
                location = try #require(response[header: "Location"])
                #expect(location.hasPrefix("/v2/app/blobs/uploads/"))
            }
            let end = try await client.finish(location, digest: blob.digest)
            #expect(end.status == 201)
            let place = try #require(end[header: "Location"])
            #expect(try await client.get(place).body == blob.bytes)
        }
    }

    @Test(.requires("chunk-close-201"), arguments: Harness.allCases, [true, false])
    func `the last chunk can come with the closing PUT`(harness: Harness, isPlaceSaid: Bool) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 3000, seed: 1)
            let location = try await client.startUpload(in: "app")
            let first = try await client.patch(location, Array(blob.bytes[..<2000]), range: "0-1999")
            let next = try #require(first[header: "Location"])
            let range = isPlaceSaid ? "2000-2999" : nil
            let end = try await client.finish(next, digest: blob.digest, Array(blob.bytes[2000...]), range: range)
            #expect(end.status == 201, "\(end.text)")
            #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
        }
    }

    @Test(.requires("wharf-streamed"), arguments: Harness.allCases, [true, false])
    func `PATCH takes bytes that say nothing of their place`(harness: Harness, isStreamed: Bool) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 120_000, seed: 1)
            let location = try await client.startUpload(in: "app")
            let patch = try await client.send("PATCH", location, body: blob.bytes, isStreamed: isStreamed)
            #expect(patch.status == 202)
            #expect(patch[header: "Range"] == "0-119999")
            #expect(try await client.finish(location, digest: blob.digest).status == 201)
        }
    }

    @Test(
        .requires(
            "chunk-order-416",
            "chunk-close-order-416",
            "wharf-chunk-416-range",
            "wharf-chunk-overlap",
            "upload-status-range"
        ),
        arguments: Harness.allCases
    )
    func `a chunk out of order is refused with the true range, and the upload goes on`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 300, seed: 1)
            let location = try await client.startUpload(in: "app")
            let early = try await client.patch(location, Array(blob.bytes[100..<200]), range: "100-199")
            #expect(Refusal(early) == Refusal(416, "BLOB_UPLOAD_INVALID"), "not at the start")
            #expect(early[header: "Range"] == "0-0")
            #expect(try await client.patch(location, Array(blob.bytes[..<100]), range: "0-99").status == 202)
            let wrong = [("0-99", 0..<100), ("50-149", 50..<150), ("99-198", 99..<199), ("200-299", 200..<300)]
            for (range, part) in wrong {
                let patch = try await client.patch(location, Array(blob.bytes[part]), range: range)
                #expect(Refusal(patch) == Refusal(416, "BLOB_UPLOAD_INVALID"), "PATCH \(range)")
                #expect(patch[header: "Range"] == "0-99", "PATCH \(range)")
                let held = try #require(patch[header: "Location"])
                #expect(try await client.get(held)[header: "Range"] == "0-99", "PATCH \(range)")
                let put = try await client.finish(
                    location,
                    digest: blob.digest,
                    Array(blob.bytes[part]),
                    range: range
                )
                #expect(Refusal(put) == Refusal(416, "BLOB_UPLOAD_INVALID"), "PUT \(range)")
                #expect(put[header: "Range"] == "0-99", "PUT \(range)")
            }
            let end = try await client.finish(
                location,
                digest: blob.digest,
                Array(blob.bytes[100...]),
                range: "100-299"
            )
            #expect(end.status == 201, "\(end.text)")
        }
    }

    @Test(.requires("wharf-chunk-range-lies", "wharf-chunk-range-broken"), arguments: Harness.allCases)
    func `a Content-Range that is broken or lies moves nothing`(harness: Harness) async throws {
        let bad = [
            "0-98", "0-100", "5-2", "-99", "0-", "a-b", "0-99999999999999999999", "0--99", "0 - 99",
        ]
        try await harness.withClient { client in
            let bytes = SampleBlob(count: 100, seed: 1).bytes
            let location = try await client.startUpload(in: "app")
            for range in bad {
                let response = try await client.patch(location, bytes, range: range)
                #expect(response.status == 400, "\(range)")
                let isOneError = ["SIZE_INVALID", "BLOB_UPLOAD_INVALID"].contains(response.errorCodes.first)
                #expect(isOneError && response.errorCodes.count == 1, "\(range): \(response.errorCodes)")
                #expect(try await client.get(location)[header: "Range"] == "0-0", "\(range)")
            }
        }
    }

    @Test(.requires("wharf-chunk-range-http"), arguments: Harness.allCases, ["bytes 0-99/*", "bytes 0-99/300", "0-99"])
    func `a Content-Range may have the form that HTTP gives it`(harness: Harness, range: String) async throws {
        try await harness.withClient { client in
            let location = try await client.startUpload(in: "app")
            let response = try await client.patch(location, SampleBlob(count: 100, seed: 1).bytes, range: range)
            #expect(response.status == 202)
            #expect(response[header: "Range"] == "0-99")
        }
    }

    @Test(.requires("upload-status-204", "upload-status-location", "upload-status-range"), arguments: Harness.allCases)
    func `the status of an upload says where it stands`(harness: Harness) async throws {
        try await harness.withClient { client in
            let location = try await client.startUpload(in: "app")
            let fresh = try await client.get(location)
            #expect(fresh.status == 204)
            #expect(fresh[header: "Range"] == "0-0")
            _ = try await client.patch(location, SampleBlob(count: 1234, seed: 1).bytes)
            let status = try await client.get(location)
            #expect(status.status == 204)
            #expect(status[header: "Range"] == "0-1233")
            let next = try #require(status[header: "Location"])
            #expect(try await client.patch(next, [1], range: "1234-1234").status == 202)
        }
    }

    @Test(.requires("wharf-digest-algorithm", "wharf-sha512"), arguments: Harness.allCases)
    func `an upload can be started for sha512`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 5000, seed: 1, algorithm: .sha512)
            let location = try await client.startUpload(in: "app", query: "?digest-algorithm=sha512")
            _ = try await client.patch(location, Array(blob.bytes[..<3000]))
            let end = try await client.finish(location, digest: blob.digest, Array(blob.bytes[3000...]))
            #expect(end.status == 201, "\(end.text)")
            #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
        }
    }

    @Test(.requires("wharf-digest-algorithm"), arguments: Harness.allCases)
    func `an upload may end with another algorithm than it began with`(harness: Harness) async throws {
        try await harness.withClient { client in
            for (began, ends) in [("sha256", Digest.Algorithm.sha512), ("sha512", .sha256)] {
                let blob = SampleBlob(count: 5000, seed: 1, algorithm: ends)
                let location = try await client.startUpload(in: "app", query: "?digest-algorithm=\(began)")
                _ = try await client.patch(location, Array(blob.bytes[..<3000]))
                let end = try await client.finish(location, digest: blob.digest, Array(blob.bytes[3000...]))
                #expect(end.status == 201, "\(end.text)")
                #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
            }
        }
    }

    @Test(.requires("wharf-digest-algorithm-unknown"), arguments: Harness.allCases)
    func `an upload cannot be started for an algorithm that is not served`(harness: Harness) async throws {
        try await harness.withClient { client in
            for algorithm in ["md5", "blake3", "", "sha256:"] {
                let response = try await client.send("POST", "/v2/app/blobs/uploads/?digest-algorithm=\(algorithm)")
                #expect(Refusal(response) == Refusal(400, "DIGEST_INVALID"), "\(algorithm)")
                #expect(response[header: "Location"] == nil)
            }
        }
    }

    @Test(.requires("wharf-close-without-digest"), arguments: Harness.allCases)
    func `an upload does not end without a digest`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob("a blob")
            let location = try await client.startUpload(in: "app")
            let put = try await client.send("PUT", location, body: blob.bytes)
            #expect(Refusal(put) == Refusal(400, "DIGEST_INVALID"))
            #expect(try await client.get(location)[header: "Range"] == "0-0")
            #expect(try await client.finish(location, digest: blob.digest, blob.bytes).status == 201)
        }
    }
}

/// Uploads that end otherwise than by becoming a blob, and uploads that are not there.
@Suite struct EndedUploads {
    @Test(.requires("cancel-204", "wharf-upload-ended"), arguments: Harness.allCases)
    func `a cancelled upload is gone`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob("never finished")
            let location = try await client.startUpload(in: "app")
            _ = try await client.patch(location, blob.bytes)
            let cancel = try await client.delete(location)
            #expect(cancel.status == 204)
            #expect(cancel.body == [])
            try await Self.expectGone(location, client: client)
            #expect(try await client.head("/v2/app/blobs/\(blob.digest)").status == 404)
        }
    }

    @Test(.requires("wharf-upload-ended"), arguments: Harness.allCases)
    func `a finished upload is gone, and its blob stays`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob("finished")
            let location = try await client.startUpload(in: "app")
            #expect(try await client.finish(location, digest: blob.digest, blob.bytes).status == 201)
            try await Self.expectGone(location, client: client)
            #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
        }
    }

    @Test(.requires("wharf-upload-unknown"), arguments: Harness.allCases)
    func `an upload that never was is unknown, whatever its id looks like`(harness: Harness) async throws {
        let ids = ["12345678-1234-4234-8234-123456789012", "x", "0", "..", "%2e%2e", "nul%00l"]
        try await harness.withClient { client in
            try await client.push(SampleBlob("something"), to: "app")
            for id in ids {
                try await Self.expectGone("/v2/app/blobs/uploads/\(id)", client: client)
            }
        }
    }

    @Test(.requires("wharf-upload-repository"), arguments: Harness.allCases)
    func `an upload is not reached through another repository`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleBlob("something"), to: "other")
            let location = try await client.startUpload(in: "app")
            let id = try #require(location.split(separator: "/").last)
            try await Self.expectGone("/v2/other/blobs/uploads/\(id)", client: client)
            #expect(try await client.get(location).status == 204)
        }
    }

    /// Whether each of the four methods says that it knows of no such upload.
    static func expectGone(
        _ location: String,
        client: Client,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let digest = SampleBlob("x").digest
        let answers = [
            "GET": try await client.get(location),
            "PATCH": try await client.patch(location, [1, 2, 3]),
            "PUT": try await client.finish(location, digest: digest, [1, 2, 3]),
            "DELETE": try await client.delete(location),
        ]
        for (method, answer) in answers {
            #expect(
                Refusal(answer) == Refusal(404, "BLOB_UPLOAD_UNKNOWN"),
                "\(method) \(location)",
                sourceLocation: sourceLocation
            )
        }
    }
}
