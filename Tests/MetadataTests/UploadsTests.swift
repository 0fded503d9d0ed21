import Metadata
import OCI
import Testing

@Suite(.everyEngine) struct UploadsTests {
    private func upload(_ id: String, _ name: RepositoryName, touched: Int = 0) -> UploadFact {
        UploadFact(
            id: id,
            repository: name,
            key: "key-\(id)",
            byteCount: 100,
            hashState: [1, 2],
            algorithm: .sha512,
            parts: [9],
            startedAt: Fixture.now,
            touchedAt: Fixture.now + .seconds(touched),
            startedBy: "someone"
        )
    }

    @Test func `an upload is known only to its repository`() async throws {
        let fixture = try await Fixture()
        let (fact, other) = (upload("a", fixture.name), try RepositoryName("other"))
        try await fixture.facts.write { try $0.insertUpload(fact) }
        #expect(try await fixture.facts.read { try $0.upload("a", in: fixture.name) } == fact)
        #expect(try await fixture.facts.read { try $0.upload("a", in: other) } == nil)
        #expect(try await fixture.facts.read { try $0.upload("b", in: fixture.name) } == nil)
    }

    @Test func `the offset moves only from where it is`() async throws {
        let fixture = try await Fixture()
        var fact = upload("a", fixture.name)
        try await fixture.facts.write { [fact] in try $0.insertUpload(fact) }
        let advance = { (from: Int64, to: Int64, parts: [UInt8]?) in
            try await fixture.facts.write {
                try $0.advanceUpload("a", from: from, to: to, hashState: [3], parts: parts, at: Fixture.later)
            }
        }
        #expect(try await advance(99, 200, nil) == false)
        #expect(try await fixture.facts.read { try $0.upload("a", in: fixture.name) } == fact)
        #expect(try await advance(100, 200, nil))
        (fact.byteCount, fact.hashState, fact.touchedAt) = (200, [3], Fixture.later)
        #expect(try await fixture.facts.read { try $0.upload("a", in: fixture.name) } == fact)
        #expect(try await advance(200, 300, [7, 7]))
        (fact.byteCount, fact.parts) = (300, [7, 7])
        #expect(try await fixture.facts.read { try $0.upload("a", in: fixture.name) } == fact)
        #expect(try await fixture.facts.write { try $0.deleteUpload("a") })
        #expect(try await fixture.facts.write { try $0.deleteUpload("a") } == false)
        #expect(try await advance(300, 400, nil) == false)
    }

    @Test func `abandoned uploads are those that rest, the longest first`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { facts in
            for (id, touched) in [("a", 30), ("b", 10), ("c", 20), ("d", 40)] {
                try facts.insertUpload(upload(id, fixture.name, touched: touched))
            }
        }
        let abandoned = { (seconds: Int, limit: Int) in
            try await fixture.facts.read {
                try $0.abandonedUploads(before: Fixture.now + .seconds(seconds), limit: limit)
            }.map(\.id)
        }
        #expect(try await abandoned(40, 10) == ["b", "c", "a"])
        #expect(try await abandoned(40, 2) == ["b", "c"])
        #expect(try await abandoned(10, 10) == [])
        #expect(try await fixture.facts.read { try $0.uploads(after: "b", limit: 10) }.map(\.id) == ["c", "d"])
    }
}
