import Metadata
import MetadataSQLite
import OCI
import RegistryTesting
import Testing

@Suite(.everyEngine) struct FailingStatementsTests {
    /// What a push does, in one transaction.
    private func push(_ facts: FactStore, _ fixture: Fixture) async throws {
        let tag = try OCI.Tag("latest")
        try await facts.write { facts in
            let repository = try facts.ensureRepository(fixture.name, at: Fixture.now)
            try facts.store(Fixture.blob(2))
            try facts.link(Fixture.digest(2), in: repository, at: Fixture.now)
            try facts.insertManifest(
                Fixture.manifest(1),
                bytes: Fixture.bytes(1),
                edges: [Edge(child: Fixture.digest(2), kind: .config)],
                in: repository
            )
            try facts.moveTag(tag, to: Fixture.digest(1), in: repository, at: Fixture.now, by: "someone")
        }
    }

    @Test func `whichever statement of a push fails, nothing of it has happened, and it can be done again`()
        async throws
    {
        let counted = try await Fixture()
        let counter = FailingMetadataEngine(counted.engine)
        try await push(FactStore(engine: counter), counted)
        #expect(counter.stepCount > 10)
        for step in 1...counter.stepCount {
            let fixture = try await Fixture()
            let engine = FailingMetadataEngine(fixture.engine)
            let facts = FactStore(engine: engine)
            engine.failStep(step)
            let error = try await metadataError { try await push(facts, fixture) }
            #expect(error?.code == .unavailable, "step \(step)")
            try await fixture.facts.read { (facts) throws in
                #expect(try facts.blobs(after: nil, limit: 9) == [], "step \(step)")
                #expect(try facts.manifests(after: nil, limit: 9) == [], "step \(step)")
                #expect(try facts.tags(in: fixture.name, after: nil, limit: 9) == [], "step \(step)")
                #expect(try facts.usage().blobCount == 0, "step \(step)")
            }
            try await push(facts, fixture)
            #expect(try await fixture.facts.read { try $0.manifests(after: nil, limit: 9) }.count == 1)
            #expect(try await fixture.engine.integrityProblems() == [])
        }
    }

    @Test func `a lasting failure lasts until it is lifted`() async throws {
        let fixture = try await Fixture()
        let engine = FailingMetadataEngine(fixture.engine)
        let facts = FactStore(engine: engine)
        engine.failStep(1, lasting: true)
        for _ in 1...3 {
            let error = try await metadataError { _ = try await facts.read { try $0.repository(fixture.name) } }
            #expect(error?.code == .unavailable)
        }
        engine.failStep(nil)
        #expect(try await facts.read { try $0.repository(fixture.name) } == fixture.repository)
    }
}
