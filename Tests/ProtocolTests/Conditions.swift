import RegistryTesting
import Testing

/// Requests with conditions (RFC 9110 section 13), as a client sees their order.
@Suite struct Conditions {
    @Test(.requires("wharf-conditions"), arguments: Harness.allCases, ["GET", "HEAD"])
    func `If-Match goes before If-None-Match, and both before Range`(harness: Harness, method: String) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            let other = "\"\(SampleBlob("other").digest)\""
            let contents = [
                ("/v2/app/manifests/1", image.manifest.digest),
                ("/v2/app/blobs/\(image.layer.digest)", image.layer.digest),
            ]
            for (path, digest) in contents {
                let same = "\"\(digest)\""
                let cases: [([(String, String)], Int)] = [
                    ([("If-Match", other)], 412), ([("If-Match", "W/\(same)")], 412), ([("If-Match", same)], 200),
                    ([("If-Match", "\(other), \(same)")], 200), ([("If-Match", "*")], 200),
                    ([("If-None-Match", same), ("If-Match", other)], 412),
                    ([("If-None-Match", same), ("If-Match", same)], 304),
                    ([("If-None-Match", same), ("Range", "bytes=0-1")], 304),
                    ([("If-Match", other), ("Range", "bytes=999999-")], 412),
                ]
                for (headers, status) in cases {
                    let response = try await client.send(method, path, headers: headers)
                    #expect(response.status == status, "\(path) \(headers)")
                }
            }
            let absent = try await client.send(method, "/v2/app/manifests/2", headers: [("If-Match", "*")])
            #expect([404, 412].contains(absent.status))
        }
    }

    @Test(.requires("wharf-conditions", "wharf-if-match"), arguments: Harness.allCases)
    func `a push keeps every condition that HTTP has on its tag`(harness: Harness) async throws {
        try await harness.withClient { client in
            let first = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            let second = try await client.push(SampleImage(seed: 2), to: "app").manifest
            let (one, two) = ("\"\(first.digest)\"", "\"\(second.digest)\"")
            func put(_ tag: String, _ headers: (String, String)...) async throws -> Int {
                try await client.send(
                    "PUT",
                    "/v2/app/manifests/\(tag)",
                    headers: [("Content-Type", second.mediaType)] + headers,
                    body: second.bytes
                ).status
            }
            #expect(try await put("new", ("If-Match", "*")) == 412)
            #expect(try await put("1", ("If-None-Match", one)) == 412)
            #expect(try await put("1", ("If-None-Match", "\(two), W/\(one)")) == 412)
            #expect(try await put("1", ("If-Match", "W/\(one)")) == 412)
            #expect(try await put("1", ("If-Match", one), ("If-None-Match", "*")) == 412)
            #expect(try await client.get("/v2/app/manifests/1").body == first.bytes)
            #expect(try await client.get("/v2/app/manifests/new").status == 404)
            #expect(try await put("1", ("If-Match", "\(two), \(one)")) == 201)
            #expect(try await put("1", ("If-Match", "*"), ("If-None-Match", one)) == 201)
            #expect(try await put("new", ("If-None-Match", one)) == 201)
        }
    }

    @Test(.requires("wharf-conditions", "wharf-if-match"), arguments: Harness.allCases)
    func `a deletion with a condition goes through only while it holds`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            let blob = SampleBlob("not needed")
            try await client.push(blob, to: "app")
            let other = "\"\(SampleBlob("other").digest)\""
            let things = [
                ("/v2/app/manifests/1", image.manifest.digest), ("/v2/app/blobs/\(blob.digest)", blob.digest),
                ("/v2/app/manifests/\(image.manifest.digest)", image.manifest.digest),
            ]
            for (path, digest) in things {
                for header in [("If-Match", other), ("If-None-Match", "*"), ("If-None-Match", "\"\(digest)\"")] {
                    let refused = try await client.send("DELETE", path, headers: [header])
                    #expect(Refusal(refused) == Refusal(412, "DENIED"), "\(path) \(header)")
                    #expect(try await client.get(path).status == 200)
                }
                let deleted = try await client.send("DELETE", path, headers: [("If-Match", "\"\(digest)\"")])
                #expect(deleted.status == 202, "\(path)")
                #expect(try await client.get(path).status == 404)
            }
        }
    }
}
