import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// What becomes of referrers whose subject is purged.
@Suite(.everyEngine) struct TrashReferrersTests {
    private let trash = TrashFactsTests()

    private func refer(_ fixture: Fixture, _ number: Int, to subject: Int, _ facts: Facts) throws {
        let subject = Fixture.digest(subject)
        let edges = [Edge(child: subject, kind: .subject), Edge(child: Fixture.digest(2), kind: .layer)]
        let fact = Fixture.manifest(number, subject: subject)
        try facts.insertManifest(fact, bytes: Fixture.bytes(number), edges: edges, in: fixture.repository)
    }

    private func live(_ fixture: Fixture) async throws -> [Int] {
        try await fixture.facts.read { facts in
            try (50..<200).filter { try facts.manifest(Fixture.digest($0), in: fixture.name) != nil }
        }
    }

    /// Does all steps that are due; the most rows of one.
    @discardableResult
    private func purgeDue(_ facts: FactStore) async throws -> Int {
        var most = 0
        while true {
            let rows = try await facts.write { try $0.purgeDueTrash().rows }
            if rows == 0 { return most }
            most = max(most, rows)
        }
    }

    private func demandNoTrash(_ fixture: Fixture) async throws {
        for table in FactTable.all where table.name.hasPrefix("trash") {
            #expect(try await fixture.facts.read { try $0.rows(of: table, limit: 10).count } == 0, "\(table.name)")
        }
    }

    @Test func `they go with it, and theirs with them, but for those that something else holds`() async throws {
        let fixture = try await trash.filled()
        try await fixture.facts.write { facts in
            // Signatures of the image and of the first of them; one with a tag, which has one itself; one in an index.
            for (number, subject) in [(60, 50), (61, 50), (62, 60), (63, 61), (64, 50), (65, 62), (66, 99)] {
                try refer(fixture, number, to: subject, facts)
            }
            let edges = [Edge(child: Fixture.digest(64), kind: .manifest)]
            let index = Fixture.manifest(70, mediaType: .imageIndex)
            try facts.insertManifest(index, bytes: Fixture.bytes(70), edges: edges, in: fixture.repository)
        }
        try await fixture.move("sbom", to: 61)
        _ = try await fixture.facts.write { try $0.registerEventConsumer("mirror") }
        let id = try await trash.delete(50, fixture)
        try await purgeDue(fixture.facts)
        #expect(try await live(fixture) == [60, 61, 62, 63, 64, 65, 66, 70])
        #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
        try await purgeDue(fixture.facts)
        #expect(try await live(fixture) == [61, 63, 64, 66, 70])
        try await demandNoTrash(fixture)
        let told = try #require(FactTable.named("event"))
        let kind = try #require(told.place(of: "kind"))
        let rows = try await fixture.facts.read { try $0.rows(of: told, limit: 99) }
        #expect(rows.filter { $0[kind] == .text("manifest.deleted") }.count == 4)
        let contents = try #require(FactTable.named("manifest_content"))
        #expect(try await fixture.facts.read { try $0.rows(of: contents, limit: 99).count } == 5)
    }

    @Test func `one that was pushed after its subject was deleted stays for the one that is to come`() async throws {
        let fixture = try await trash.filled()
        try await fixture.facts.write { try refer(fixture, 60, to: 50, $0) }
        let id = try await trash.delete(50, fixture)
        try await fixture.facts.write { facts in
            let moment = try #require(try facts.trashEntry(id)).deletedAt
            var fact = Fixture.manifest(61, subject: Fixture.digest(50))
            fact.pushedAt = Timestamp(microseconds: moment.microseconds + 1)
            let edges = [Edge(child: Fixture.digest(50), kind: .subject)]
            try facts.insertManifest(fact, bytes: Fixture.bytes(61), edges: edges, in: fixture.repository)
        }
        #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
        try await purgeDue(fixture.facts)
        #expect(try await live(fixture) == [61])
    }

    @Test func `they stay while their subject is there, or can come back by another deletion`() async throws {
        let fixture = try await trash.filled()
        try await fixture.facts.write { try refer(fixture, 60, to: 50, $0) }
        let purge = { (id: Int64) in
            #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
            try await purgeDue(fixture.facts)
        }
        let first = try await trash.delete(50, fixture)
        try await fixture.facts.write { try trash.push(fixture, 50, [0, 1], $0) }
        let second = try await trash.delete(50, fixture)
        try await purge(second)
        #expect(try await live(fixture) == [60])
        _ = try await fixture.facts.write { try $0.restore(first, at: Fixture.later, by: "someone") }
        let third = try await trash.delete(50, fixture)
        try await fixture.facts.write { try trash.push(fixture, 50, [0, 1], $0) }
        try await purge(third)
        #expect(try await live(fixture) == [50, 60])
        try await purge(try await trash.delete(50, fixture))
        #expect(try await live(fixture) == [])
    }

    @Test func `they go in a repository that is in the trash itself, and nobody is told under its name`() async throws {
        let fixture = try await trash.filled()
        try await fixture.facts.write { facts in
            for (number, subject) in [(60, 50), (61, 60), (62, 50)] { try refer(fixture, number, to: subject, facts) }
        }
        try await fixture.move("sbom", to: 62)
        let id = try await trash.delete(50, fixture)
        let gone = try await fixture.facts.write {
            try $0.trashRepository(fixture.name, at: Fixture.later, by: "someone", keeping: TrashFactsTests.week)
        }
        _ = try await fixture.facts.write { try $0.registerEventConsumer("mirror") }
        #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
        try await purgeDue(fixture.facts)
        let told = try #require(FactTable.named("event"))
        #expect(try await fixture.facts.read { try $0.rows(of: told, limit: 99) } == [])
        let back = try #require(gone).id
        _ = try await fixture.facts.write { try $0.restore(back, at: Fixture.later, by: "someone") }
        #expect(try await live(fixture) == [62])
        try await demandNoTrash(fixture)
    }

    @Test func `many go in steps of bounded size, and what has begun to go does not come back`() async throws {
        let fixture = try await trash.filled()
        try await fixture.facts.write { facts in
            for number in 100..<150 { try refer(fixture, number, to: 50, facts) }
            for number in 150..<170 { try refer(fixture, number, to: 100, facts) }
        }
        let id = try await trash.delete(50, fixture)
        #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
        let refusal = await #expect(throws: TrashRefusal.self) {
            _ = try await fixture.facts.write { try $0.restore(id, at: Fixture.later, by: "someone") }
        }
        #expect(refusal == .purging)
        #expect(try await live(fixture).count > 30)
        let most = try await purgeDue(fixture.facts)
        #expect((1...21).contains(most), "\(most)")
        #expect(try await live(fixture) == [])
        try await demandNoTrash(fixture)
    }

    @Test func `kept for no time, an image goes at once, and its referrers with the next steps`() async throws {
        let fixture = try await trash.filled()
        try await fixture.facts.write { facts in
            for (number, subject) in [(60, 50), (61, 60)] { try refer(fixture, number, to: subject, facts) }
        }
        let id = try await trash.delete(50, fixture, keeping: .zero)
        #expect(try await live(fixture) == [60, 61])
        #expect(try await fixture.facts.read { try $0.trashEntry(id) }?.purgeAt == nil)
        try await purgeDue(fixture.facts)
        #expect(try await live(fixture) == [])
        try await demandNoTrash(fixture)
    }

    @Test func `stopped after any step, the next run goes on`() async throws {
        let fixture = try await trash.filled()
        let engine = FailingMetadataEngine(fixture.engine)
        let facts = FactStore(engine: engine)
        var (step, isOver) = (0, false)
        while !isOver {
            try await fixture.facts.write { facts in
                try trash.push(fixture, 50, [0, 1], facts)
                for (number, subject) in [(60, 50), (61, 50), (62, 60)] {
                    try refer(fixture, number, to: subject, facts)
                }
            }
            let id = try await trash.delete(50, fixture)
            step += 1
            engine.failStep(step)
            do {
                _ = try await facts.write { try $0.purgeTrash(id) }
                try await purgeDue(facts)
                isOver = engine.stepCount < step
            } catch let error as MetadataError {
                #expect(error.code == .unavailable)
            }
            engine.failStep(nil)
            _ = try await fixture.facts.write { try $0.purgeTrash(id) }
            try await purgeDue(fixture.facts)
            #expect(try await live(fixture) == [], "after step \(step)")
            try await demandNoTrash(fixture)
        }
        #expect(step > 20, "purging makes too few steps to prove anything")
    }
}
