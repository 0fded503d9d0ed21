import OCI
import RegistryTesting
import Testing

/// What all lists have in common, and the bounds of their pages.
@Suite struct Lists {
    @Test(.requires("wharf-head-lists"), arguments: Harness.allCases)
    func `HEAD is answered as GET but for the body, wherever there is a GET`(harness: Harness) async throws {
        try await harness.withClient { client in
            let image = try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            try await client.push(image.manifest, to: "app", tag: "2")
            let paths = [
                "/v2/", "/v2/_catalog", "/v2/app/tags/list", "/v2/app/tags/list?n=1", "/v2/nobody/tags/list",
                "/v2/app/referrers/\(image.manifest.digest)?artifactType=a/b",
                try await client.startUpload(in: "app"),
            ]
            for path in paths {
                let got = try await client.get(path)
                let asked = try await client.head(path)
                #expect(asked.status == got.status, "\(path)")
                #expect(asked.body == [], "\(path)")
                let names = [
                    "Content-Type", "Link", "OCI-Filters-Applied", "Range", "Location",
                    "Docker-Distribution-API-Version",
                ]
                for name in names { #expect(asked[header: name] == got[header: name], "\(path) \(name)") }
                // The bodies of errors have the id of the request, which is always as long.
                #expect(asked[header: "Content-Length"] == got[header: "Content-Length"], "\(path)")
            }
        }
    }

    @Test(.requires("wharf-referrers-bounded"), arguments: Harness.allCases)
    func `a page of referrers ends where their manifests become too many bytes`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleBlob.emptyJSON, to: "app")
            let subject = SampleManifest.index(of: [])
            // A line break is as short as can be in the manifest, and must not become longer in the list.
            let note = String(repeating: #"\n"#, count: 950_000)
            let referrers = (0..<3).map { number in
                SampleManifest.referrer(to: subject.descriptor(), artifactType: "a/\(number)", note: note)
            }
            for referrer in referrers { try await client.push(referrer, to: "app") }
            try await client.push(.referrer(to: subject.descriptor(), artifactType: "a/small"), to: "app")
            let path = "/v2/app/referrers/\(subject.digest)"
            #expect(try await client.get(path)[header: "Link"] != nil)
            let pages = try await client.followLinks(from: path) { page in
                #expect(page.body.count <= Manifest.byteCountMax + 4096)
                return try page.decoded(ReferrersList.self).manifests
            }
            #expect(pages.count == 2)
            let types = pages.flatMap { $0 }.compactMap(\.artifactType)
            #expect(types.sorted() == ["a/0", "a/1", "a/2", "a/small"])
            #expect(pages.flatMap { $0 }.filter { $0.annotations?["note"]?.utf8.count == 950_000 }.count == 3)
        }
    }

    @Test(.requires("wharf-references-max"), arguments: Harness.allCases)
    func `a manifest that names too many others is refused with the number`(harness: Harness) async throws {
        try await harness.withClient { client in
            let children = (0...Manifest.referenceCountMax).map { number in
                let digits = String(number)
                let digest = "sha256:" + String(repeating: "0", count: 64 - digits.utf8.count) + digits
                return #"{"digest":"\#(digest)","size":1}"#
            }
            let response = try await client.put(.index(of: children), to: "app", as: "1")
            #expect(Refusal(response) == Refusal(413, "MANIFEST_INVALID"))
            #expect(response.text.contains("at most 10000 blobs and manifests; this one names 10001"))
            #expect(try await client.put(.index(of: Array(children.dropLast())), to: "app", as: "1").status == 201)
        }
    }
}
