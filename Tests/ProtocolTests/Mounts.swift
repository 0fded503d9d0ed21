import RegistryTesting
import Testing

/// Mounting a blob of another repository (end-11).
@Suite struct Mounts {
    @Test(.requires("mount-201", "mount-location"), arguments: Harness.allCases)
    func `a blob is mounted from the repository that has it`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 10_000, seed: 1)
            try await client.push(blob, to: "team/base")
            let path = "/v2/team/app/blobs/uploads/?mount=\(blob.digest)&from=team/base"
            let response = try await client.send("POST", path)
            #expect(response.status == 201)
            #expect(response[header: "Docker-Content-Digest"] == blob.digest)
            let place = try #require(response[header: "Location"])
            #expect(place == "/v2/team/app/blobs/\(blob.digest)")
            #expect(try await client.get(place).body == blob.bytes)
        }
    }

    @Test(.requires("mount-201"), arguments: Harness.allCases)
    func `the name in from may be percent-encoded`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 100, seed: 1)
            try await client.push(blob, to: "team/base")
            let digest = blob.digest.replacing(":", with: "%3A")
            let response = try await client.send(
                "POST",
                "/v2/team/app/blobs/uploads/?from=team%2Fbase&mount=\(digest)"
            )
            #expect(response.status == 201)
        }
    }

    @Test(.requires("wharf-mount-anonymous"), arguments: Harness.allCases)
    func `without from the blob is found wherever it is`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 10_000, seed: 1)
            try await client.push(blob, to: "team/base")
            let response = try await client.send("POST", "/v2/team/app/blobs/uploads/?mount=\(blob.digest)")
            #expect(response.status == 201)
            #expect(try await client.get("/v2/team/app/blobs/\(blob.digest)").body == blob.bytes)
        }
    }

    @Test(.requires("mount-202"), arguments: Harness.allCases)
    func `a mount that cannot be done begins an upload instead`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob("nowhere yet")
            try await client.push(SampleBlob("something else"), to: "base")
            for source in ["&from=base", "&from=not/there", ""] {
                let response = try await client.send(
                    "POST",
                    "/v2/app/blobs/uploads/?mount=\(blob.digest)\(source)"
                )
                #expect(response.status == 202, "\(source)")
                let location = try #require(response[header: "Location"])
                #expect(try await client.get(location).status == 204, "\(source)")
                #expect(try await client.delete(location).status == 204)
            }
            let last = try await client.startUpload(in: "app", query: "?mount=\(blob.digest)&from=base")
            #expect(try await client.finish(last, digest: blob.digest, blob.bytes).status == 201)
        }
    }

    @Test(.requires("wharf-mount-bad-from", "wharf-digest-length"), arguments: Harness.allCases)
    func `a mount that makes no sense is refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            let digest = SampleBlob("x").digest
            for name in ["UPPER", "a//b", "..", "%2e%2e/secret"] {
                let response = try await client.send("POST", "/v2/app/blobs/uploads/?mount=\(digest)&from=\(name)")
                #expect(Refusal(response) == Refusal(400, "NAME_INVALID"), "\(name)")
            }
            let response = try await client.send("POST", "/v2/app/blobs/uploads/?mount=sha256:abc&from=base")
            #expect(Refusal(response) == Refusal(400, "DIGEST_INVALID"))
        }
    }

    @Test(.requires("wharf-mount-linked"), arguments: Harness.allCases)
    func `a mount stays when the source loses the blob`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(count: 100, seed: 1)
            try await client.push(blob, to: "base")
            let mount = try await client.send("POST", "/v2/app/blobs/uploads/?mount=\(blob.digest)&from=base")
            #expect(mount.status == 201)
            #expect(try await client.delete("/v2/base/blobs/\(blob.digest)").status == 202)
            #expect(try await client.get("/v2/base/blobs/\(blob.digest)").status == 404)
            #expect(try await client.get("/v2/app/blobs/\(blob.digest)").body == blob.bytes)
        }
    }
}
