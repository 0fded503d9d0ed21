import OCI
import Testing

@testable import Metadata

/// What is said beforehand of what a deletion frees.
@Suite(.everyEngine) struct TrashOutlookTests {
    @Test func `the outlook counts each byte once, and nothing that anything else needs`() async throws {
        let trash = TrashFactsTests()
        let fixture = try await trash.filled()
        let outlook = { (numbers: [Int]?) in
            try await fixture.facts.read { facts in
                try facts.outlook(onDeleting: numbers?.map { Fixture.digest($0) }, in: fixture.repository)
            }
        }
        let own = { (numbers: Int...) in Int64(numbers.map { Fixture.bytes($0).count }.reduce(0, +)) }
        #expect(
            try await outlook([50])
                == DeletionOutlook(manifestCount: 1, manifestByteCount: own(50), blobCount: 2, blobByteCount: 200)
        )
        try await fixture.facts.write { try trash.push(fixture, 51, [1, 2], $0) }
        #expect(try await outlook([50])?.blobByteCount == 100)
        #expect(
            try await outlook([50, 51, 50])
                == DeletionOutlook(manifestCount: 2, manifestByteCount: own(50, 51), blobCount: 3, blobByteCount: 300)
        )
        #expect(try await outlook([77]) == DeletionOutlook())
        try await fixture.facts.write { facts in
            let edges = [Edge(child: Fixture.digest(77), kind: .subject), Edge(child: Fixture.digest(2), kind: .layer)]
            let referrer = Fixture.manifest(60, subject: Fixture.digest(77))
            try facts.insertManifest(referrer, bytes: Fixture.bytes(60), edges: edges, in: fixture.repository)
            try trash.push(fixture, 77, [], facts)
        }
        #expect(
            try await outlook([77])
                == DeletionOutlook(manifestCount: 2, manifestByteCount: own(77, 60), blobCount: 0, blobByteCount: 0),
            "what refers to it goes with it"
        )
        #expect(try await outlook([77, 51])?.blobByteCount == 100)
        try await trash.delete(77, fixture, keeping: .zero)
        while try await fixture.facts.write({ try $0.purgeDueTrash().rows }) > 0 {}
        try await trash.delete(51, fixture)
        #expect(try await outlook([50])?.blobByteCount == 100, "the trash needs the other blob")
        #expect(
            try await outlook(nil)
                == DeletionOutlook(manifestCount: 1, manifestByteCount: own(50, 51), blobCount: 3, blobByteCount: 300)
        )
        try await fixture.facts.write { facts in
            let other = try facts.ensureRepository(RepositoryName("other"), at: Fixture.now)
            try facts.link(Fixture.digest(0), in: other, at: Fixture.now)
            try facts.insertManifest(Fixture.manifest(50), bytes: Fixture.bytes(50), edges: [], in: other)
        }
        #expect(try await outlook([50]) == DeletionOutlook(manifestCount: 1))
        #expect(
            try await outlook(nil)
                == DeletionOutlook(manifestCount: 1, manifestByteCount: own(51), blobCount: 2, blobByteCount: 200)
        )
    }
}
