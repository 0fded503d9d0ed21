import RegistryTesting
import Testing

/// Names and paths: what the grammar of the specification lets in, and what not.
@Suite struct Paths {
    @Test(.requires("name-grammar", "wharf-name-shapes"), arguments: Harness.allCases)
    func `repositories may have one component or many, of any shape that the grammar allows`(
        harness: Harness
    ) async throws {
        let names = [
            "nginx", "a", "0", "a/b", "a/b/c/d/e/f/g/h", "a.b", "a_b", "a__b", "a-b", "a---b", "a.b-c_d/e__f",
            "library/manifests/1", "blobs/uploads/x", "tags/list", "v2/v2", "manifests", "uploads", "referrers/blobs",
            String(repeating: "n", count: 255), String(repeating: "a/", count: 127) + "a",
        ]
        try await harness.withClient { client in
            for name in names {
                let image = SampleImage(seed: UInt64(name.utf8.count))
                try await client.push(image, to: name, tag: "1")
                #expect(try await client.get("/v2/\(name)/manifests/1").body == image.manifest.bytes, "\(name)")
                #expect(try await client.get("/v2/\(name)/blobs/\(image.layer.digest)").status == 200, "\(name)")
                #expect(try await client.tags(in: name) == ["1"], "\(name)")
            }
        }
    }

    @Test(.requires("name-grammar", "wharf-name-invalid"), arguments: Harness.allCases)
    func `names outside of the grammar are refused everywhere`(harness: Harness) async throws {
        let names = [
            "APP", "app-", "-app", "app/-x", ".app", "app.", "_app", "a..b", "a___b", "a._b", "a-.b", "app/App",
            String(repeating: "n", count: 256), "%C3%A9", "a%20b", "a+b", "a:b", "a@b", "a~b",
        ]
        let digest = SampleBlob("x").digest
        try await harness.withClient { client in
            for name in names {
                let requests = [
                    TestRequest("GET", "/v2/\(name)/manifests/1"),
                    TestRequest("PUT", "/v2/\(name)/manifests/1", body: SampleImage(seed: 1).manifest.bytes),
                    TestRequest("GET", "/v2/\(name)/blobs/\(digest)"),
                    TestRequest("POST", "/v2/\(name)/blobs/uploads/"),
                    TestRequest("GET", "/v2/\(name)/tags/list"),
                    TestRequest("GET", "/v2/\(name)/referrers/\(digest)"),
                    TestRequest("DELETE", "/v2/\(name)/manifests/1"),
                ]
                for request in requests {
                    let response = try await client.harness.send(request)
                    #expect(Refusal(response) == Refusal(400, "NAME_INVALID"), "\(request.method) \(request.path)")
                }
            }
            #expect(try await client.get("/v2/_catalog").decoded(Catalog.self).repositories == [])
        }
    }

    @Test(.requires("wharf-path-encoded"), arguments: Harness.allCases)
    func `dots and encoded slashes lead nowhere`(harness: Harness) async throws {
        let digest = SampleBlob("secret").digest
        let paths = [
            "/v2/../v2/app/manifests/1", "/v2/app/../app/manifests/1", "/v2/app/./manifests/1",
            "/v2/app//manifests/1", "/v2/%2e%2e/app/manifests/1", "/v2/app%2F..%2Fapp/manifests/1",
            "/v2/app/manifests/..", "/v2/app/manifests/%2e%2e", "/v2/app/manifests/..%2F..%2Fetc%2Fpasswd",
            "/v2/app/blobs/..%2F\(digest)", "/v2/app/blobs/sha256:..%2F..%2Fx", "/v2/app/blobs/sha256%00:x",
            "/v2/..%5C..%5Cx/tags/list", "/v2/app/manifests/1%", "/v2/app/manifests/1%zz", "/v2/%61pp%2/tags/list",
            "//v2/app/manifests/1", "/v2/app/manifests/1/", "/v2\\app\\manifests\\1",
        ]
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            try await client.push(SampleBlob("secret"), to: "app")
            for path in paths {
                let response = try await client.get(path)
                #expect([400, 404].contains(response.status), "\(path): \(response.status)")
                #expect(!response.errorCodes.isEmpty, "\(path): \(response.text)")
            }
        }
    }

    @Test(.requires("wharf-path-encoded"), arguments: Harness.allCases)
    func `what may be percent-encoded may be percent-encoded`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "team/app", tag: "v1.0").manifest
            let encoded = image.digest.replacing(":", with: "%3A")
            let paths = [
                "/v2/team/app/manifests/\(encoded)", "/v2/team/app/manifests/\(encoded.lowercased())",
                "/v2/te%61m/app/manifests/v1%2E0",
            ]
            for path in paths {
                #expect(try await client.get(path).body == image.bytes, "\(path)")
            }
        }
    }

    @Test(.requires("wharf-ns-ignored"), arguments: Harness.allCases)
    func `unknown parameters of a query are ignored`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            for query in ["?ns=docker.io", "?", "?a=b&c", "?&&="] {
                let manifest = try await client.get("/v2/app/manifests/1\(query)")
                #expect(manifest.body == image.manifest.bytes, "\(query)")
                #expect(manifest[header: "OCI-Namespace"] == nil)
                let blob = try await client.get("/v2/app/blobs/\(image.layer.digest)\(query)")
                #expect(blob.body == image.layer.bytes, "\(query)")
            }
        }
    }

    @Test(.requires("wharf-forwarded-prefix", "wharf-location-relative"), arguments: Harness.allCases)
    func `behind a path prefix each Location and Link begins with it`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            try await client.push(image.manifest, to: "app", tag: "2")
            let proxied = [
                ("X-Forwarded-Prefix", "/registry"), ("X-Forwarded-Host", "example.com"),
                ("X-Forwarded-Proto", "https"), ("Host", "inner:5000"),
            ]
            let blob = SampleBlob("through a proxy")
            let requests = [
                TestRequest("POST", "/v2/app/blobs/uploads/", headers: proxied),
                TestRequest("POST", "/v2/app/blobs/uploads/?digest=\(blob.digest)", headers: proxied, body: blob.bytes),
                TestRequest("PUT", "/v2/app/manifests/3", headers: proxied, body: image.manifest.bytes),
                TestRequest("POST", "/v2/b/blobs/uploads/?mount=\(blob.digest)&from=app", headers: proxied),
            ]
            for request in requests {
                let response = try await client.harness.send(request)
                let location = try #require(response[header: "Location"], "\(request.path): \(response.text)")
                #expect(location.hasPrefix("/registry/v2/"), "\(location)")
            }
            for path in ["/v2/app/tags/list?n=1", "/v2/_catalog?n=1"] {
                let next = try await client.get(path, headers: proxied).nextLink()
                #expect(next?.hasPrefix("/registry/v2/") == true, "\(next ?? "no Link")")
            }
        }
    }

    @Test(.requires("wharf-forwarded-prefix"), arguments: Harness.allCases)
    func `a prefix that is no path is not repeated to the client`(harness: Harness) async throws {
        try await harness.withClient { client in
            for prefix in ["https://evil.example", "//evil.example", "registry", "/a\"b", "/a b", "/a>b", "/"] {
                let response = try await client.send(
                    "POST",
                    "/v2/app/blobs/uploads/",
                    headers: [("X-Forwarded-Prefix", prefix)]
                )
                #expect(response.status == 202, "\(prefix)")
                #expect(response[header: "Location"]?.hasPrefix("/v2/app/blobs/uploads/") == true, "\(prefix)")
            }
        }
    }
}
