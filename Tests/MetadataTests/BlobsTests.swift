import OCI
import Testing

@testable import Metadata

@Suite(.everyEngine) struct BlobsTests {
    @Test func `the first blob of a digest stands, and is counted once`() async throws {
        let fixture = try await Fixture()
        let (first, second) = (Fixture.blob(1, byteCount: 10), Fixture.blob(1, byteCount: 10, key: "other"))
        try await fixture.facts.write { facts in
            #expect(try facts.store(first) == BlobPlacement(standing: first))
            try facts.link(first.digest, in: fixture.repository, at: Fixture.now)
        }
        #expect(try await fixture.facts.write { try $0.store(second) } == BlobPlacement(standing: first))
        #expect(try await fixture.facts.read { try $0.blob(first.digest) } == first)
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 1, byteCount: 10))
    }

    @Test func `usage stays exact over many blobs`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { facts in
            for number in 0..<1000 { try facts.store(Fixture.blob(number, byteCount: Int64(number))) }
        }
        #expect(try await fixture.facts.read { try $0.usage() } == Usage(blobCount: 1000, byteCount: 499_500))
    }

    @Test func `a repository reads only what is linked there`() async throws {
        let fixture = try await Fixture()
        let (blob, other) = (Fixture.blob(1), try RepositoryName("team/other"))
        try await fixture.facts.write { facts in
            try facts.store(blob)
            try facts.link(blob.digest, in: fixture.repository, at: Fixture.now)
            _ = try facts.ensureRepository(other, at: Fixture.now)
        }
        try await fixture.facts.read { facts in
            let linked = try #require(try facts.linkedBlob(blob.digest, in: fixture.name))
            #expect(linked.blob == blob && linked.repository == fixture.repository && linked.linkedAt == Fixture.now)
            #expect(try facts.linkedBlob(blob.digest, in: fixture.repository) == linked)
            #expect(try facts.linkedBlob(blob.digest, in: other) == nil)
            #expect(try facts.linkedBlob(Fixture.digest(2), in: fixture.name) == nil)
        }
    }

    @Test func `a link is renewed but never made older`() async throws {
        let fixture = try await Fixture()
        let digest = Fixture.digest(1)
        for moment in [Fixture.now, Fixture.later, Fixture.now] {
            try await fixture.facts.write { facts in
                try facts.store(Fixture.blob(1))
                try facts.link(digest, in: fixture.repository, at: moment)
            }
        }
        #expect(try await fixture.facts.read { try $0.linkedBlob(digest, in: fixture.name)?.linkedAt } == Fixture.later)
    }

    @Test func `a link that was ended is gone at once, and the blob stays`() async throws {
        let fixture = try await Fixture()
        let digest = Fixture.digest(1)
        try await fixture.facts.write { facts in
            try facts.store(Fixture.blob(1))
            try facts.link(digest, in: fixture.repository, at: Fixture.now)
        }
        #expect(try await fixture.facts.write { try $0.unlink(digest, in: fixture.repository) })
        #expect(try await fixture.facts.read { try $0.linkedBlob(digest, in: fixture.name) } == nil)
        #expect(try await fixture.facts.read { try $0.blob(digest) } == Fixture.blob(1))
        #expect(try await fixture.facts.write { try $0.unlink(digest, in: fixture.repository) } == false)
    }

    @Test func `missing links are named in the order asked`() async throws {
        let fixture = try await Fixture()
        let digests = [9, 2, 7, 1].map { Fixture.digest($0) }
        try await fixture.facts.write { facts in
            try facts.store(Fixture.blob(2))
            try facts.link(Fixture.digest(2), in: fixture.repository, at: Fixture.now)
            try facts.store(Fixture.blob(1))
        }
        let missing = try await fixture.facts.read { try $0.missingLinks(of: digests, in: fixture.repository) }
        #expect(missing == [9, 7, 1].map { Fixture.digest($0) })
    }

    @Test func `a blob is needed while a manifest of the same repository names it`() async throws {
        let fixture = try await Fixture()
        let other = try RepositoryName("other")
        let needed = { (number: Int, repository: RepositoryID) in
            try await fixture.facts.read { try $0.need(of: Fixture.digest(number), in: repository) != .none }
        }
        let kinds: [Edge.Kind] = [.config, .layer, .manifest, .subject]
        let edges = kinds.enumerated().map { Edge(child: Fixture.digest($0.offset), kind: $0.element) }
        let stranger = try await fixture.facts.write { facts in
            try facts.insertManifest(Fixture.manifest(50), bytes: [], edges: edges, in: fixture.repository)
            return try facts.ensureRepository(other, at: Fixture.now)
        }
        for number in 0..<3 {
            #expect(try await needed(number, fixture.repository))
            #expect(try await needed(number, stranger) == false)
        }
        #expect(try await needed(3, fixture.repository) == false, "a subject is a manifest, not a blob")
        _ = try await fixture.facts.write {
            try $0.deleteManifest(Fixture.digest(50), in: fixture.repository, at: Fixture.now, by: "someone")
        }
        #expect(try await needed(0, fixture.repository) == false)
    }

    @Test func `the repositories that link a blob are found, the oldest first`() async throws {
        let fixture = try await Fixture()
        let names = try ["z", "b", "a"].map { try RepositoryName($0) }
        try await fixture.facts.write { facts in
            try facts.store(Fixture.blob(1))
            for name in names {
                try facts.link(Fixture.digest(1), in: facts.ensureRepository(name, at: Fixture.now), at: Fixture.now)
            }
        }
        let linking = { (limit: Int) in
            try await fixture.facts.read { try $0.anyRepositoryLinking(Fixture.digest(1), limit: limit) }
        }
        #expect(try await linking(10) == names)
        #expect(try await linking(2) == Array(names.prefix(2)))
    }

    @Test func `all blobs are listed in pages by digest, both algorithms`() async throws {
        let fixture = try await Fixture()
        var blobs = (0..<25).map { Fixture.blob($0) }
        blobs.append(
            BlobFact(digest: Fixture.digest(3, .sha512), byteCount: 1, key: "k", storedAt: Fixture.now)
        )
        let pushed = blobs.shuffled()
        try await fixture.facts.write { facts in for blob in pushed { try facts.store(blob) } }
        var found: [BlobFact] = []
        while true {
            let after = found.last?.digest
            let page = try await fixture.facts.read { try $0.blobs(after: after, limit: 10) }
            guard !page.isEmpty else { break }
            found += page
        }
        #expect(found == blobs)
    }
}
