import RegistryTesting
import Testing

/// The form of errors, and the answers of the API's root and of paths outside of it.
@Suite struct Errors {
    /// The codes of the specification's table, and those of Docker's API for what the table has no code for.
    static let knownCodes: Set = [
        "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
        "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED",
        "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS", "TAG_INVALID", "PAGINATION_NUMBER_INVALID",
    ]

    /// Requests that must fail, in a registry where `app` has a tag `1`.
    static let failures: [TestRequest] = [
        TestRequest("GET", "/v2/app/manifests/absent"),
        TestRequest("GET", "/v2/app/manifests/-"),
        TestRequest("GET", "/v2/APP/manifests/1"),
        TestRequest("GET", "/v2/nobody/manifests/1"),
        TestRequest("GET", "/v2/app/blobs/" + SampleBlob("absent").digest),
        TestRequest("GET", "/v2/app/blobs/sha256:abc"),
        TestRequest("GET", "/v2/app/tags/list?n=x"),
        TestRequest("GET", "/v2/app/referrers/x"),
        TestRequest("GET", "/v2/app/blobs/uploads/12345678-1234-4234-8234-123456789012"),
        TestRequest("GET", "/v2/app/unheard/of"),
        TestRequest("GET", "/elsewhere"),
        TestRequest("PUT", "/v2/app/manifests/1", body: Array("{".utf8)),
        TestRequest("PUT", "/v2/app/tags/list"),
        TestRequest("DELETE", "/v2/"),
        TestRequest("POST", "/v2/app/blobs/uploads/?digest=" + SampleBlob("a").digest, body: [1]),
        TestRequest("POST", "/v2/app/blobs/uploads/?mount=x&from=app"),
        TestRequest("POST", "/v2/app/blobs/uploads/?digest-algorithm=x"),
    ]

    @Test(
        .requires("error-json", "error-code-form", "error-message", "error-code-known", "wharf-error-helps"),
        arguments: Harness.allCases
    )
    func `each refusal is JSON with a known code and a sentence`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            for request in Self.failures {
                let what: Comment = "\(request.method) \(request.path)"
                let response = try await client.harness.send(request)
                #expect((400..<500).contains(response.status), what)
                #expect(response[header: "Content-Type"]?.hasPrefix("application/json") == true, what)
                #expect(response[header: "Content-Length"] == "\(response.body.count)", what)
                let errors = try response.decoded(ErrorBody.self).errors
                #expect(!errors.isEmpty, what)
                for error in errors {
                    #expect(error.code.wholeMatch(of: /[A-Z_]+/) != nil, what)
                    #expect(Self.knownCodes.contains(error.code), what)
                    #expect((error.message ?? "").split(separator: " ").count >= 4, what)
                }
            }
        }
    }

    @Test(.requires("wharf-request-id"), arguments: Harness.allCases)
    func `each refusal carries an id of its own, in a header and in the body`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            var seen: Set<String> = []
            for request in Self.failures {
                let response = try await client.harness.send(request)
                let id = try #require(response[header: "X-Request-ID"], "\(request.method) \(request.path)")
                #expect(id.utf8.count >= 8)
                #expect(response.text.contains(id), "\(request.method) \(request.path)")
                #expect(seen.insert(id).inserted)
            }
        }
    }

    @Test(.requires("wharf-version-200"), arguments: Harness.allCases)
    func `the root of the API answers and names its version`(harness: Harness) async throws {
        try await harness.withClient { client in
            for path in ["/v2/", "/v2"] {
                for method in ["GET", "HEAD"] {
                    let response = try await client.send(method, path)
                    #expect(response.status == 200, "\(method) \(path)")
                    #expect(response[header: "Docker-Distribution-API-Version"] == "registry/2.0")
                }
            }
            #expect(try await client.get("/v2/").text == "{}")
        }
    }

    @Test(.requires("wharf-unknown-route"), arguments: Harness.allCases)
    func `a path that is none of the API's is not found`(harness: Harness) async throws {
        let paths = [
            "/", "/v1/", "/v2/app", "/v2/app/", "/v2/app/manifests", "/v2/app/manifests/", "/v2/app/blobs/",
            "/v2/app/tags", "/v2/app/tags/list/more", "/v2/app/unheard/of", "/elsewhere", "/v2/_catalog/x", "/v2//",
            "/v2/manifests/1", "/v2/blobs/" + SampleBlob("x").digest,
        ]
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            for path in paths {
                let response = try await client.get(path)
                #expect([400, 404].contains(response.status), "\(path)")
                #expect(response.errorCodes.count == 1, "\(path): \(response.text)")
            }
        }
    }

    @Test(.requires("wharf-method-405"), arguments: Harness.allCases)
    func `a method that a path does not know is refused with the ones it knows`(harness: Harness) async throws {
        let digest = SampleBlob("x").digest
        let cases = [
            ("DELETE", "/v2/"), ("POST", "/v2/app/manifests/1"), ("PATCH", "/v2/app/manifests/1"),
            ("PUT", "/v2/app/blobs/\(digest)"), ("POST", "/v2/app/tags/list"), ("DELETE", "/v2/app/tags/list"),
            ("PUT", "/v2/app/referrers/\(digest)"), ("POST", "/v2/_catalog"), ("GET", "/v2/app/blobs/uploads/"),
        ]
        try await harness.withClient { client in
            for (method, path) in cases {
                let response = try await client.send(method, path)
                #expect(Refusal(response) == Refusal(405, "UNSUPPORTED"), "\(method) \(path)")
                let allowed = response[header: "Allow"]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
                #expect(!allowed.isEmpty && !allowed.contains(method), "\(method) \(path): \(allowed)")
            }
        }
    }

    @Test(.requires("category-whole", "category-others"), arguments: Harness.allCases)
    func `every endpoint of the specification is served`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            let digest = image.layer.digest
            let upload = try await client.startUpload(in: "app")
            let requests: [(String, TestRequest, Int)] = [
                ("end-1", TestRequest("GET", "/v2/"), 200),
                ("end-2", TestRequest("GET", "/v2/app/blobs/\(digest)"), 200),
                ("end-2", TestRequest("HEAD", "/v2/app/blobs/\(digest)"), 200),
                ("end-3", TestRequest("GET", "/v2/app/manifests/1"), 200),
                ("end-3", TestRequest("HEAD", "/v2/app/manifests/1"), 200),
                ("end-4a", TestRequest("POST", "/v2/app/blobs/uploads/"), 202),
                ("end-4b", TestRequest("POST", "/v2/app/blobs/uploads/?digest=\(SampleBlob("").digest)"), 201),
                ("end-4c", TestRequest("POST", "/v2/app/blobs/uploads/?digest-algorithm=sha512"), 202),
                ("end-5", TestRequest("PATCH", upload, body: [1, 2]), 202),
                ("end-13", TestRequest("GET", upload), 204),
                ("end-6", TestRequest("PUT", "\(upload)?digest=\(SampleBlob([1, 2]).digest)"), 201),
                ("end-7a", TestRequest("PUT", "/v2/app/manifests/2", body: image.manifest.bytes), 201),
                (
                    "end-7b",
                    TestRequest("PUT", "/v2/app/manifests/\(image.manifest.digest)?tag=3", body: image.manifest.bytes),
                    201
                ),
                ("end-8a", TestRequest("GET", "/v2/app/tags/list"), 200),
                ("end-8b", TestRequest("GET", "/v2/app/tags/list?n=1&last=1"), 200),
                ("end-11", TestRequest("POST", "/v2/more/blobs/uploads/?mount=\(digest)&from=app"), 201),
                ("end-12a", TestRequest("GET", "/v2/app/referrers/\(image.manifest.digest)"), 200),
                ("end-12b", TestRequest("GET", "/v2/app/referrers/\(image.manifest.digest)?artifactType=a/b"), 200),
                ("end-14", TestRequest("DELETE", try await client.startUpload(in: "app")), 204),
                ("end-9", TestRequest("DELETE", "/v2/app/manifests/2"), 202),
                ("end-9", TestRequest("DELETE", "/v2/app/manifests/\(image.manifest.digest)"), 202),
                ("end-10", TestRequest("DELETE", "/v2/app/blobs/\(digest)"), 202),
            ]
            for (endpoint, request, status) in requests {
                let response = try await client.harness.send(request)
                #expect(response.status == status, "\(endpoint): \(response.text)")
            }
        }
    }
}
