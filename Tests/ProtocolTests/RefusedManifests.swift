import OCI
import RegistryTesting
import Testing

/// Manifests that are not taken, and the limits up to which they are.
@Suite struct RefusedManifests {
    static let configType = "application/vnd.oci.image.config.v1+json"

    @Test(.requires("push-references-unknown", "wharf-missing-named"), arguments: Harness.allCases)
    func `each reference to something absent is named`(harness: Harness) async throws {
        try await harness.withClient { client in
            let present = SampleBlob("present")
            try await client.push(present, to: "app")
            let absent = (0..<3).map { SampleBlob("absent \($0)") }
            try await client.push(absent[2], to: "other")
            let manifest = SampleManifest.image(
                config: absent[0].descriptor(Self.configType),
                layers: [present, absent[1], absent[2], absent[1]].map { $0.descriptor("application/octet-stream") }
            )
            let response = try await client.put(manifest, to: "app", as: "1")
            #expect(response.status == 404)
            #expect(response.errorCodes == Array(repeating: "MANIFEST_BLOB_UNKNOWN", count: 3))
            for blob in absent { #expect(response.text.contains(blob.digest)) }
            #expect(!response.text.contains(present.digest))
            #expect(try await client.get("/v2/app/manifests/1").status == 404)
            #expect(try await client.get("/v2/app/manifests/\(manifest.digest)").status == 404)
        }
    }

    @Test(.requires("wharf-manifest-not-json"), arguments: Harness.allCases)
    func `what is not a manifest is refused`(harness: Harness) async throws {
        let good = SampleBlob("{}").descriptor(Self.configType)
        let documents = [
            "", " ", "not JSON", "{", "[]", "null", "2", "\"text\"", "{}", "{\"schemaVersion\":2}", "\u{0}", "{}{}",
            #"{"schemaVersion":2,"config":{},"layers":[]}"#,
            #"{"schemaVersion":2,"config":\#(good)}"#,
            #"{"schemaVersion":2,"config":\#(good),"layers":{}}"#,
            #"{"schemaVersion":2,"config":\#(good),"layers":[null]}"#,
            #"{"schemaVersion":2,"config":\#(good),"layers":[{"digest":"sha256:x","size":1,"mediaType":"a/b"}]}"#,
            #"{"schemaVersion":2,"config":\#(good),"layers":[],"manifests":[]}"#,
            #"{"schemaVersion":"2","config":\#(good),"layers":[]}"#,
            #"{"schemaVersion":2,"config":\#(good),"layers":[],"subject":{"digest":"x"}}"#,
        ]
        try await harness.withClient { client in
            try await client.push(SampleBlob("{}"), to: "app")
            for document in documents {
                let manifest = SampleManifest(document, mediaType: .imageManifest)
                for reference in ["1", manifest.digest] {
                    let response = try await client.put(manifest, to: "app", as: reference)
                    #expect(Refusal(response) == Refusal(400, "MANIFEST_INVALID"), "\(document)")
                }
            }
            let invalid = SampleManifest("{\"schemaVersion\":2,\"x\":\"\u{1}\"}", mediaType: .imageManifest)
            #expect(try await client.put(invalid, to: "app", as: "1").status == 400)
            #expect(try await client.tags(in: "app") == [])
        }
    }

    @Test(.requires("wharf-manifest-not-json"), arguments: Harness.allCases)
    func `bytes that are not UTF-8 are refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            let bytes = Array("{\"schemaVersion\":2,\"a\":\"".utf8) + [0xFF, 0xC3, 0x28] + Array("\"}".utf8)
            let response = try await client.send(
                "PUT",
                "/v2/app/manifests/1",
                headers: [("Content-Type", MediaType.imageManifest.description)],
                body: bytes
            )
            #expect(Refusal(response) == Refusal(400, "MANIFEST_INVALID"))
        }
    }

    @Test(.requires("wharf-manifest-nested"), arguments: Harness.allCases)
    func `JSON that is nested deeply is refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            for depth in [1000, 100_000, 1_900_000] {
                let nest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                let document = #"{"schemaVersion":2,"config":{},"layers":[],"x":\#(nest)}"#
                let response = try await client.put(
                    SampleManifest(document, mediaType: .imageManifest),
                    to: "app",
                    as: "1"
                )
                #expect(Refusal(response) == Refusal(400, "MANIFEST_INVALID"), "\(depth)")
                let open = SampleManifest(String(repeating: #"{"a":"#, count: depth), mediaType: .imageIndex)
                let other = try await client.put(open, to: "app", as: "1")
                #expect(open.bytes.count > 4 << 20 || Refusal(other) == Refusal(400, "MANIFEST_INVALID"), "\(depth)")
            }
        }
    }

    @Test(.requires("wharf-type-contradicted"), arguments: Harness.allCases)
    func `a Content-Type that contradicts the document is refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app").manifest
            let index = SampleManifest.index(of: [image.descriptor()])
            let pairs: [(SampleManifest, MediaType)] = [
                (image, .imageIndex), (image, .dockerManifest), (index, .imageManifest), (index, .dockerManifestList),
            ]
            for (manifest, type) in pairs {
                let response = try await client.send(
                    "PUT",
                    "/v2/app/manifests/1",
                    headers: [("Content-Type", type.description)],
                    body: manifest.bytes
                )
                #expect(Refusal(response) == Refusal(400, "MANIFEST_INVALID"), "\(manifest.mediaType) as \(type)")
            }
            let undeclared = String(decoding: index.bytes, as: UTF8.self)
                .replacing(#""mediaType":"\#(MediaType.imageIndex)","#, with: "")
            let wrong = SampleManifest(undeclared, mediaType: .imageManifest)
            #expect(Refusal(try await client.put(wrong, to: "app", as: "1")) == Refusal(400, "MANIFEST_INVALID"))
        }
    }

    @Test(.requires("wharf-manifest-digest-mismatch", "push-manifest-digest-header"), arguments: Harness.allCases)
    func `a manifest that has another digest than its path is refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            for algorithm in Digest.Algorithm.allCases {
                let other = SampleBlob("another", algorithm: algorithm).digest
                let response = try await client.put(image.manifest, to: "app", as: other)
                #expect(Refusal(response) == Refusal(400, "DIGEST_INVALID"))
                #expect(try await client.get("/v2/app/manifests/\(other)").status == 404)
            }
            for bad in ["sha256:baddigeststring", "md5:d41d8cd98f00b204e9800998ecf8427e", "a:b"] {
                let response = try await client.put(image.manifest, to: "app", as: bad)
                #expect(Refusal(response) == Refusal(400, "DIGEST_INVALID"), "\(bad)")
            }
            #expect(try await client.get("/v2/app/manifests/\(image.manifest.digest)").status == 404)
        }
    }

    @Test(.requires("push-manifest-limit", "push-manifest-413", "push-manifest-4mb"), arguments: Harness.allCases)
    func `a manifest may have 4 MiB and not a byte more`(harness: Harness) async throws {
        try await harness.withClient { client in
            let config = SampleBlob("{}")
            try await client.push(config, to: "app")
            func manifest(size: Int) -> SampleManifest {
                let bare = SampleManifest.image(config: config.descriptor(Self.configType), extra: #","x":"""#)
                let filler = String(repeating: "x", count: size - bare.bytes.count)
                return .image(config: config.descriptor(Self.configType), extra: #","x":"\#(filler)""#)
            }
            let largest = manifest(size: 4 << 20)
            #expect(largest.bytes.count == 4 << 20)
            try await client.push(largest, to: "app", tag: "largest")
            #expect(try await client.get("/v2/app/manifests/largest").body == largest.bytes)
            for size in [(4 << 20) + 1, 6 << 20] {
                let response = try await client.put(manifest(size: size), to: "app", as: "larger")
                #expect(response.status == 413, "\(size)")
            }
            #expect(try await client.tags(in: "app") == ["largest"])
        }
    }

    @Test(.requires("push-manifest-413"), arguments: Harness.allCases)
    func `a manifest over the limit is refused also when its length was not said`(harness: Harness) async throws {
        try await harness.withClient { client in
            let response = try await client.send(
                "PUT",
                "/v2/app/manifests/1",
                headers: [("Content-Type", MediaType.imageManifest.description)],
                body: Array(repeating: UInt8(ascii: " "), count: 5 << 20),
                isStreamed: true
            )
            #expect(response.status == 413)
        }
    }
}
