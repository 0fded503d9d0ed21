import RegistryTesting
import Testing

/// The list of tags (end-8).
@Suite struct Tags {
    @Test(.requires("tags-200", "tags-json", "tags-order", "wharf-tags-bytewise"), arguments: Harness.allCases)
    func `tags are listed in bytewise order`(harness: Harness) async throws {
        let tags = ["b", "a", "B", "A", "_", "10", "9", "a-b", "a.b", "a_b", "aa", "v1.10", "v1.9", "Z", "z"]
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "team/app").manifest
            for tag in tags { try await client.push(manifest, to: "team/app", tag: tag) }
            let response = try await client.get("/v2/team/app/tags/list")
            #expect(response.status == 200)
            #expect(response[header: "Content-Type"]?.hasPrefix("application/json") == true)
            let sorted = tags.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            #expect(try response.decoded(TagList.self) == TagList(name: "team/app", tags: sorted))
            #expect(response[header: "Link"] == nil)
        }
    }

    @Test(
        .requires("tags-n", "tags-n-order", "tags-last-order", "tags-link", "wharf-tags-paged"),
        arguments: Harness.allCases,
        [1, 2, 3, 7, 100]
    )
    func `following Link gives each tag once, in order`(harness: Harness, n: Int) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app").manifest
            let tags = (0..<7).map { "t\($0)" }
            for tag in tags { try await client.push(manifest, to: "app", tag: tag) }
            let pages = try await client.followLinks(from: "/v2/app/tags/list?n=\(n)") {
                try $0.decoded(TagList.self).tags
            }
            #expect(pages.flatMap { $0 } == tags)
            #expect(pages.dropLast().allSatisfy { $0.count == n })
            #expect(pages.last?.isEmpty == false)
        }
    }

    @Test(.requires("tags-n", "tags-last-order"), arguments: Harness.allCases)
    func `last alone gives all that follows`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app").manifest
            for tag in ["a", "b", "c", "d"] { try await client.push(manifest, to: "app", tag: tag) }
            #expect(try await client.tags(in: "app", query: "?last=b") == ["c", "d"])
            #expect(try await client.tags(in: "app", query: "?last=d") == [])
            #expect(try await client.tags(in: "app", query: "?last=b&n=1") == ["c"])
            #expect(try await client.tags(in: "app", query: "?n=4") == ["a", "b", "c", "d"])
        }
    }

    @Test(.requires("wharf-last-is-a-key"), arguments: Harness.allCases)
    func `last is a key, and need not be a tag that exists`(harness: Harness) async throws {
        try await harness.withClient { client in
            let manifest = try await client.push(SampleImage(seed: 1), to: "app").manifest
            for tag in ["1", "2", "b", "d"] { try await client.push(manifest, to: "app", tag: tag) }
            #expect(try await client.tags(in: "app", query: "?last=c") == ["d"])
            #expect(try await client.tags(in: "app", query: "?last=1") == ["2", "b", "d"])
            #expect(try await client.tags(in: "app", query: "?last=") == ["1", "2", "b", "d"])
            #expect(try await client.tags(in: "app", query: "?last=%2F..%00%27") == ["1", "2", "b", "d"])
            #expect(try await client.tags(in: "app", query: "?last=~") == [])
        }
    }

    @Test(.requires("tags-n-zero", "tags-n-zero-link"), arguments: Harness.allCases)
    func `n=0 gives no tag and no Link`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            for query in ["?n=0", "?n=0&last=0"] {
                let response = try await client.get("/v2/app/tags/list\(query)")
                #expect(response.status == 200)
                #expect(try response.decoded(TagList.self) == TagList(name: "app", tags: []))
                #expect(response[header: "Link"] == nil)
            }
        }
    }

    @Test(.requires("wharf-tags-bad-n"), arguments: Harness.allCases)
    func `an n that is no count is refused`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "app", tag: "1")
            for n in ["-1", "x", "1.5", "", "%201", "0x1"] {
                let response = try await client.get("/v2/app/tags/list?n=\(n)")
                #expect(Refusal(response) == Refusal(400, "PAGINATION_NUMBER_INVALID"), "\(n)")
            }
            #expect(try await client.tags(in: "app", query: "?n=99999999999999999999") == ["1"])
            #expect(try await client.tags(in: "app", query: "?n=1000000") == ["1"])
        }
    }

    @Test(.requires("tags-200", "wharf-tags-empty"), arguments: Harness.allCases)
    func `a repository without tags has an empty list`(harness: Harness) async throws {
        try await harness.withClient { client in
            try await client.push(SampleImage(seed: 1), to: "untagged")
            #expect(try await client.tags(in: "untagged") == [])
            try await client.push(SampleImage(seed: 2), to: "emptied", tag: "1")
            #expect(try await client.delete("/v2/emptied/manifests/1").status == 202)
            #expect(try await client.tags(in: "emptied") == [])
        }
    }

    @Test(.requires("wharf-tags-unknown-repository"), arguments: Harness.allCases)
    func `a repository that nobody pushed to has no list of tags`(harness: Harness) async throws {
        try await harness.withClient { client in
            let response = try await client.get("/v2/not/there/tags/list")
            #expect(Refusal(response) == Refusal(404, "NAME_UNKNOWN"))
        }
    }
}

/// The list of repositories (`_catalog`, Docker's).
@Suite struct Catalogs {
    @Test(.requires("wharf-catalog"), arguments: Harness.allCases, [1, 2, 5, 100])
    func `repositories are listed in bytewise order, page after page`(harness: Harness, n: Int) async throws {
        let names = ["a", "a/b", "a-b", "a.b", "a0", "b/c/d", "library/nginx", "z"]
        try await harness.withClient { client in
            for name in names.reversed() { try await client.push(SampleImage(seed: 1), to: name, tag: "1") }
            let pages = try await client.followLinks(from: "/v2/_catalog?n=\(n)") {
                try $0.decoded(Catalog.self).repositories
            }
            #expect(pages.flatMap { $0 } == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            #expect(pages.allSatisfy { $0.count <= n })
        }
    }

    @Test(.requires("wharf-catalog"), arguments: Harness.allCases)
    func `the catalog of an empty registry is empty, and last need not exist`(harness: Harness) async throws {
        try await harness.withClient { client in
            #expect(try await client.get("/v2/_catalog").decoded(Catalog.self).repositories == [])
            for name in ["a", "c/d"] { try await client.push(SampleImage(seed: 1), to: name, tag: "1") }
            let after = try await client.get("/v2/_catalog?last=b")
            #expect(try after.decoded(Catalog.self).repositories == ["c/d"])
            let encoded = try await client.get("/v2/_catalog?last=c%2Fd")
            #expect(try encoded.decoded(Catalog.self).repositories == [])
            let none = try await client.get("/v2/_catalog?n=0")
            #expect(try none.decoded(Catalog.self).repositories == [])
            let bad = try await client.get("/v2/_catalog?n=-1")
            #expect(Refusal(bad) == Refusal(400, "PAGINATION_NUMBER_INVALID"))
        }
    }
}
