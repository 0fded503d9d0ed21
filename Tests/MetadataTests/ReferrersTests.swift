import Metadata
import OCI
import Testing

@Suite(.everyEngine) struct ReferrersTests {
    private static let subject = Fixture.digest(100)

    private func referrers(
        _ fixture: Fixture,
        type: String? = nil,
        after: Digest? = nil,
        limit: Int = 100
    ) async throws -> [Digest] {
        try await fixture.facts.read {
            try $0.referrers(
                of: Self.subject,
                in: fixture.name,
                artifactType: type,
                after: after,
                limit: limit
            )
        }.map(\.digest)
    }

    /// Pushes manifests with a subject; their artifact types alternate.
    private func pushReferrers(_ fixture: Fixture, _ numbers: [Int]) async throws {
        try await fixture.facts.write { facts in
            for number in numbers {
                try facts.insertManifest(
                    Fixture.manifest(
                        number,
                        artifactType: number.isMultiple(of: 2) ? "even" : "odd",
                        subject: Self.subject
                    ),
                    bytes: Fixture.bytes(number),
                    edges: [Edge(child: Self.subject, kind: .subject)],
                    in: fixture.repository
                )
            }
        }
    }

    private func set(_ tag: String, _ numbers: [Int], _ kind: TagReferrerKind, _ fixture: Fixture) async throws {
        let tag = try Tag(tag)
        try await fixture.facts.write {
            try $0.setTagReferrers(
                tag,
                subject: Self.subject,
                referrers: numbers.map { Fixture.digest($0) },
                kind: kind,
                in: fixture.repository
            )
        }
    }

    @Test func `referrers come in pages by digest, and by type`() async throws {
        let fixture = try await Fixture()
        let all = Array(1...9)
        try await pushReferrers(fixture, all.shuffled())
        try await fixture.push(50)
        #expect(try await referrers(fixture) == all.map { Fixture.digest($0) })
        #expect(try await referrers(fixture, type: "odd") == [1, 3, 5, 7, 9].map { Fixture.digest($0) })
        #expect(try await referrers(fixture, type: "none") == [])
        let page = try await referrers(fixture, type: "even", after: Fixture.digest(2), limit: 2)
        #expect(page == [4, 6].map { Fixture.digest($0) })
        let other = try RepositoryName("other")
        let elsewhere = try await fixture.facts.read {
            try $0.referrers(of: Self.subject, in: other, artifactType: nil, after: nil, limit: 10)
        }
        #expect(elsewhere == [])
    }

    @Test func `a manifest that refers in several ways is listed once`() async throws {
        let fixture = try await Fixture()
        try await pushReferrers(fixture, [1, 2])
        try await set("sha256-100", [1, 2], .fallback, fixture)
        try await set("sha256-100.sig", [1], .cosign, fixture)
        try await set("sha256-100.att", [1], .cosign, fixture)
        #expect(try await referrers(fixture) == [1, 2].map { Fixture.digest($0) })
    }

    @Test func `a referrer by tag is listed as soon as its manifest is there, and no longer`() async throws {
        let fixture = try await Fixture()
        try await set("sha256-100", [1, 2], .fallback, fixture)
        #expect(try await referrers(fixture) == [])
        try await fixture.push(1, 2)
        #expect(try await referrers(fixture) == [1, 2].map { Fixture.digest($0) })
        _ = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(1), in: fixture.repository, at: Fixture.now, by: "someone")
        }
        #expect(try await referrers(fixture) == [Fixture.digest(2)])
    }

    @Test func `referrers by a tag go when the tag moves or is deleted`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1, 2, 3, 4)
        let (fallback, signature) = (try Tag("sha256-100"), try Tag("sha256-100.sig"))
        try await fixture.move("sha256-100", to: 3)
        try await set("sha256-100", [1], .fallback, fixture)
        try await fixture.move("sha256-100.sig", to: 2)
        try await set("sha256-100.sig", [2], .cosign, fixture)
        #expect(try await referrers(fixture) == [1, 2].map { Fixture.digest($0) })
        try await fixture.move("sha256-100", to: 3)
        #expect(try await referrers(fixture) == [1, 2].map { Fixture.digest($0) }, "the tag has not moved")
        try await fixture.move("sha256-100", to: 4)
        #expect(try await referrers(fixture) == [Fixture.digest(2)])
        try await set("sha256-100", [1], .fallback, fixture)
        try await set("sha256-100", [3], .fallback, fixture)
        #expect(try await referrers(fixture) == [2, 3].map { Fixture.digest($0) }, "those before are replaced")
        _ = try await fixture.facts.write {
            try $0.deleteTag(signature, in: fixture.repository, at: Fixture.now, by: "someone")
        }
        #expect(try await referrers(fixture) == [Fixture.digest(3)])
        _ = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(4), in: fixture.repository, at: Fixture.now, by: "someone")
        }
        #expect(try await referrers(fixture) == [])
        #expect(try await fixture.facts.read { try $0.tag(fallback, in: fixture.repository) } == nil)
    }

    @Test func `taking the referrers of a tag away leaves those with a subject`() async throws {
        let fixture = try await Fixture()
        try await pushReferrers(fixture, [1])
        try await fixture.push(2)
        try await set("sha256-100", [1, 2], .fallback, fixture)
        let tag = try Tag("sha256-100")
        try await fixture.facts.write { try $0.removeTagReferrers(tag, in: fixture.repository) }
        #expect(try await referrers(fixture) == [Fixture.digest(1)])
    }
}
