import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// What is deleted, brought back and purged, one by one.
@Suite(.everyEngine) struct TrashFactsTests {
    static let week = Duration.seconds(7 * 86_400)

    /// A repository with the manifest 50 of the blobs 0 and 1, tagged `v1` and `latest`.
    func filled() async throws -> Fixture {
        let fixture = try await Fixture()
        try await fixture.facts.write { facts in
            for number in 0..<3 {
                try facts.store(Fixture.blob(number))
                try facts.link(Fixture.digest(number), in: fixture.repository, at: Fixture.now)
            }
            try push(fixture, 50, [0, 1], facts)
        }
        for tag in ["v1", "latest"] { try await fixture.move(tag, to: 50) }
        return fixture
    }

    func push(_ fixture: Fixture, _ number: Int, _ blobs: [Int], _ facts: Facts) throws {
        let edges = blobs.map { Edge(child: Fixture.digest($0), kind: .layer) }
        try facts.insertManifest(
            Fixture.manifest(number),
            bytes: Fixture.bytes(number),
            edges: edges,
            in: fixture.repository
        )
    }

    /// Deletes a manifest to the trash; the number of the entry.
    @discardableResult
    func delete(_ number: Int, _ fixture: Fixture, keeping time: Duration = week) async throws -> Int64 {
        let (removed, _) = try await fixture.facts.write {
            try $0.deleteManifest(
                Fixture.digest(number),
                in: fixture.repository,
                at: Fixture.later,
                by: "user:zoë",
                keeping: time
            )
        }
        #expect(removed)
        return try await trash(fixture).first?.id ?? 0
    }

    private func deleteTag(_ name: String, _ fixture: Fixture) async throws -> Int64 {
        let tag = try Tag(name)
        _ = try await fixture.facts.write {
            try $0.deleteTag(tag, in: fixture.repository, at: Fixture.later, by: "user:zoë", keeping: Self.week)
        }
        return try await trash(fixture).first?.id ?? 0
    }

    private func trash(_ fixture: Fixture, of name: RepositoryName? = nil) async throws -> [TrashFact] {
        try await fixture.facts.read { try $0.trash(of: name, before: nil, limit: 100) }
    }

    func restore(
        _ id: Int64,
        _ fixture: Fixture,
        _ way: TrashReturn = TrashReturn()
    ) async throws -> TrashRestored {
        try await fixture.facts.write { try $0.restore(id, way, at: Fixture.later, by: "user:zoë") }
    }

    private func refusal(
        _ id: Int64,
        _ fixture: Fixture,
        _ way: TrashReturn = TrashReturn()
    ) async throws -> TrashRefusal? {
        do {
            _ = try await restore(id, fixture, way)
            return nil
        } catch let refusal as TrashRefusal {
            return refusal
        }
    }

    private func target(_ name: String, _ fixture: Fixture) async throws -> Digest? {
        let tag = try Tag(name)
        return try await fixture.facts.read { try $0.tag(tag, in: fixture.repository)?.digest }
    }

    private func look(_ fixture: Fixture) async throws -> LinkLooks {
        try await fixture.facts.write { try $0.lookAtIdleLinks(after: .zero, limit: 100) }
    }

    /// Lets time pass for what is in the trash.
    private func age(_ fixture: Fixture, by duration: Duration) async throws {
        try await fixture.engine.write { connection in
            _ = try connection.run(
                Metadata.Statement("UPDATE trash SET purge_at = purge_at - $1 WHERE purge_at > 0"),
                [.integer(duration.inMicroseconds)]
            )
        }
    }

    private func purgeAll(_ fixture: Fixture) async throws -> Int {
        var count = 0
        while true {
            let gone = try await fixture.facts.write { try $0.purgeDueTrash() }
            count += gone.entries
            if gone.rows == 0 { return count }
        }
    }

    private func rowCounts(_ fixture: Fixture) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for table in FactTable.all where table.name.hasPrefix("trash") {
            counts[table.name] = try await fixture.facts.read { try $0.rows(of: table, limit: 1000).count }
        }
        return counts.filter { $0.value > 0 }
    }

    @Test func `a manifest comes back with its tags, what it names and the referrers that came by them`() async throws {
        let fixture = try await filled()
        let tag = try Tag("sha256-x")
        try await fixture.move("sha256-x", to: 50)
        try await fixture.facts.write { facts in
            try push(fixture, 60, [], facts)
            try facts.setTagReferrers(
                tag,
                subject: Fixture.digest(50),
                referrers: [Fixture.digest(60)],
                kind: .cosign,
                in: fixture.repository
            )
        }
        let referrers = {
            try await fixture.facts.read { facts in
                try facts.referrers(
                    of: Fixture.digest(50),
                    in: fixture.name,
                    artifactType: nil,
                    after: nil,
                    limit: 9
                ).map(\.digest)
            }
        }
        #expect(try await referrers() == [Fixture.digest(60)])
        let before = try await fixture.facts.read { try $0.manifest(Fixture.digest(50), in: fixture.name) }
        let id = try await delete(50, fixture)
        #expect(try await fixture.facts.read { try $0.manifest(Fixture.digest(50), in: fixture.name) } == nil)
        #expect(try await target("v1", fixture) == nil)
        #expect(try await referrers() == [])
        let entry = try #require(try await trash(fixture, of: fixture.name).first)
        #expect((entry.id, entry.kind, entry.name) == (id, .manifest, fixture.name))
        #expect((entry.digest, entry.deletedBy) == (Fixture.digest(50), "user:zoë"))
        #expect(entry.purgeAt == entry.deletedAt + Self.week)
        let restored = try await restore(id, fixture)
        #expect(restored.tags.map(\.description) == ["latest", "sha256-x", "v1"] && restored.keptTags == [])
        #expect(try await fixture.facts.read { try $0.manifest(Fixture.digest(50), in: fixture.name) } == before)
        for tag in ["v1", "latest"] { #expect(try await target(tag, fixture) == Fixture.digest(50)) }
        #expect(try await referrers() == [Fixture.digest(60)])
        #expect(
            try await fixture.facts.read { try $0.edges(of: Fixture.digest(50), in: fixture.repository).count } == 2
        )
        #expect(try await rowCounts(fixture) == [:])
        #expect(try await refusal(id, fixture) == .missing)
        let history = try await fixture.facts.read {
            try $0.history(of: Tag("v1"), in: fixture.name, before: nil, limit: 9).events
        }
        #expect(history.map(\.version) == [3, 2, 1] && history.first?.by == "user:zoë")
    }

    @Test func `what only the trash needs is kept until it is purged`() async throws {
        let fixture = try await filled()
        let need = { try await fixture.facts.read { try $0.need(of: Fixture.digest(0), in: fixture.repository) } }
        #expect(try await look(fixture).removed.map(\.digest) == [Fixture.digest(2)])
        let id = try await delete(50, fixture)
        #expect(try await need() == .trash)
        #expect(try await look(fixture) == LinkLooks(), "nobody is to look at what the trash needs")
        try await fixture.facts.write { facts in
            let links = try facts.links(after: nil, limit: 100)
            #expect(links.allSatisfy(\.isNeeded) && links.count == 2)
            try facts.markIdle(links)
        }
        #expect(try await look(fixture).removed == [])
        #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
        #expect(try await !fixture.facts.write { try $0.purgeTrash(id) })
        #expect(try await need() == .none)
        #expect(Set(try await look(fixture).removed.map(\.digest)) == Set([0, 1].map { Fixture.digest($0) }))
        #expect(try await rowCounts(fixture) == [:])
        let contents = try #require(FactTable.named("manifest_content"))
        #expect(try await fixture.facts.read { try $0.rows(of: contents, limit: 9) } == [])
    }

    @Test func `what was pushed again meanwhile stays, and its tags come back that are free`() async throws {
        let fixture = try await filled()
        let first = try await delete(50, fixture)
        try await fixture.facts.write { facts in
            try push(fixture, 50, [0, 1], facts)
            try push(fixture, 51, [1], facts)
        }
        try await fixture.move("latest", to: 51)
        let second = try await delete(50, fixture)
        #expect(second > first)
        let restored = try await restore(first, fixture)
        #expect(restored.tags.map(\.description) == ["v1"] && restored.keptTags.map(\.description) == ["latest"])
        #expect(try await target("latest", fixture) == Fixture.digest(51))
        let again = try await restore(second, fixture)
        #expect(again.tags == [] && again.keptTags == [])
        #expect(try await target("v1", fixture) == Fixture.digest(50))
        #expect(try await rowCounts(fixture) == [:])
        let third = try await delete(50, fixture)
        try await fixture.move("v1", to: 51)
        #expect(try await restore(third, fixture, TrashReturn(movesTags: true)).tags.map(\.description) == ["v1"])
        #expect(try await target("v1", fixture) == Fixture.digest(50))
    }

    @Test func `a tag comes back where it pointed, under another name, or not while it points elsewhere`() async throws
    {
        let fixture = try await filled()
        try await fixture.push(51)
        let first = try await deleteTag("v1", fixture)
        #expect(try await restore(first, fixture).tags.map(\.description) == ["v1"])
        let second = try await deleteTag("v1", fixture)
        try await fixture.move("v1", to: 51)
        #expect(try await refusal(second, fixture) == .taken(Tag("v1"), Fixture.digest(51)))
        #expect(try await trash(fixture).map(\.id) == [second])
        let way = TrashReturn(tag: try Tag("v1-old"))
        #expect(try await restore(second, fixture, way).tags.map(\.description) == ["v1-old"])
        #expect(try await target("v1-old", fixture) == Fixture.digest(50))
        let third = try await deleteTag("latest", fixture)
        try await fixture.move("latest", to: 51)
        _ = try await restore(third, fixture, TrashReturn(movesTags: true))
        #expect(try await target("latest", fixture) == Fixture.digest(50))
    }

    @Test func `tags that were taken away before their manifest come back with it`() async throws {
        let fixture = try await filled()
        let tag = try await deleteTag("v1", fixture)
        let manifest = try await delete(50, fixture)
        #expect(try await refusal(tag, fixture) == .manifestTrashed(manifest))
        let restored = try await restore(manifest, fixture)
        #expect(restored.tags.map(\.description) == ["latest", "v1"])
        #expect(try await trash(fixture) == [])
        let lonely = try await deleteTag("v1", fixture)
        try await delete(50, fixture, keeping: .zero)
        #expect(try await refusal(lonely, fixture) == .manifestGone(Fixture.digest(50)))
    }

    @Test func `a repository goes to the trash whole, and nobody sees it there`() async throws {
        let fixture = try await filled()
        let within = try await deleteTag("v1", fixture)
        let gone = try #require(
            try await fixture.facts.write {
                try $0.trashRepository(fixture.name, at: Fixture.later, by: "user:zoë", keeping: Self.week)
            }
        )
        #expect((gone.kind, gone.name, gone.isWithin) == (.repository, fixture.name, nil))
        try await fixture.facts.read { (facts: Facts) throws -> Void in
            #expect(try facts.repository(fixture.name) == nil)
            #expect(try facts.repositories(after: nil, limit: 9) == [])
            #expect(try facts.repositories(after: "!", limit: 9) == [])
            #expect(try facts.anyRepositoryLinking(Fixture.digest(0), limit: 9) == [])
            #expect(try facts.name(of: fixture.repository) == fixture.name)
            #expect(try facts.fate(of: Fixture.digest(0), limit: 9)?.links.map(\.repository) == [fixture.name])
            #expect(try facts.trashEntry(within)?.isWithin == gone.id)
        }
        #expect(try await trash(fixture, of: fixture.name).map(\.id) == [gone.id])
        #expect(try await refusal(within, fixture) == .within(gone.id))
        #expect(try await look(fixture).removed.map(\.digest) == [Fixture.digest(2)])
        let second = try await fixture.facts.write { try $0.ensureRepository(fixture.name, at: Fixture.later) }
        #expect(second != fixture.repository)
        #expect(try await refusal(gone.id, fixture) == .nameTaken(fixture.name))
        let other = try RepositoryName("team/old")
        let restored = try await restore(gone.id, fixture, TrashReturn(name: other))
        #expect(restored.name == other)
        #expect(try await fixture.facts.read { try $0.manifest(Fixture.digest(50), in: other) } != nil)
        #expect(try await target("latest", fixture) == Fixture.digest(50))
        #expect(try await trash(fixture, of: other).map(\.name) == [other])
        #expect(try await restore(within, fixture).name == other)
    }

    @Test(arguments: [(manifests: 30, stride: 7), (manifests: 4, stride: 1)])
    func `what is due is purged step by step, and may be stopped after any`(count: Int, stride: Int) async throws {
        let fixture = try await filled()
        let engine = FailingMetadataEngine(fixture.engine)
        let facts = FactStore(engine: engine)
        let fill = {
            try await fixture.facts.write { facts in
                let app = try facts.ensureRepository(RepositoryName("team/gone"), at: Fixture.now)
                for number in 0..<3 { try facts.link(Fixture.digest(number), in: app, at: Fixture.later) }
                for number in 70..<70 + count {
                    let edges = [Edge(child: Fixture.digest(number % 3), kind: .layer)]
                    try facts.insertManifest(Fixture.manifest(number), bytes: [1], edges: edges, in: app)
                    let tag = try Tag("v\(number)")
                    try facts.moveTag(tag, to: Fixture.digest(number), in: app, at: Fixture.now, by: "someone")
                    guard number % 2 == 0 else { continue }
                    _ = try facts.deleteManifest(
                        Fixture.digest(number),
                        in: app,
                        at: Fixture.now,
                        by: "someone",
                        keeping: Self.week
                    )
                }
                let name = try RepositoryName("team/gone")
                return try facts.trashRepository(name, at: Fixture.now, by: "a", keeping: Self.week)?.id ?? 0
            }
        }
        var (step, isOver) = (0, false)
        while !isOver {
            let id = try await fill()
            #expect(try await purgeAll(fixture) == 0)
            #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
            #expect(try await refusal(id, fixture) == .purging)
            step += stride
            engine.failStep(step)
            do {
                while try await facts.write({ try $0.purgeDueTrash().rows }) > 0 {}
                isOver = engine.stepCount < step
            } catch let error as MetadataError {
                #expect(error.code == .unavailable)
            }
            engine.failStep(nil)
            _ = try await purgeAll(fixture)
            #expect(try await rowCounts(fixture) == [:])
            #expect(try await fixture.facts.read { try $0.repositories(after: nil, limit: 9) } == [fixture.name])
            let contents = try #require(FactTable.named("manifest_content"))
            #expect(try await fixture.facts.read { try $0.rows(of: contents, limit: 99).count } == 1)
        }
        #expect(step > 10 * count / 3, "purging makes too few steps to prove anything")
        #expect(try await fixture.facts.read { try $0.need(of: Fixture.digest(0), in: fixture.repository) } == .live)
    }

    @Test func `the clock of the database says when something is due`() async throws {
        let fixture = try await filled()
        let id = try await delete(50, fixture)
        try await age(fixture, by: Self.week - .seconds(60))
        #expect(try await purgeAll(fixture) == 0)
        #expect(try await trash(fixture).map(\.id) == [id])
        try await age(fixture, by: .seconds(61))
        #expect(try await purgeAll(fixture) == 1)
        #expect(try await rowCounts(fixture) == [:])
    }

    @Test func `of two that delete, restore or purge at once one does it`() async throws {
        let fixture = try await filled()
        for _ in 0..<5 {
            let removed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await fixture.facts.write {
                            try $0.deleteManifest(
                                Fixture.digest(50),
                                in: fixture.repository,
                                at: Fixture.now,
                                by: "someone",
                                keeping: Self.week
                            ).removed
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(removed.filter { $0 }.count == 1)
            let entries = try await trash(fixture)
            try #require(entries.count == 1)
            let refusals = try await withThrowingTaskGroup(of: TrashRefusal?.self) { group in
                for _ in 0..<3 { group.addTask { try await refusal(entries[0].id, fixture) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.filter { $0 == nil }.count == 1 && refusals.filter { $0 == .missing }.count == 2)
            #expect(try await target("v1", fixture) == Fixture.digest(50))
            #expect(try await rowCounts(fixture) == [:])
        }
    }

    @Test func `who hears of events is told of what is deleted and comes back`() async throws {
        let fixture = try await filled()
        let consumer = try await fixture.facts.write { try $0.registerEventConsumer("mirror") }
        let id = try await delete(50, fixture)
        _ = try await restore(id, fixture)
        let gone = try await fixture.facts.write {
            try $0.trashRepository(fixture.name, at: Fixture.now, by: "someone", keeping: Self.week)
        }
        _ = try await restore(try #require(gone).id, fixture)
        let told = try #require(FactTable.named("event"))
        let kind = try #require(told.place(of: "kind"))
        let subject = try #require(told.place(of: "subject"))
        let rows = try await fixture.facts.read { try $0.rows(of: told, limit: 99) }
        #expect(consumer.name == "mirror")
        let expected: [SQLValue] = [
            "tag.deleted", "tag.deleted", "manifest.deleted", "manifest.restored", "tag.moved", "tag.moved",
            "repository.deleted", "repository.restored",
        ].map { .text($0) }
        #expect(rows.map { $0[kind] } == expected)
        #expect(rows.suffix(2).map { $0[subject] } == [.text("team/app"), .text("team/app")])
    }
}
