import OCI
import RegistryTesting
import Testing

/// PUT of manifests (end-7a): what is answered, what is kept.
@Suite struct PushManifests {
    @Test(
        .requires(
            "push-manifest-201",
            "push-manifest-location",
            "push-manifest-digest-header",
            "push-manifest-reference",
            "wharf-image-manifest",
            "wharf-location-relative",
            "category-others"
        ),
        arguments: Harness.allCases,
        [true, false]
    )
    func `an image is pushed by tag or by digest`(harness: Harness, isTagged: Bool) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "library/app") }
            let reference = isTagged ? "latest" : image.manifest.digest
            let response = try await client.put(image.manifest, to: "library/app", as: reference)
            #expect(response.status == 201)
            #expect(response[header: "Docker-Content-Digest"] == image.manifest.digest)
            let place = try #require(response[header: "Location"])
            #expect(place.hasPrefix("/v2/library/app/manifests/"))
            #expect(try await client.get(place).body == image.manifest.bytes)
            #expect(try await client.tags(in: "library/app") == (isTagged ? ["latest"] : []))
            for blob in image.blobs {
                #expect(try await client.get("/v2/library/app/blobs/\(blob.digest)").body == blob.bytes)
            }
        }
    }

    @Test(.requires("push-manifest-verbatim", "wharf-descriptor-data"), arguments: Harness.allCases)
    func `the bytes of a manifest are kept as they are`(harness: Harness) async throws {
        try await harness.withClient { client in
            let config = SampleBlob(#"{"architecture":"amd64"}"#)
            try await client.push(config, to: "app")
            let descriptor = config.descriptor(
                "application/vnd.oci.image.config.v1+json",
                extra: #", "data":"eyJhcmNoaXRlY3R1cmUiOiJhbWQ2NCJ9", "unheard":{"of":[1,null,1e3]}"#
            )
            let documents = [
                #" {  "layers" : [ ] ,"config":\#(descriptor),"schemaVersion":2 , "zebra" : "\u00e9é\/" }  "#,
                "{\n\t\"schemaVersion\": 2,\r\n\"config\": \(descriptor),\n\"layers\": []}\n",
                #"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"annotations":{"b":"2","a":"1","😀":"x"}}"#,
            ]
            for document in documents {
                let manifest = SampleManifest(document, mediaType: .imageManifest)
                try await client.push(manifest, to: "app")
                let response = try await client.get("/v2/app/manifests/\(manifest.digest)")
                #expect(response.body == manifest.bytes)
                #expect(response[header: "Content-Type"] == manifest.mediaType)
            }
        }
    }

    @Test(.requires("push-manifest-type-parameters", "pull-manifest-type-bare"), arguments: Harness.allCases)
    func `parameters of the Content-Type are dropped`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            for parameters in ["; charset=utf-8", ";charset=\"utf-8\" ; a=b", ";"] {
                let response = try await client.send(
                    "PUT",
                    "/v2/app/manifests/1",
                    headers: [("Content-Type", image.manifest.mediaType + parameters)],
                    body: image.manifest.bytes
                )
                #expect(response.status == 201, "\(parameters): \(response.text)")
                #expect(try await client.get("/v2/app/manifests/1")[header: "Content-Type"] == image.manifest.mediaType)
            }
        }
    }

    @Test(.requires("wharf-type-from-document"), arguments: Harness.allCases)
    func `without a Content-Type the type in the document counts`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            let response = try await client.send("PUT", "/v2/app/manifests/1", body: image.manifest.bytes)
            #expect(response.status == 201, "\(response.text)")
            #expect(try await client.get("/v2/app/manifests/1")[header: "Content-Type"] == image.manifest.mediaType)
        }
    }

    @Test(.requires("wharf-tag-moves"), arguments: Harness.allCases)
    func `a tag moves to what was pushed last, and the old manifest stays by digest`(harness: Harness) async throws {
        try await harness.withClient { client in
            let old = try await client.push(SampleImage(seed: 1), to: "app", tag: "latest").manifest
            let new = try await client.push(SampleImage(seed: 2), to: "app", tag: "latest").manifest
            #expect(try await client.get("/v2/app/manifests/latest").body == new.bytes)
            #expect(try await client.get("/v2/app/manifests/\(old.digest)").body == old.bytes)
            try await client.push(old, to: "app", tag: "latest")
            #expect(try await client.get("/v2/app/manifests/latest").body == old.bytes)
        }
    }

    @Test(.requires("wharf-sha512"), arguments: Harness.allCases)
    func `an image can be of sha512 digests throughout`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1, algorithm: .sha512)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            let response = try await client.put(image.manifest, to: "app", as: image.manifest.digest)
            #expect(response.status == 201, "\(response.text)")
            #expect(response[header: "Docker-Content-Digest"] == image.manifest.digest)
            let pulled = try await client.get("/v2/app/manifests/\(image.manifest.digest)")
            #expect(pulled.body == image.manifest.bytes)
            #expect(pulled[header: "Docker-Content-Digest"] == image.manifest.digest)
        }
    }

    @Test(.requires("wharf-if-match"), arguments: Harness.allCases)
    func `a push with a condition goes through only while the tag stands where the client saw it`(
        harness: Harness
    ) async throws {
        try await harness.withClient { client in
            let first = try await client.push(SampleImage(seed: 1), to: "app", tag: "1").manifest
            let second = try await client.push(SampleImage(seed: 2), to: "app").manifest
            func put(_ manifest: SampleManifest, _ name: String, _ value: String) async throws -> Int {
                try await client.send(
                    "PUT",
                    "/v2/app/manifests/1",
                    headers: [("Content-Type", manifest.mediaType), (name, value)],
                    body: manifest.bytes
                ).status
            }
            #expect(try await put(second, "If-Match", "\"\(second.digest)\"") == 412)
            #expect(try await put(second, "If-None-Match", "*") == 412)
            #expect(try await client.get("/v2/app/manifests/1").body == first.bytes)
            #expect(try await put(second, "If-Match", "\"\(first.digest)\"") == 201)
            #expect(try await client.get("/v2/app/manifests/1").body == second.bytes)
        }
    }
}

/// PUT by digest with tags in the query (end-7b).
@Suite struct PushManifestTags {
    /// The tags that a response says were set.
    static func told(_ response: TestResponse) -> [String] {
        response.all("OCI-Tag").flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " } }
    }

    @Test(.requires("push-tags-ten", "push-tags-header"), arguments: Harness.allCases, Digest.Algorithm.allCases)
    func `one push by digest sets many tags and names them`(
        harness: Harness,
        algorithm: Digest.Algorithm
    ) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1, algorithm: algorithm)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            let tags = (0..<12).map { "v1.\($0)" } + ["latest", "V1"]
            let query = tags.map { "tag=\($0)" }.joined(separator: "&")
            let response = try await client.put(image.manifest, to: "app", as: "\(image.manifest.digest)?\(query)")
            #expect(response.status == 201, "\(response.text)")
            #expect(Set(Self.told(response)) == Set(tags))
            #expect(Self.told(response).count == tags.count)
            #expect(Set(try await client.tags(in: "app")) == Set(tags))
            for tag in tags {
                let pulled = try await client.get("/v2/app/manifests/\(tag)")
                #expect(pulled[header: "Docker-Content-Digest"] == image.manifest.digest, "\(tag)")
            }
        }
    }

    @Test(.requires("push-tags-header"), arguments: Harness.allCases)
    func `a push without tags names none`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app")
            let response = try await client.put(image.manifest, to: "app", as: image.manifest.digest)
            #expect(Self.told(response) == [])
        }
    }

    @Test(.requires("tag-grammar", "push-tags-header"), arguments: Harness.allCases)
    func `one bad tag among good ones refuses the push as a whole`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            for bad in ["-x", "", "a/b", "a%2Fb"] {
                let path = "\(image.manifest.digest)?tag=good&tag=\(bad)"
                let response = try await client.put(image.manifest, to: "app", as: path)
                #expect(Refusal(response) == Refusal(400, "TAG_INVALID"), "\(bad)")
            }
            #expect(try await client.get("/v2/app/manifests/good").status == 404)
            #expect(try await client.get("/v2/app/manifests/\(image.manifest.digest)").status == 404)
        }
    }
}
