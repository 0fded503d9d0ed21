import OCI
import RegistryTesting
import Testing

/// The list of referrers (end-12) and manifests with a subject.
@Suite struct Referrers {
    static let sbomType = "application/vnd.example.sbom"
    static let signatureType = "application/vnd.example.signature"

    /// Runs a test with an image pushed to `app` and the empty config beside it.
    static func withSubject(
        _ harness: Harness,
        _ body: @Sendable (Client, SampleManifest) async throws -> Void
    ) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            try await client.push(SampleBlob.emptyJSON, to: "app")
            try await body(client, image.manifest)
        }
    }

    @Test(
        .requires(
            "referrers-200",
            "referrers-index",
            "referrers-content-type",
            "referrers-artifact-type",
            "referrers-annotations",
            "push-subject-header",
            "enable-new"
        ),
        arguments: Harness.allCases
    )
    func `what was pushed with a subject is listed with its type and annotations`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            let referrers = [
                SampleManifest.referrer(to: subject.descriptor(), artifactType: Self.sbomType, note: "one"),
                .referrer(to: subject.descriptor(), artifactType: Self.signatureType, note: "two"),
            ]
            for (index, referrer) in referrers.enumerated() {
                let reference = index == 0 ? referrer.digest : "tagged"
                let response = try await client.put(referrer, to: "app", as: reference)
                #expect(response.status == 201)
                #expect(response[header: "OCI-Subject"] == subject.digest)
            }
            let response = try await client.get("/v2/app/referrers/\(subject.digest)")
            #expect(response.status == 200)
            #expect(response[header: "Content-Type"] == MediaType.imageIndex.description)
            #expect(response[header: "OCI-Filters-Applied"] == nil)
            let list = try response.decoded(ReferrersList.self)
            #expect(list.schemaVersion == 2)
            #expect(list.mediaType == MediaType.imageIndex.description)
            let expected = zip(referrers, [(Self.sbomType, "one"), (Self.signatureType, "two")])
                .map { manifest, facts in
                    ReferrersList.Descriptor(
                        mediaType: manifest.mediaType,
                        digest: manifest.digest,
                        size: manifest.bytes.count,
                        artifactType: facts.0,
                        annotations: ["note": facts.1]
                    )
                }
            #expect(list.manifests == expected.sorted { $0.digest < $1.digest })
        }
    }

    @Test(.requires("referrers-annotations"), arguments: Harness.allCases)
    func `annotations of any text come as they were pushed`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            let note = #"\"quoted\" \\ \/ \n\t\u0001 \u00e9é \ud83d\ude00😀 </script>"#
            let referrer = SampleManifest.referrer(to: subject.descriptor(), artifactType: Self.sbomType, note: note)
            try await client.push(referrer, to: "app")
            let listed = try await client.referrers(of: subject.digest, in: "app")
            #expect(listed.first?.annotations == ["note": "\"quoted\" \\ / \n\t\u{1} éé 😀😀 </script>"])
        }
    }

    @Test(.requires("referrers-config-type", "referrers-index-type"), arguments: Harness.allCases)
    func `without artifactType an image shows its config's type and an index none`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            let config = SampleBlob.emptyJSON.descriptor("application/vnd.example.config")
            let image = SampleManifest.referrer(to: subject.descriptor(), config: config)
            let emptyType = SampleManifest.referrer(
                to: subject.descriptor(),
                artifactType: "",
                note: "empty",
                config: config
            )
            let index = SampleManifest.index(of: [], extra: #","subject":\#(subject.descriptor())"#)
            let typed = SampleManifest.index(
                of: [],
                extra: #","artifactType":"\#(Self.sbomType)","subject":\#(subject.descriptor())"#
            )
            for manifest in [image, emptyType, index, typed] { try await client.push(manifest, to: "app") }
            let listed = try await client.referrers(of: subject.digest, in: "app")
            let types = Dictionary(uniqueKeysWithValues: listed.map { ($0.digest, $0.artifactType) })
            #expect(types.count == 4)
            #expect(types[image.digest] == "application/vnd.example.config")
            #expect(types[emptyType.digest] == "application/vnd.example.config")
            #expect(types[index.digest] == .some(nil))
            #expect(types[typed.digest] == Self.sbomType)
        }
    }

    @Test(.requires("referrers-empty", "referrers-not-404"), arguments: Harness.allCases)
    func `without referrers the list is empty, whatever is known of the subject`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            for digest in [subject.digest, SampleBlob("absent").digest, SampleBlob("x", algorithm: .sha512).digest] {
                let listed = try await client.referrers(of: digest, in: "app")
                #expect(listed.isEmpty)
            }
            let elsewhere = try await client.referrers(of: subject.digest, in: "not/there")
            #expect(elsewhere.isEmpty)
        }
    }

    @Test(.requires("referrers-400"), arguments: Harness.allCases)
    func `referrers of what is no digest are refused`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, _ in
            for digest in ["1", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256"] {
                let response = try await client.get("/v2/app/referrers/\(digest)")
                #expect(Refusal(response) == Refusal(400, "DIGEST_INVALID"), "\(digest)")
            }
        }
    }

    @Test(.requires("push-subject-absent", "push-subject-header", "enable-new"), arguments: Harness.allCases)
    func `a referrer may come before its subject`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1)
            try await client.push(SampleBlob.emptyJSON, to: "app")
            let referrer = SampleManifest.referrer(to: image.manifest.descriptor(), artifactType: Self.sbomType)
            let response = try await client.put(referrer, to: "app", as: referrer.digest)
            #expect(response.status == 201)
            #expect(response[header: "OCI-Subject"] == image.manifest.digest)
            #expect(try await client.get("/v2/app/manifests/\(image.manifest.digest)").status == 404)
            #expect(try await client.referrers(of: image.manifest.digest, in: "app").count == 1)
            try await client.push(image, to: "app")
            #expect(try await client.referrers(of: image.manifest.digest, in: "app").map(\.digest) == [referrer.digest])
        }
    }

    @Test(.requires("push-subject-header"), arguments: Harness.allCases)
    func `a manifest without a subject is answered without OCI-Subject`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            let response = try await client.put(subject, to: "app", as: "2")
            #expect(response[header: "OCI-Subject"] == nil)
        }
    }

    @Test(.requires("referrers-filter", "referrers-filter-told"), arguments: Harness.allCases)
    func `the list can be filtered by the type of artifact`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            let types = [Self.sbomType, Self.signatureType, Self.sbomType + "+json"]
            for (index, type) in types.enumerated() {
                let referrer = SampleManifest.referrer(
                    to: subject.descriptor(),
                    artifactType: type,
                    note: "\(index)"
                )
                try await client.push(referrer, to: "app")
            }
            for (query, expected) in [
                (Self.sbomType, [Self.sbomType]), ("application%2Fvnd.example.sbom%2Bjson", [types[2]]),
                ("application/none", []),
            ] {
                let path = "/v2/app/referrers/\(subject.digest)?artifactType=\(query)"
                let response = try await client.get(path)
                #expect(response.status == 200)
                #expect(response[header: "OCI-Filters-Applied"] == "artifactType")
                let list = try response.decoded(ReferrersList.self)
                #expect(list.manifests.map(\.artifactType) == expected, "\(query)")
            }
        }
    }

    @Test(.requires("referrers-paged", "referrers-link"), arguments: Harness.allCases, [1, 2, 5, 50])
    func `a long list comes in pages by Link, also when it is filtered`(harness: Harness, n: Int) async throws {
        try await Self.withSubject(harness) { client, subject in
            let referrers = (0..<5).map {
                SampleManifest.referrer(to: subject.descriptor(), artifactType: Self.sbomType, note: "\($0)")
            }
            for referrer in referrers { try await client.push(referrer, to: "app") }
            let other = SampleManifest.referrer(to: subject.descriptor(), artifactType: Self.signatureType)
            try await client.push(other, to: "app")
            let path = "/v2/app/referrers/\(subject.digest)"
            let all = try await client.followLinks(from: "\(path)?n=\(n)") {
                try $0.decoded(ReferrersList.self).manifests.map(\.digest)
            }
            #expect(all.flatMap { $0 } == (referrers + [other]).map(\.digest).sorted())
            #expect(all.allSatisfy { $0.count <= n })
            let sboms = try await client.followLinks(from: "\(path)?n=\(n)&artifactType=\(Self.sbomType)") {
                #expect($0[header: "OCI-Filters-Applied"] == "artifactType")
                return try $0.decoded(ReferrersList.self).manifests.map(\.digest)
            }
            #expect(sboms.flatMap { $0 } == referrers.map(\.digest).sorted())
        }
    }

    @Test(.requires("wharf-referrers-repository"), arguments: Harness.allCases)
    func `referrers of one repository are not listed in another`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            try await client.push(SampleImage(seed: 1), to: "other")
            try await client.push(SampleManifest.referrer(to: subject.descriptor()), to: "app")
            #expect(try await client.referrers(of: subject.digest, in: "app").count == 1)
            #expect(try await client.referrers(of: subject.digest, in: "other") == [])
        }
    }

    @Test(.requires("wharf-referrers-deleted"), arguments: Harness.allCases)
    func `a deleted referrer is not listed, and a deleted subject keeps its referrers`(harness: Harness) async throws {
        try await Self.withSubject(harness) { client, subject in
            let first = SampleManifest.referrer(to: subject.descriptor(), note: "1")
            let second = SampleManifest.referrer(to: subject.descriptor(), note: "2")
            for referrer in [first, second] { try await client.push(referrer, to: "app") }
            #expect(try await client.delete("/v2/app/manifests/\(first.digest)").status == 202)
            #expect(try await client.referrers(of: subject.digest, in: "app").map(\.digest) == [second.digest])
            #expect(try await client.delete("/v2/app/manifests/\(subject.digest)").status == 202)
            #expect(try await client.referrers(of: subject.digest, in: "app").map(\.digest) == [second.digest])
        }
    }
}

/// Referrers that clients pushed without the help of the registry: fallback tags, and cosign's tags.
@Suite struct TaggedReferrers {
    @Test(.requires("enable-preexisting", "wharf-referrers-fallback-tag"), arguments: Harness.allCases)
    func `what an index under the fallback tag lists is listed once`(harness: Harness) async throws {
        try await Referrers.withSubject(harness) { client, subject in
            let referrer = SampleManifest.referrer(
                to: subject.descriptor(),
                artifactType: Referrers.sbomType,
                note: "by fallback"
            )
            try await client.push(referrer, to: "app")
            let entry = referrer.descriptor(extra: #","artifactType":"\#(Referrers.sbomType)""#)
            let tag = subject.digest.replacing(":", with: "-")
            try await client.push(SampleManifest.index(of: [entry]), to: "app", tag: tag)
            let listed = try await client.referrers(of: subject.digest, in: "app")
            #expect(listed.map(\.digest) == [referrer.digest])
            #expect(listed.first?.annotations == ["note": "by fallback"])
            #expect(try await client.tags(in: "app") == ["1", tag])
        }
    }

    @Test(.requires("wharf-referrers-fallback-tag"), arguments: Harness.allCases)
    func `what a fallback index lists is listed also when it names no subject itself`(harness: Harness) async throws {
        try await Referrers.withSubject(harness) { client, subject in
            let config = SampleBlob.emptyJSON.descriptor("application/vnd.oci.empty.v1+json")
            let referrer = SampleManifest.image(config: config, extra: #","artifactType":"\#(Referrers.sbomType)""#)
            try await client.push(referrer, to: "app")
            let tag = subject.digest.replacing(":", with: "-")
            try await client.push(SampleManifest.index(of: [referrer.descriptor()]), to: "app", tag: tag)
            let listed = try await client.referrers(of: subject.digest, in: "app")
            #expect(listed.map(\.digest) == [referrer.digest])
            #expect(listed.first?.artifactType == Referrers.sbomType)
        }
    }

    @Test(.requires("wharf-referrers-fallback-tag", "wharf-sha512"), arguments: Harness.allCases)
    func `the fallback tag of a sha512 subject, cut to 64 digits, does no harm`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = SampleImage(seed: 1, algorithm: .sha512)
            try await client.push(image, to: "app")
            try await client.push(SampleBlob.emptyJSON, to: "app")
            let referrer = SampleManifest.referrer(
                to: image.manifest.descriptor(),
                artifactType: Referrers.sbomType
            )
            try await client.push(referrer, to: "app")
            let tag = String(image.manifest.digest.replacing(":", with: "-").prefix("sha512-".count + 64))
            try await client.push(SampleManifest.index(of: [referrer.descriptor()]), to: "app", tag: tag)
            let listed = try await client.referrers(of: image.manifest.digest, in: "app")
            #expect(listed.map(\.digest) == [referrer.digest])
        }
    }

    @Test(.requires("wharf-referrers-cosign"), arguments: Harness.allCases)
    func `what cosign pushed beside an image is listed`(harness: Harness) async throws {
        try await Referrers.withSubject(harness) { client, subject in
            var expected: [String] = []
            for (index, suffix) in ["sig", "att", "sbom"].enumerated() {
                let layer = SampleBlob("payload \(index)")
                try await client.push(layer, to: "app")
                let manifest = SampleManifest.image(
                    config: SampleBlob.emptyJSON.descriptor("application/vnd.oci.image.config.v1+json"),
                    layers: [layer.descriptor("application/vnd.dev.cosign.simplesigning.v1+json")]
                )
                let tag = subject.digest.replacing(":", with: "-") + "." + suffix
                try await client.push(manifest, to: "app", tag: tag)
                expected.append(manifest.digest)
            }
            let listed = try await client.referrers(of: subject.digest, in: "app")
            #expect(listed.map(\.digest) == expected.sorted())
        }
    }

    @Test(.requires("wharf-referrers-deleted", "wharf-referrers-cosign"), arguments: Harness.allCases)
    func `with the tag goes what only the tag made a referrer`(harness: Harness) async throws {
        try await Referrers.withSubject(harness) { client, subject in
            let manifest = SampleManifest.image(
                config: SampleBlob.emptyJSON.descriptor("application/vnd.oci.image.config.v1+json")
            )
            let tag = subject.digest.replacing(":", with: "-") + ".sig"
            try await client.push(manifest, to: "app", tag: tag)
            #expect(try await client.referrers(of: subject.digest, in: "app").map(\.digest) == [manifest.digest])
            #expect(try await client.delete("/v2/app/manifests/\(tag)").status == 202)
            #expect(try await client.referrers(of: subject.digest, in: "app") == [])
            try await client.push(manifest, to: "app", tag: tag)
            let other = SampleImage(seed: 2)
            try await client.push(other, to: "app", tag: tag)
            let listed = try await client.referrers(of: subject.digest, in: "app")
            #expect(listed.map(\.digest) == [other.manifest.digest])
        }
    }
}
