import OCI
import RegistryContract

extension RegistryRules {
    static let referrers: [Rule] = [
        Rule("A manifest with a subject is its referrer from its push to its deletion, whatever comes first") {
            registry in
            let subject = index(1)
            let referrer = SampleManifest.referrer(to: subject.descriptor(), artifactType: "a/b", note: "one")
            try await registry.push(SampleBlob.emptyJSON, to: app)
            let receipt = try await registry.push(referrer, to: app)
            try demandEqual(receipt.subject, try subject.name, "the subject of the receipt")
            let expected = Descriptor(
                mediaType: .imageManifest,
                digest: try referrer.name,
                size: Int64(referrer.bytes.count),
                artifactType: "a/b",
                annotations: ["note": "one"]
            )
            try demandEqual(try await all(registry, to: subject), [expected], "before the subject is there")
            try await registry.push(subject, to: app, tags: "1")
            try await registry.deleteManifest(subject.name, in: app)
            try demandEqual(try await all(registry, to: subject), [expected], "after the subject is gone")
            try await registry.deleteManifest(referrer.name, in: app)
            try demandEqual(try await all(registry, to: subject), [], "after the referrer is gone")
        },
        Rule("Referrers are of one repository, and of an unknown one there are none") { registry in
            let subject = index(1)
            try await registry.push(pointing(at: subject, 1), to: app)
            try demandEqual(try await all(registry, to: subject, in: other), [], "elsewhere")
            try await registry.push(pointing(at: subject, 2), to: other)
            let here = try await all(registry, to: subject).map(\.digest)
            try demandEqual(here, [try pointing(at: subject, 1).name], "here")
        },
        Rule("Referrers are filtered by their type, that of an image's config among them") { registry in
            let subject = index(1)
            try await registry.push(SampleBlob.emptyJSON, to: app)
            let config = SampleBlob.emptyJSON.descriptor("application/vnd.example")
            let typed = SampleManifest.referrer(to: subject.descriptor(), artifactType: "a/b")
            let untyped = SampleManifest.referrer(to: subject.descriptor(), note: "2", config: config)
            for manifest in [typed, untyped, pointing(at: subject, 1)] { try await registry.push(manifest, to: app) }
            for (type, expected) in [("a/b", [typed]), ("application/vnd.example", [untyped]), ("A/B", []), ("", [])] {
                let found = try await all(registry, to: subject, type: type).map(\.digest.description)
                try demandEqual(found, expected.map(\.digest), "those of type \(type)")
            }
            try demandEqual(try await all(registry, to: subject).count, 3, "all of them")
        },
        Rule("Types that are canonically equivalent and of other bytes are two") { registry in
            let subject = index(1)
            try await registry.push(SampleBlob.emptyJSON, to: app)
            for type in ["a/\u{E9}", "a/e\u{301}"] {
                let referrer = SampleManifest.referrer(to: subject.descriptor(), artifactType: type)
                try await registry.push(referrer, to: app)
                let found = try await all(registry, to: subject, type: type).map(\.digest.description)
                try demandEqual(found, [referrer.digest], "those of the type in this form")
            }
        },
        Rule("Referrers come in pages by digest, each once") { registry in
            let subject = index(1)
            let pushed = (0..<23).map { pointing(at: subject, $0) }
            for manifest in pushed { try await registry.push(manifest, to: app) }
            var found: [String] = []
            var last: Digest?
            for expected in [10, 10, 3] {
                let page = try await registry.referrers(
                    to: subject.name,
                    artifactType: nil,
                    in: app,
                    after: last,
                    limit: 10
                )
                try demandEqual(page.elements.count, expected, "the size of a page")
                try demandEqual(page.hasMore, expected == 10, "whether more come")
                found += page.elements.map(\.digest.description)
                last = page.elements.last?.digest
            }
            try demandEqual(found, pushed.map(\.digest).sorted(), "all pages")
        },
        Rule("The children of an index under the fallback tag are referrers, until the tag moves or goes") { registry in
            let subject = index(1)
            let tag = fallback(subject)
            let (first, second) = (index(11), index(12))
            for manifest in [subject, first, second] { try await registry.push(manifest, to: app) }
            // One of them is not there.
            let both = SampleManifest.index(of: [first, second, index(13)].map { $0.descriptor() })
            let one = SampleManifest.index(of: [second.descriptor()])
            try await registry.push(both, to: app, tags: tag)
            try await demandReferrers(of: subject, [first, second], registry, "with the tag")
            try await registry.push(one, to: app, tags: tag)
            try await demandReferrers(of: subject, [second], registry, "after the tag has moved")
            try demandEqual(try await registry.allTags(in: app), [tag], "the tags")
            try await registry.deleteTag(Tag(tag), in: app)
            try await demandReferrers(of: subject, [], registry, "after the tag has gone")
            try await registry.push(both, to: app, tags: tag)
            try await registry.deleteManifest(first.name, in: app)
            try await demandReferrers(of: subject, [second], registry, "after a child has gone")
            try await registry.deleteManifest(both.name, in: app)
            try await demandReferrers(of: subject, [], registry, "after the index has gone")
        },
        Rule("What cosign tags is a referrer, until the tag moves or goes") { registry in
            let subject = index(1)
            for suffix in ["sig", "att", "sbom"] {
                let tag = "\(fallback(subject)).\(suffix)"
                try await registry.push(index(21), to: app, tags: tag)
                try await demandReferrers(of: subject, [index(21)], registry, "with the tag .\(suffix)")
                try await registry.push(index(22), to: app, tags: tag)
                try await demandReferrers(of: subject, [index(22)], registry, "after .\(suffix) has moved")
                try await registry.deleteTag(Tag(tag), in: app)
                try await demandReferrers(of: subject, [], registry, "after .\(suffix) has gone")
                try await registry.push(index(22), to: app, tags: tag)
                try await registry.deleteManifest(index(22).name, in: app)
                try await demandReferrers(of: subject, [], registry, "after what .\(suffix) names has gone")
            }
        },
        Rule("Who refers in several ways is listed once, and stays while one of them is left") { registry in
            let subject = index(1)
            let referrer = pointing(at: subject, 1)
            let tag = fallback(subject)
            try await registry.push(referrer, to: app, tags: "\(tag).sig", "\(tag).att")
            try await registry.push(SampleManifest.index(of: [referrer.descriptor()]), to: app, tags: tag)
            try await demandReferrers(of: subject, [referrer], registry, "by four ways")
            for name in ["\(tag).sig", tag, "\(tag).att"] {
                try await registry.deleteTag(Tag(name), in: app)
                try await demandReferrers(of: subject, [referrer], registry, "after \(name.suffix(5)) has gone")
            }
            try await registry.deleteManifest(referrer.name, in: app)
            try await demandReferrers(of: subject, [], registry, "after all have gone")
        },
        Rule("A tag that only looks like one of those makes no referrer") { registry in
            let subject = index(1)
            let hex = try subject.name.encoded
            for tag in [
                "sha256-\(hex.dropLast())", "sha256-\(hex).sigs", "sha256_\(hex)", "sha512-\(hex)", "\(hex).sig",
            ] {
                try await registry.push(SampleManifest.index(of: [index(2).descriptor()]), to: app, tags: tag)
                try await registry.push(index(2), to: app, tags: "other")
                try await demandReferrers(of: subject, [], registry, "with the tag \(tag)")
            }
        },
    ]

    /// A manifest that names nothing but its subject, a different one for each number.
    static func pointing(at subject: SampleManifest, _ number: Int) -> SampleManifest {
        .index(of: [], extra: #","subject":\#(subject.descriptor()),"annotations":{"number":"\#(number)"}"#)
    }

    /// The fallback tag of a manifest.
    static func fallback(_ subject: SampleManifest) -> String {
        subject.digest.replacing(":", with: "-")
    }

    private static func all(
        _ registry: any Registry,
        to subject: SampleManifest,
        type: String? = nil,
        in repository: RepositoryName? = nil
    ) async throws -> [Descriptor] {
        let repository = try repository ?? app
        return try await registry.referrers(
            to: subject.name,
            artifactType: type,
            in: repository,
            after: nil,
            limit: 1000
        ).elements
    }

    private static func demandReferrers(
        of subject: SampleManifest,
        _ expected: [SampleManifest],
        _ registry: any Registry,
        _ when: String
    ) async throws {
        let found = try await all(registry, to: subject).map(\.digest.description)
        try demandEqual(found, expected.map(\.digest).sorted(), "the referrers \(when)")
    }
}
