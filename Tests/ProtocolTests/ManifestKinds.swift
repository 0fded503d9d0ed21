import OCI
import RegistryTesting
import Testing

/// The kinds of manifests that go in and out.
@Suite struct ManifestKinds {
    static let configType = "application/vnd.oci.image.config.v1+json"

    /// Pushes a manifest and expects to pull the same, with the same type.
    static func expectRoundTrip(
        _ manifest: SampleManifest,
        client: Client,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let put = try await client.put(manifest, to: "app", as: "round")
        #expect(put.status == 201, "\(put.text)", sourceLocation: sourceLocation)
        let get = try await client.get("/v2/app/manifests/\(manifest.digest)")
        #expect(get.body == manifest.bytes, sourceLocation: sourceLocation)
        #expect(get[header: "Content-Type"] == manifest.mediaType, sourceLocation: sourceLocation)
    }

    @Test(.requires("wharf-image-index"), arguments: Harness.allCases)
    func `an index of images, nested in another, with fields of its own`(harness: Harness) async throws {
        try await harness.withClient { client in
            let images = try await [1, 2].asyncMap { try await client.push(SampleImage(seed: $0), to: "app").manifest }
            let platforms = [
                #","platform":{"architecture":"amd64","os":"linux"}"#,
                #","platform":{"architecture":"arm64","os":"linux","variant":"v8"}"#,
            ]
            let inner = SampleManifest.index(of: zip(images, platforms).map { $0.descriptor(extra: $1) })
            try await Self.expectRoundTrip(inner, client: client)
            let outer = SampleManifest.index(
                of: [inner.descriptor(), images[0].descriptor()],
                extra: #","artifactType":"application/vnd.example+x","annotations":{"a":"b"}"#
            )
            try await Self.expectRoundTrip(outer, client: client)
            try await Self.expectRoundTrip(.index(of: []), client: client)
        }
    }

    @Test(.requires("wharf-image-index"), arguments: Harness.allCases)
    func `an index may list children that are not here`(harness: Harness) async throws {
        try await harness.withClient { client in
            let here = try await client.push(SampleImage(seed: 1), to: "app").manifest
            let elsewhere = SampleImage(seed: 2).manifest
            let sparse = SampleManifest.index(of: [here.descriptor(), elsewhere.descriptor()])
            try await Self.expectRoundTrip(sparse, client: client)
            #expect(try await client.get("/v2/app/manifests/\(elsewhere.digest)").status == 404)
        }
    }

    @Test(.requires("wharf-blob-as-child"), arguments: Harness.allCases)
    func `an index may list a blob`(harness: Harness) async throws {
        try await harness.withClient { client in
            let blob = SampleBlob(#"{"a":"build cache"}"#)
            try await client.push(blob, to: "app")
            let index = SampleManifest.index(of: [blob.descriptor("application/vnd.buildkit.cacheconfig.v0")])
            try await Self.expectRoundTrip(index, client: client)
        }
    }

    @Test(.requires("wharf-docker-schema2"), arguments: Harness.allCases)
    func `Docker's manifest and manifest list`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            for blob in image.blobs { try await client.push(blob, to: "app") }
            let config = image.config.descriptor("application/vnd.docker.container.image.v1+json")
            let layer = image.layer.descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip")
            let type = MediaType.dockerManifest
            let manifest = SampleManifest(
                #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(config),"layers":[\#(layer)]}"#,
                mediaType: type
            )
            try await Self.expectRoundTrip(manifest, client: client)
            let platform = #","platform":{"architecture":"amd64","os":"linux"}"#
            let list = SampleManifest.index(of: [manifest.descriptor(extra: platform)], mediaType: .dockerManifestList)
            try await Self.expectRoundTrip(list, client: client)
        }
    }

    @Test(.requires("wharf-docker-schema1"), arguments: Harness.allCases)
    func `Docker's schema 1 is refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            let document = #"{"schemaVersion":1,"name":"app","tag":"1","fsLayers":[],"history":[],"signatures":[]}"#
            for type in [MediaType.dockerManifestSchema1, .dockerManifestSchema1Signed] {
                let manifest = SampleManifest(document, mediaType: type)
                let response = try await client.put(manifest, to: "app", as: "1")
                #expect(Refusal(response) == Refusal(400, "MANIFEST_INVALID"))
            }
            let unnamed = try await client.send("PUT", "/v2/app/manifests/1", body: Array(document.utf8))
            #expect(Refusal(unnamed) == Refusal(400, "MANIFEST_INVALID"))
        }
    }

    @Test(.requires("wharf-artifact"), arguments: Harness.allCases)
    func `an artifact with the empty config, with and without layers`(harness: Harness) async throws {
        try await harness.withClient { client in
            let empty = SampleBlob.emptyJSON
            let note = SampleBlob("a note")
            for blob in [empty, note] { try await client.push(blob, to: "app") }
            let config = empty.descriptor(MediaType.emptyJSON.description)
            let artifactType = #","artifactType":"application/vnd.example.note""#
            try await Self.expectRoundTrip(.image(config: config, extra: artifactType), client: client)
            let layers = [note.descriptor("text/plain")]
            let full = SampleManifest.image(config: config, layers: layers, extra: artifactType)
            try await Self.expectRoundTrip(full, client: client)
            let same = SampleManifest.image(config: config, layers: [config, config], extra: artifactType)
            try await Self.expectRoundTrip(same, client: client)
        }
    }

    @Test(.requires("wharf-empty-blob"), arguments: Harness.allCases)
    func `an image whose layer has no bytes`(harness: Harness) async throws {
        try await harness.withClient { client in
            let config = SampleBlob("{}")
            let layer = SampleBlob("")
            for blob in [config, layer] { try await client.push(blob, to: "app") }
            let manifest = SampleManifest.image(
                config: config.descriptor(Self.configType),
                layers: [layer.descriptor("application/vnd.oci.image.layer.v1.tar")]
            )
            try await Self.expectRoundTrip(manifest, client: client)
        }
    }

    @Test(.requires("wharf-nondistributable"), arguments: Harness.allCases)
    func `layers that may not be distributed need not be here`(harness: Harness) async throws {
        try await harness.withClient { client in
            let config = SampleBlob("{}")
            try await client.push(config, to: "app")
            let absent = SampleBlob("somebody's property")
            let types = [
                "application/vnd.oci.image.layer.nondistributable.v1.tar",
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
                "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            ]
            for type in types {
                let layer = absent.descriptor(type, extra: #","urls":["https://example.com/layer"]"#)
                let manifest = SampleManifest.image(config: config.descriptor(Self.configType), layers: [layer])
                try await Self.expectRoundTrip(manifest, client: client)
            }
        }
    }
}

extension Sequence where Element: Sendable {
    /// The results of an asynchronous function for each element, one after the other.
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
