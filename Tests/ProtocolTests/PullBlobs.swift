import OCI
import RegistryTesting
import Testing

/// GET and HEAD of blobs (end-2), without ranges.
@Suite struct PullBlobs {
    @Test(
        .requires(
            "category-pull",
            "pull-blob-200",
            "pull-blob-bytes",
            "pull-blob-digest-header",
            "pull-blob-digest-true"
        ),
        arguments: Harness.allCases
    )
    func `a blob comes with its digest`(harness: Harness) async throws {
        try await harness.withClient { client in
            for size in [1, 4096, 3_000_001] {
                let blob = SampleBlob(count: size, seed: UInt64(size))
                try await client.push(blob, to: "library/app")
                let response = try await client.get("/v2/library/app/blobs/\(blob.digest)")
                #expect(response.status == 200)
                #expect(response.body == blob.bytes)
                #expect(response[header: "Docker-Content-Digest"] == SampleBlob(response.body).digest)
                #expect(response[header: "Content-Length"] == "\(size)")
                #expect(response[header: "Content-Type"] == "application/octet-stream")
                #expect(response[header: "Accept-Ranges"] == "bytes")
            }
        }
    }

    @Test(
        .requires("head-blob-200", "head-blob-digest", "head-blob-length", "wharf-head-empty"),
        arguments: Harness.allCases
    )
    func `HEAD says of a blob what GET says, without a body`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 70_000, seed: 1)
            try await client.push(blob, to: "app")
            let response = try await client.head("/v2/app/blobs/\(blob.digest)")
            #expect(response.status == 200)
            #expect(response.body == [])
            #expect(response[header: "Docker-Content-Digest"] == blob.digest)
            #expect(response[header: "Content-Length"] == "70000")
        }
    }

    @Test(.requires("pull-blob-404", "head-blob-404"), arguments: Harness.allCases)
    func `an absent blob is unknown`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleBlob("present"), to: "app")
            for algorithm in Digest.Algorithm.allCases {
                let path = "/v2/app/blobs/\(SampleBlob("absent", algorithm: algorithm).digest)"
                #expect(Refusal(try await client.get(path)) == Refusal(404, "BLOB_UNKNOWN"))
                let head = try await client.head(path)
                #expect(head.status == 404)
                #expect(head.body == [])
            }
        }
    }

    @Test(.requires("wharf-empty-blob"), arguments: Harness.allCases)
    func `a blob of no bytes is a blob`(harness: Harness) async throws {
        try await harness.withClient { client in
            let empty = SampleBlob("")
            try await client.push(empty, to: "app")
            for method in ["GET", "HEAD"] {
                let response = try await client.send(method, "/v2/app/blobs/\(empty.digest)")
                #expect(response.status == 200)
                #expect(response.body == [])
                #expect(response[header: "Content-Length"] == "0")
                #expect(response[header: "Docker-Content-Digest"] == empty.digest)
            }
        }
    }

    @Test(.requires("wharf-sha512"), arguments: Harness.allCases)
    func `a blob that was pushed by its sha512 digest comes by it`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 5000, seed: 1, algorithm: .sha512)
            try await client.push(blob, to: "app")
            let response = try await client.get("/v2/app/blobs/\(blob.digest)")
            #expect(response.status == 200)
            #expect(response.body == blob.bytes)
            #expect(response[header: "Docker-Content-Digest"] == blob.digest)
        }
    }

    @Test(.requires("wharf-digest-length", "push-digest-unsupported"), arguments: Harness.allCases)
    func `a digest that cannot be is refused, not unknown`(harness: Harness) async throws {
        let digits = String(repeating: "a", count: 64)
        let bad = [
            "sha256:" + digits.dropLast(), "sha256:" + digits + "a", "sha512:" + digits, "sha256:",
            "sha256:" + digits.uppercased(), "md5:" + digits.prefix(32), "blake3:" + digits, "sha256", ":" + digits,
            "sha256:" + digits.dropLast() + "g", "SHA256:" + digits,
        ]
        try await harness.withClient { client in
            try await client.push(SampleBlob("present"), to: "app")
            for digest in bad {
                let response = try await client.get("/v2/app/blobs/\(digest)")
                #expect(Refusal(response) == Refusal(400, "DIGEST_INVALID"), "\(digest)")
                #expect(try await client.head("/v2/app/blobs/\(digest)").status == 400, "\(digest)")
            }
        }
    }

    @Test(.requires("wharf-etag"), arguments: Harness.allCases)
    func `a blob that the client has already is not sent again`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 5000, seed: 1)
            try await client.push(blob, to: "app")
            let path = "/v2/app/blobs/\(blob.digest)"
            #expect(try await client.get(path)[header: "ETag"] == "\"\(blob.digest)\"")
            let same = try await client.get(path, headers: [("If-None-Match", "\"\(blob.digest)\"")])
            #expect(same.status == 304)
            #expect(same.body == [])
            let other = try await client.get(path, headers: [("If-None-Match", "\"sha256:0\"")])
            #expect(other.status == 200)
        }
    }

    @Test(.requires("wharf-mount-linked"), arguments: Harness.allCases)
    func `a blob of one repository is not readable in another`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob("of one alone")
            try await client.push(blob, to: "one")
            try await client.push(SampleBlob("something"), to: "other")
            #expect(Refusal(try await client.get("/v2/other/blobs/\(blob.digest)")) == Refusal(404, "BLOB_UNKNOWN"))
            #expect(try await client.head("/v2/other/blobs/\(blob.digest)").status == 404)
        }
    }
}
