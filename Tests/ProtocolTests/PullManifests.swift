import OCI
import RegistryTesting
import Testing

/// GET and HEAD of manifests (end-3).
@Suite struct PullManifests {
    @Test(
        .requires(
            "category-pull",
            "reference-tag-or-digest",
            "pull-manifest-200",
            "pull-manifest-bytes",
            "pull-manifest-digest-header",
            "pull-manifest-type-pushed",
            "pull-manifest-type-bare"
        ),
        arguments: Harness.allCases
    )
    func `a manifest comes by tag and by digest, with its type and its digest`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "library/app", tag: "1.0").manifest
            for reference in ["1.0", manifest.digest] {
                let response = try await client.get("/v2/library/app/manifests/\(reference)")
                #expect(response.status == 200)
                #expect(response.body == manifest.bytes)
                #expect(response[header: "Docker-Content-Digest"] == manifest.digest)
                #expect(response.all("Content-Type") == [manifest.mediaType])
                #expect(response[header: "Content-Length"] == "\(manifest.bytes.count)")
            }
        }
    }

    @Test(
        .requires("head-manifest-200", "head-manifest-digest", "head-manifest-length", "wharf-head-empty"),
        arguments: Harness.allCases
    )
    func `HEAD says of a manifest what GET says, without a body`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            for reference in ["1", manifest.digest] {
                let response = try await client.head("/v2/app/manifests/\(reference)")
                #expect(response.status == 200)
                #expect(response.body == [])
                #expect(response[header: "Docker-Content-Digest"] == manifest.digest)
                #expect(response[header: "Content-Length"] == "\(manifest.bytes.count)")
                #expect(response[header: "Content-Type"] == manifest.mediaType)
            }
        }
    }

    @Test(.requires("pull-manifest-404", "head-manifest-404"), arguments: Harness.allCases)
    func `an absent tag and an absent digest are unknown manifests`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            for reference in ["2", SampleBlob("absent").digest] {
                let response = try await client.get("/v2/app/manifests/\(reference)")
                #expect(Refusal(response) == Refusal(404, "MANIFEST_UNKNOWN"))
                let head = try await client.head("/v2/app/manifests/\(reference)")
                #expect(head.status == 404)
                #expect(head.body == [])
            }
        }
    }

    @Test(.requires("pull-repository-404"), arguments: Harness.allCases)
    func `nothing can be pulled from a repository that nobody pushed to`(harness: Harness) async throws {
        try await harness.withClient { client in
            let digest = SampleBlob("absent").digest
            let manifest = try await client.get("/v2/nobody/was/here/manifests/latest")
            #expect(Refusal(manifest) == Refusal(404, "NAME_UNKNOWN"))
            let byDigest = try await client.get("/v2/nobody/was/here/manifests/\(digest)")
            #expect(Refusal(byDigest) == Refusal(404, "NAME_UNKNOWN"))
            let blob = try await client.get("/v2/nobody/was/here/blobs/\(digest)")
            #expect(blob.status == 404)
        }
    }

    @Test(.requires("reference-no-other-form", "tag-length", "tag-grammar"), arguments: Harness.allCases)
    func `what is neither a tag nor a digest is refused, on the way in and out`(harness: Harness) async throws {
        let longest = String(repeating: "t", count: 128)
        let bad = [".dot", "-dash", "a%20b", "a+b", "a~b", longest + "t", "%C3%A9", "@x", "a%00b"]
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app", tag: longest).manifest
            #expect(try await client.get("/v2/app/manifests/\(longest)").status == 200)
            for reference in bad {
                let put = try await client.put(manifest, to: "app", as: reference)
                #expect(Refusal(put) == Refusal(400, "TAG_INVALID"), "PUT \(reference)")
                let get = try await client.get("/v2/app/manifests/\(reference)")
                #expect(Refusal(get) == Refusal(400, "TAG_INVALID"), "GET \(reference)")
            }
            #expect(try await client.tags(in: "app") == [longest])
        }
    }

    @Test(.requires("tag-grammar"), arguments: Harness.allCases)
    func `a tag may be of any shape that the grammar allows`(harness: Harness) async throws {
        let tags = ["0", "A", "_", "_._", "a.b-c_d", "v1.2.3-rc.1", "latest", "LATEST"]
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app").manifest
            for tag in tags { try await client.push(manifest, to: "app", tag: tag) }
            for tag in tags { #expect(try await client.get("/v2/app/manifests/\(tag)").status == 200, "\(tag)") }
        }
    }

    @Test(.requires("wharf-accept-ignored"), arguments: Harness.allCases)
    func `a manifest comes as it is, whatever Accept says`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            for accept in ["application/vnd.docker.distribution.manifest.v1+json", "text/html", "*/*;q=0", ""] {
                let response = try await client.get("/v2/app/manifests/1", headers: [("Accept", accept)])
                #expect(response.status == 200)
                #expect(response[header: "Content-Type"] == manifest.mediaType)
                #expect(response.body == manifest.bytes)
            }
        }
    }

    @Test(.requires("wharf-etag"), arguments: Harness.allCases)
    func `a manifest that the client has already is not sent again`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            let other = try await client.push(SampleImage(seed: 2), to: "app").manifest
            let etag = try await client.get("/v2/app/manifests/1")[header: "ETag"]
            #expect(etag == "\"\(manifest.digest)\"")
            for have in ["\"\(manifest.digest)\"", "W/\"\(manifest.digest)\"", "\"x\", \"\(manifest.digest)\"", "*"] {
                for method in ["GET", "HEAD"] {
                    let response = try await client.send(
                        method,
                        "/v2/app/manifests/1",
                        headers: [("If-None-Match", have)]
                    )
                    #expect(response.status == 304, "\(method) \(have)")
                    #expect(response.body == [])
                    #expect(response[header: "ETag"] == "\"\(manifest.digest)\"")
                }
            }
            for have in ["\"\(other.digest)\"", "\"\"", "nonsense"] {
                let response = try await client.get("/v2/app/manifests/1", headers: [("If-None-Match", have)])
                #expect(response.status == 200, "\(have)")
                #expect(response.body == manifest.bytes)
            }
        }
    }
}
