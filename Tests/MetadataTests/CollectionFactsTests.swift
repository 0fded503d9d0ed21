import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// The steps of the collection, one by one.
@Suite(.everyEngine) struct CollectionFactsTests {
    private static let long = Duration.seconds(3600)

    /// Stores blobs and links them.
    private func link(_ numbers: some Sequence<Int> & Sendable, _ fixture: Fixture) async throws {
        try await fixture.facts.write { facts in
            for number in numbers {
                try facts.store(Fixture.blob(number))
                try facts.link(Fixture.digest(number), in: fixture.repository, at: Fixture.now)
            }
        }
    }

    /// Looks at links of which nothing is waited for.
    private func look(_ fixture: Fixture, after grace: Duration = .zero, limit: Int = 100) async throws -> LinkLooks {
        try await fixture.facts.write { try $0.lookAtIdleLinks(after: grace, limit: limit) }
    }

    private func take(
        _ fixture: Fixture,
        after quarantine: Duration = .zero,
        limit: Int = 100
    ) async throws -> BlobLooks {
        try await fixture.facts.write { try $0.takeDoomedBlobs(after: quarantine, limit: limit) }
    }

    private func keys(_ fixture: Fixture) async throws -> [String] {
        try await fixture.facts.read { try $0.doomedKeys(after: nil, limit: 100).map(\.key) }
    }

    private func recover(_ numbers: [Int], _ fixture: Fixture) async throws -> [Digest] {
        try await fixture.facts.write {
            try $0.recoverLinks(to: numbers.map { Fixture.digest($0) }, in: fixture.repository, at: Fixture.later)
        }
    }

    @Test func `a link is looked at once, after its grace, in pages; the needed rest and the others go`() async throws {
        let fixture = try await Fixture()
        try await link(0..<5, fixture)
        try await fixture.facts.write { facts in
            let edges = [Edge(child: Fixture.digest(1), kind: .layer), Edge(child: Fixture.digest(2), kind: .subject)]
            try facts.insertManifest(Fixture.manifest(50), bytes: [], edges: edges, in: fixture.repository)
        }
        #expect(try await look(fixture, after: Self.long) == LinkLooks())
        let pages = [try await look(fixture, limit: 3), try await look(fixture, limit: 3), try await look(fixture)]
        #expect(pages.map(\.count) == [3, 2, 0])
        let removed = Set(pages.flatMap(\.removed).map(\.digest))
        #expect(removed == Set([0, 2, 3, 4].map { Fixture.digest($0) }))
        let missing = try await fixture.facts.read {
            try $0.missingLinks(of: (0..<5).map { Fixture.digest($0) }, in: fixture.repository)
        }
        #expect(Set(missing) == removed)
    }

    @Test func `a link rests until its manifest goes, or is read as something else`() async throws {
        let fixture = try await Fixture()
        try await link(0..<2, fixture)
        let push = { (type: MediaType, children: [Int]) in
            try await fixture.facts.write { facts in
                try facts.insertManifest(
                    Fixture.manifest(50, mediaType: type),
                    bytes: [],
                    edges: children.map { Edge(child: Fixture.digest($0), kind: .layer) },
                    in: fixture.repository
                )
            }
        }
        try await push(.imageManifest, [0, 1])
        #expect(try await look(fixture).count == 2)
        #expect(try await look(fixture).count == 0)
        try await push(.imageManifest, [0, 1])
        #expect(try await look(fixture).count == 0)
        try await push(.imageIndex, [1])
        #expect(try await look(fixture).removed.map(\.digest) == [Fixture.digest(0)])
        _ = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(50), in: fixture.repository, at: Fixture.now, by: "someone")
        }
        #expect(try await look(fixture, after: Self.long).count == 0)
        #expect(try await look(fixture).removed.map(\.digest) == [Fixture.digest(1)])
    }

    @Test func `a blob without a link goes after the quarantine, and its key is to be removed`() async throws {
        let fixture = try await Fixture()
        try await link(0..<3, fixture)
        #expect(try await look(fixture).removed.count == 3)
        #expect(try await take(fixture, after: Self.long) == BlobLooks())
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 3, byteCount: 300))
        #expect(try await take(fixture, limit: 2).taken.count == 2)
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 1, byteCount: 100))
        #expect(try await take(fixture, limit: 2).taken.map(\.byteCount) == [100])
        #expect(try await take(fixture) == BlobLooks())
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 0, byteCount: 0))
        #expect(try await fixture.facts.read { try $0.blobs(after: nil, limit: 9) } == [])
        #expect(try await keys(fixture) == ["key-0", "key-1", "key-2"])
        #expect(try await fixture.facts.write { try $0.forgetDoomedKeys(["key-1", "key-0", "key-9"]) } == 2)
        #expect(try await fixture.facts.write { try $0.forgetDoomedKeys(["key-1"]) } == 0)
        #expect(try await keys(fixture) == ["key-2"])
        #expect(try await recover([0, 1], fixture) == [Fixture.digest(0), Fixture.digest(1)])
    }

    @Test func `a blob that is linked again stays, however late the collector looks`() async throws {
        let fixture = try await Fixture()
        try await link(0..<3, fixture)
        _ = try await look(fixture)
        try await fixture.facts.write { facts in
            try facts.link(Fixture.digest(0), in: fixture.repository, at: Fixture.later)
            let other = try facts.ensureRepository(RepositoryName("team/other"), at: Fixture.now)
            try facts.link(Fixture.digest(1), in: other, at: Fixture.later)
        }
        #expect(try await recover([2, 7], fixture) == [Fixture.digest(7)])
        let looks = try await take(fixture)
        #expect(looks.count == 3 && looks.taken == [])
        #expect(try await take(fixture) == BlobLooks())
        #expect(try await fixture.facts.read { try $0.blobs(after: nil, limit: 9).count } == 3)
        // Unlinked for the second time it has all of its time anew.
        #expect(try await fixture.facts.write { try $0.unlink(Fixture.digest(0), in: fixture.repository) })
        #expect(try await take(fixture, after: Self.long) == BlobLooks())
        #expect(try await take(fixture).taken.map(\.key) == ["key-0"])
    }

    @Test func `a former link brings the link back until it is forgotten`() async throws {
        let fixture = try await Fixture()
        try await link(0..<3, fixture)
        try await fixture.facts.write { facts in
            // Another repository keeps the blobs.
            let other = try facts.ensureRepository(RepositoryName("team/other"), at: Fixture.now)
            for number in 0..<3 { try facts.link(Fixture.digest(number), in: other, at: Fixture.now) }
            let edges = (0..<3).map { Edge(child: Fixture.digest($0), kind: .layer) }
            try facts.insertManifest(Fixture.manifest(50), bytes: [], edges: edges, in: other)
        }
        #expect(try await look(fixture).removed.count == 3)
        #expect(try await recover([1], fixture) == [])
        #expect(try await recover([1], fixture) == [Fixture.digest(1)], "it is linked: nothing is brought back")
        let forget = { (quarantine: Duration, limit: Int) in
            try await fixture.facts.write { try $0.forgetFormerLinks(after: quarantine, limit: limit).count }
        }
        #expect(try await forget(Self.long, 100) == 0)
        #expect(try await forget(.zero, 2) == 2)
        #expect(try await forget(.zero, 2) == 1)
        #expect(try await recover([0, 2], fixture) == [Fixture.digest(0), Fixture.digest(2)])
        #expect(try await take(fixture) == BlobLooks())
    }

    @Test func `bytes that came second, or whose place others took, are to be removed`() async throws {
        let fixture = try await Fixture()
        try await link(0..<1, fixture)
        _ = try await fixture.facts.write { try $0.store(Fixture.blob(0, key: "second")) }
        #expect(try await keys(fixture) == ["second"])
        _ = try await fixture.facts.write { try $0.unlink(Fixture.digest(0), in: fixture.repository) }
        _ = try await fixture.facts.write { try $0.store(Fixture.blob(0, key: "third")) }
        #expect(try await keys(fixture) == ["key-0", "second"])
        // As a scrub will leave it: it is not served, and not counted.
        _ = try await fixture.engine.write { connection in
            try connection.run(Metadata.Statement("UPDATE blob SET state = 'quarantined'"), [])
        }
        let placement = try await fixture.facts.write { try $0.store(Fixture.blob(0, key: "whole")) }
        #expect(placement.standing.key == "whole" && placement.replaced?.key == "third")
        #expect(try await keys(fixture) == ["key-0", "second", "third"])
        #expect(try await fixture.facts.read { try $0.blob(Fixture.digest(0))?.key } == "whole")
        let names = try await fixture.facts.read { facts in
            try ["key-0", "third", "whole", "never"].map { try facts.isNamed($0, Fixture.digest(0)) }
        }
        #expect(names == [true, true, true, false])
    }

    @Test func `two that look at once do what one does`() async throws {
        let fixture = try await Fixture()
        try await link(0..<40, fixture)
        let looks = try await withThrowingTaskGroup(of: LinkLooks.self) { group in
            for _ in 0..<4 { group.addTask { try await look(fixture, limit: 15) } }
            return try await group.reduce(into: [LinkLooks]()) { $0.append($1) }
        }
        #expect(looks.flatMap(\.removed).count == 40 && Set(looks.flatMap(\.removed)).count == 40)
        let taken = try await withThrowingTaskGroup(of: BlobLooks.self) { group in
            for _ in 0..<4 { group.addTask { try await take(fixture, limit: 15) } }
            return try await group.reduce(into: [BlobLooks]()) { $0.append($1) }
        }
        #expect(taken.flatMap(\.taken).count == 40 && Set(taken.flatMap(\.taken)).count == 40)
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 0, byteCount: 0))
    }

    @Test func `the fate of a blob says who needs it, or for how long nobody has`() async throws {
        let fixture = try await Fixture()
        try await link(0..<2, fixture)
        try await fixture.facts.write { facts in
            let edges = [Edge(child: Fixture.digest(0), kind: .config)]
            try facts.insertManifest(Fixture.manifest(50), bytes: [], edges: edges, in: fixture.repository)
        }
        try await fixture.move("v1", to: 50)
        _ = try await look(fixture)
        let fate = { (number: Int) in
            try await fixture.facts.read { try $0.fate(of: Fixture.digest(number), limit: 10) }
        }
        let needed = try #require(try await fate(0))
        #expect(needed.byteCount == 100 && needed.unlinkedFor == nil)
        let link = BlobFate.Link(
            repository: fixture.name,
            idleFor: nil,
            holders: [Edge(child: Fixture.digest(50), kind: .config)],
            tags: [try Tag("v1")],
            isInTrash: false
        )
        #expect(needed.links == [link])
        let doomed = try #require(try await fate(1))
        #expect(doomed.links == [] && (doomed.unlinkedFor ?? .seconds(-1)) >= .zero)
        #expect(try await fate(7) == nil)
        let totals = try await fixture.facts.read { try $0.collectionTotals(limit: 100) }
        #expect(totals.blobCount == 1 && totals.byteCount == 100 && totals.idleLinkCount == 0 && totals.keyCount == 0)
        _ = try await take(fixture)
        let later = try await fixture.facts.read { try $0.collectionTotals(limit: 100) }
        #expect(later.blobCount == 0 && later.keyCount == 1 && later.keyByteCount == 100)
    }
}
