import RegistryTesting
import Testing

/// Deleting tags, manifests (end-9) and blobs (end-10).
@Suite struct Deletes {
    @Test(
        .requires("delete-tag-202", "wharf-delete-tag-siblings", "wharf-delete-seen", "category-others"),
        arguments: Harness.allCases
    )
    func `a deleted tag is gone at once, its manifest and its siblings stay`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            try await client.push(manifest, to: "app", tag: "latest")
            #expect(try await client.get("/v2/app/manifests/1").status == 200)
            let response = try await client.delete("/v2/app/manifests/1")
            #expect(response.status == 202)
            for method in ["GET", "HEAD"] {
                #expect(try await client.send(method, "/v2/app/manifests/1").status == 404)
            }
            #expect(try await client.tags(in: "app") == ["latest"])
            for reference in ["latest", manifest.digest] {
                #expect(try await client.get("/v2/app/manifests/\(reference)").body == manifest.bytes)
            }
        }
    }

    @Test(
        .requires("delete-manifest-202", "wharf-delete-manifest-tags", "wharf-delete-seen"),
        arguments: Harness.allCases
    )
    func `a deleted manifest is gone at once with its tags, others stay`(harness: Harness) async throws {
        try await harness.withClient { client in
            let gone = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            try await client.push(gone, to: "app", tag: "also")
            let stays = try await client.push(SampleImage(seed: 2), to: "app", tag: "2").manifest
            try await client.push(SampleImage(seed: 1), to: "other", tag: "1")
            #expect(try await client.delete("/v2/app/manifests/\(gone.digest)").status == 202)
            for reference in [gone.digest, "1", "also"] {
                let response = try await client.get("/v2/app/manifests/\(reference)")
                #expect(Refusal(response) == Refusal(404, "MANIFEST_UNKNOWN"), "\(reference)")
            }
            #expect(try await client.tags(in: "app") == ["2"])
            #expect(try await client.get("/v2/app/manifests/2").body == stays.bytes)
            #expect(try await client.get("/v2/other/manifests/1").body == gone.bytes)
        }
    }

    @Test(
        .requires("delete-blob-202", "wharf-delete-blob-elsewhere", "wharf-delete-seen"),
        arguments: Harness.allCases
    )
    func `a deleted blob is gone at once from its repository alone`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 1000, seed: 1)
            for repository in ["app", "other"] { try await client.push(blob, to: repository) }
            #expect(try await client.head("/v2/app/blobs/\(blob.digest)").status == 200)
            #expect(try await client.delete("/v2/app/blobs/\(blob.digest)").status == 202)
            for method in ["GET", "HEAD"] {
                #expect(try await client.send(method, "/v2/app/blobs/\(blob.digest)").status == 404)
            }
            #expect(try await client.get("/v2/other/blobs/\(blob.digest)").body == blob.bytes)
        }
    }

    @Test(
        .requires("delete-blob-404", "delete-manifest-404", "wharf-delete-absent"),
        arguments: Harness.allCases
    )
    func `what is not there cannot be deleted`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            let digest = SampleBlob("absent").digest
            let expected = [
                "/v2/app/manifests/2": Refusal(404, "MANIFEST_UNKNOWN"),
                "/v2/app/manifests/\(digest)": Refusal(404, "MANIFEST_UNKNOWN"),
                "/v2/app/blobs/\(digest)": Refusal(404, "BLOB_UNKNOWN"),
                "/v2/not/there/manifests/1": Refusal(404, "NAME_UNKNOWN"),
                "/v2/not/there/manifests/\(digest)": Refusal(404, "NAME_UNKNOWN"),
            ]
            for (path, refusal) in expected {
                #expect(Refusal(try await client.delete(path)) == refusal, "\(path)")
            }
            #expect(try await client.delete("/v2/not/there/blobs/\(digest)").status == 404)
            #expect(try await client.delete("/v2/app/manifests/1").status == 202)
            #expect(try await client.delete("/v2/app/manifests/1").status == 404)
        }
    }

    @Test(.requires("wharf-delete-again"), arguments: Harness.allCases)
    func `what was deleted can be pushed again`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for _ in 0..<3 {
                try await client.push(image, to: "app", tag: "1")
                #expect(try await client.get("/v2/app/manifests/1").body == image.manifest.bytes)
                #expect(try await client.delete("/v2/app/manifests/\(image.manifest.digest)").status == 202)
                for blob in image.blobs {
                    #expect(try await client.delete("/v2/app/blobs/\(blob.digest)").status == 202)
                    #expect(try await client.head("/v2/app/blobs/\(blob.digest)").status == 404)
                }
            }
            try await client.push(image, to: "app", tag: "1")
            for blob in image.blobs {
                #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
            }
        }
    }

    @Test(.requires("push-references-unknown", "wharf-delete-seen"), arguments: Harness.allCases)
    func `a manifest cannot refer to a blob that was deleted`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            #expect(try await client.delete("/v2/app/blobs/\(image.layer.digest)").status == 202)
            let response = try await client.put(image.manifest, to: "app", as: "1")
            #expect(Refusal(response) == Refusal(404, "MANIFEST_BLOB_UNKNOWN"))
        }
    }

    @Test(.requires("wharf-delete-blob-needed"), arguments: Harness.allCases)
    func `a blob that a manifest needs stays until the manifest is gone`(harness: Harness) async throws {
        try await harness.withClient { client in
            let first = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            let config = SampleBlob("another config")
            try await client.push(config, to: "app")
            let second = SampleManifest.image(
                config: config.descriptor("application/vnd.oci.image.config.v1+json"),
                layers: [first.layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
            )
            try await client.push(second, to: "app")
            let path = "/v2/app/blobs/\(first.layer.digest)"
            for manifest in [first.manifest, second] {
                #expect(Refusal(try await client.delete(path)) == Refusal(405, "UNSUPPORTED"))
                #expect(try await client.get(path).body == first.layer.bytes)
                #expect(try await client.delete("/v2/app/manifests/\(manifest.digest)").status == 202)
            }
            #expect(try await client.delete(path).status == 202)
            #expect(try await client.get(path).status == 404)
        }
    }
}
