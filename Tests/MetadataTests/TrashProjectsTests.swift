import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// Projects that are deleted, brought back and purged, with all that is theirs.
@Suite(.everyEngine) struct TrashProjectsTests {
    private static let week = Duration.seconds(7 * 86_400)
    private static let actor = "user:zoë"
    /// What a deletion and its restoration must leave as it was.
    private static let lasting = [
        "repository", "project", "role_grant", "tag_rule", "manifest", "tag", "edge", "repository_blob", "tag_guard",
    ]

    /// A project `team` with repositories, roles and rules, a neighbour, and what is below neither.
    private func filled(_ random: inout SeededGenerator) async throws -> Fixture {
        let fixture = try await Fixture()
        let names = try ["team", "team/app", "team/web/x", "team/z", "teams/app"]
            .map { try RepositoryName($0) }
        let counts = names.map { _ in Int.random(in: 0...3, using: &random) }
        let grants = (0..<Int.random(in: 1...6, using: &random)).map { number in
            GrantFact(
                subject: ["user:alice", "group:dev", "robot:ci", "anyone"].randomElement(using: &random) ?? "",
                role: "role\(number % 3)",
                project: ["team", "teams", nil].randomElement(using: &random) ?? nil
            )
        }
        let ruleCount = Int.random(in: 0...3, using: &random)
        let isPublic = Bool.random(using: &random)
        try await fixture.facts.write { facts in
            for name in ["team", "teams"] {
                let addresses = isPublic ? "192.0.2.0/24" : ""
                try facts.setProject(
                    ProjectFact(name: name, isPublic: isPublic, addresses: addresses, createdAt: Fixture.now)
                )
            }
            for name in ["alice", "ci"] {
                let kind: AccountFact.Kind = name == "ci" ? .robot : .user
                _ = try facts.insertAccount(
                    AccountFact(name: name, kind: kind, password: nil, createdAt: Fixture.now)
                )
            }
            _ = try facts.insertGroup(GroupFact(name: "dev", createdAt: Fixture.now))
            for grant in grants + [GrantFact(subject: "user:alice", role: "first", project: "team")] {
                try facts.insertGrant(grant)
            }
            for number in 0..<ruleCount {
                try facts.setTagRule(
                    TagRuleFact(
                        project: "team",
                        name: "r\(number)",
                        kind: "immutable",
                        terms: #"{"é":1}"#,
                        createdAt: Fixture.now
                    )
                )
            }
            for number in 0..<3 { try facts.store(Fixture.blob(number)) }
            for (name, count) in zip(names, counts) {
                let repository = try facts.ensureRepository(name, at: Fixture.now)
                for number in 0..<count {
                    try facts.link(Fixture.digest(number), in: repository, at: Fixture.now)
                    let edges = [Edge(child: Fixture.digest(number), kind: .layer)]
                    let manifest = Fixture.manifest(50 + number)
                    try facts.insertManifest(manifest, bytes: Fixture.bytes(number), edges: edges, in: repository)
                    let tag = try Tag("v\(number)")
                    let digest = Fixture.digest(50 + number)
                    try facts.moveTag(tag, to: digest, in: repository, at: Fixture.now, by: Self.actor)
                }
            }
        }
        return fixture
    }

    private func filled() async throws -> Fixture {
        var random = SeededGenerator(seed: 7)
        return try await filled(&random)
    }

    /// Deletes `team` as the management does; the number of its entry.
    @discardableResult
    private func delete(_ facts: FactStore, keeping time: Duration = week) async throws -> Int64 {
        while true {
            let name: RepositoryName? = try await facts.read { facts in
                let own = try RepositoryName("team")
                if try facts.repository(own) != nil { return own }
                return try facts.repositories(after: "team/", limit: 1).first { "\($0)".hasPrefix("team/") }
            }
            guard let name else { break }
            _ = try await facts.write {
                try $0.trashRepository(name, with: "team", at: Fixture.later, by: Self.actor, keeping: time)
            }
        }
        return try await facts.write { facts in
            guard try facts.projects().contains(where: { $0.name == "team" }) else { return 0 }
            return try facts.trashProject("team", by: Self.actor, keeping: time)?.id ?? 0
        }
    }

    /// Brings it back as the management does; what came back of the project itself.
    @discardableResult
    private func restore(_ id: Int64, _ facts: FactStore) async throws -> TrashedProject? {
        let back = try await facts.write { try $0.restoreProject(id) { _ in true } }
        while let next = try await facts.read({ try $0.trash(withProject: id, limit: 1).first }) {
            _ = try await facts.write { try $0.restore(next.id, at: Fixture.later, by: Self.actor) }
        }
        try await facts.write { _ = try $0.closeTrash(ofProject: id) }
        return back
    }

    private func content(_ fixture: Fixture) async throws -> [String: [[SQLValue]]] {
        var content: [String: [[SQLValue]]] = [:]
        for table in FactTable.all where Self.lasting.contains(table.name) {
            content[table.name] = try await fixture.facts.read { try $0.rows(of: table, limit: 1000) }
        }
        return content
    }

    private func trashCounts(_ fixture: Fixture) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for table in FactTable.all where table.name.hasPrefix("trash") {
            counts[table.name] = try await fixture.facts.read { try $0.rows(of: table, limit: 1000).count }
        }
        return counts.filter { $0.value > 0 }
    }

    private func trash(_ fixture: Fixture) async throws -> [TrashFact] {
        try await fixture.facts.read { try $0.trash(of: nil, before: nil, limit: 100) }
    }

    private func age(_ fixture: Fixture, by duration: Duration) async throws {
        try await fixture.engine.write { connection in
            _ = try connection.run(
                Metadata.Statement("UPDATE trash SET purge_at = purge_at - $1 WHERE purge_at > 0"),
                [.integer(duration.inMicroseconds)]
            )
        }
    }

    private func purgeAll(_ facts: FactStore) async throws -> Int {
        var count = 0
        while true {
            let gone = try await facts.write { try $0.purgeDueTrash() }
            count += gone.entries
            if gone.rows == 0 { return count }
        }
    }

    // MARK: Back

    @Test func `what goes later is kept as long as the rest, and the newest of a name comes back`() async throws {
        let (fixture, name) = (try await filled(), try RepositoryName("team/app"))
        let facts = fixture.facts
        func remove(keeping time: Duration) async throws -> TrashFact {
            let fact = try await facts.write {
                try $0.trashRepository(name, with: "team", at: Fixture.later, by: Self.actor, keeping: time)
            }
            return try #require(fact)
        }
        let old = try await remove(keeping: .milliseconds(1))
        let entry = try #require(old.projectEntry)
        // Due already, and nobody has begun to purge it.
        try await Task.sleep(for: .milliseconds(20))
        let new = try await facts.write { facts in
            let repository = try facts.ensureRepository(name, at: Fixture.later)
            try facts.store(Fixture.blob(8))
            try facts.link(Fixture.digest(8), in: repository, at: Fixture.later)
            return repository
        }
        #expect(try await remove(keeping: Self.week).projectEntry == entry)
        #expect(try await facts.write { try $0.purgeDueTrash() }.rows == 0)
        #expect(try await delete(facts) == entry)
        _ = try await facts.write { try $0.restoreProject(entry) { _ in true } }
        let order = try await facts.read { try $0.trash(withProject: entry, limit: 9) }.filter { $0.name == name }
        #expect(order.map(\.repository) == [new, old.repository])
    }

    @Test func `what is being brought back is not due for a day`() async throws {
        let fixture = try await filled()
        let entry = try await delete(fixture.facts, keeping: .milliseconds(1))
        let before = try #require(try await fixture.facts.read { try $0.trashEntry(entry) }?.purgeAt)
        try await Task.sleep(for: .milliseconds(20))
        _ = try await fixture.facts.write { try $0.restoreProject(entry) { _ in true } }
        #expect(try await fixture.facts.write { try $0.purgeDueTrash() }.rows == 0)
        let due = try #require(try await fixture.facts.read { try $0.trashEntry(entry) }?.purgeAt)
        #expect(due > before + .seconds(86_000))
    }

    @Test(arguments: 0..<8)
    func `whatever was in a project is as it was when it is back`(number: Int) async throws {
        var random = SeededGenerator(seed: TestSeed.run &+ UInt64(number))
        let fixture = try await filled(&random)
        let before = try await content(fixture)
        let id = try await delete(fixture.facts)
        let entries = try await trash(fixture)
        let whole = try #require(entries.first { $0.id == id })
        #expect((whole.kind, "\(whole.name)", whole.isWithin) == (.project, "team", nil))
        let others = entries.filter { $0.id != id }
        #expect(others.allSatisfy { $0.projectEntry == id && $0.kind == .repository && $0.purgeAt == whole.purgeAt })
        #expect(others.map { "\($0.name)" }.sorted() == ["team", "team/app", "team/web/x", "team/z"])
        try await fixture.facts.read { (facts: Facts) throws -> Void in
            #expect(try facts.projects().map(\.name) == ["teams"])
            #expect(try facts.grants().allSatisfy { $0.project != "team" })
            #expect(try facts.tagRules(of: "team").isEmpty)
            #expect(try facts.repositories(after: nil, limit: 9).map(\.description) == ["teams/app"])
            #expect(try facts.trash(of: RepositoryName("team"), before: nil, limit: 9).map(\.kind).count == 2)
        }
        let back = try #require(try await restore(id, fixture.facts))
        #expect(
            back.lost.isEmpty && back.grants.count == before["role_grant"]?.filter { $0.contains(.text("team")) }.count
        )
        #expect(try await content(fixture) == before)
        #expect(try await trashCounts(fixture) == [:])
    }

    @Test func `whichever step of a deletion or a restoration fails, it is gone on with by doing it again`()
        async throws
    {
        let fixture = try await filled()
        let before = try await content(fixture)
        let engine = FailingMetadataEngine(fixture.engine)
        let facts = FactStore(engine: engine)
        var (step, isOver) = (0, false)
        while !isOver {
            step += 1
            engine.failStep(step)
            var failed = false
            do {
                let id = try await delete(facts)
                try await restore(id, facts)
                isOver = engine.stepCount < step
            } catch let error as MetadataError {
                #expect(error.code == .unavailable)
                failed = true
            }
            engine.failStep(nil)
            if failed {
                // On with the deletion where the project is there, or else with what has begun to come back.
                try await delete(fixture.facts)
                let projects = try await trash(fixture).filter { $0.kind == .project }
                try #require(projects.count == 1, "step \(step)")
                try await restore(projects[0].id, fixture.facts)
            }
            #expect(try await content(fixture) == before, "step \(step)")
            #expect(try await trashCounts(fixture) == [:], "step \(step)")
        }
        #expect(step > 40, "the steps are too few to prove anything: \(step)")
    }

    @Test func `who or what is deleted meanwhile gets nothing back, also when there is another of the name`()
        async throws
    {
        let fixture = try await Fixture()
        let subjects = ["user:alice", "robot:ci", "group:dev", "user:bob"]
        let accounts: @Sendable (Facts) throws -> Void = { facts in
            for name in ["alice", "ci", "bob"] {
                let kind: AccountFact.Kind = name == "ci" ? .robot : .user
                _ = try facts.insertAccount(AccountFact(name: name, kind: kind, password: nil, createdAt: Fixture.now))
            }
            _ = try facts.insertGroup(GroupFact(name: "dev", createdAt: Fixture.now))
            try facts.setRole(RoleFact(name: "own", policies: "allow pull **"))
        }
        try await fixture.facts.write { facts in
            try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: Fixture.now))
            try accounts(facts)
            for subject in subjects {
                try facts.insertGrant(GrantFact(subject: subject, role: "reader", project: "team"))
            }
            try facts.insertGrant(GrantFact(subject: "user:bob", role: "own", project: "team"))
        }
        let id = try await delete(fixture.facts)
        try await fixture.facts.write { facts in
            #expect(try facts.deleteAccount("alice"))
            #expect(try facts.deleteAccount("ci"))
            #expect(try facts.deleteGroup("dev"))
            #expect(try facts.deleteRole("own"))
            try accounts(facts)
        }
        let back = try await restore(id, fixture.facts)
        #expect(back?.grants == [GrantFact(subject: "user:bob", role: "reader", project: "team")])
        #expect(try await fixture.facts.read { try $0.grants() } == back?.grants)
    }

    @Test func `nothing comes back where there is a project of the name, or it is being purged`() async throws {
        let fixture = try await filled()
        let id = try await delete(fixture.facts)
        let project = ProjectFact(name: "team", isPublic: false, createdAt: Fixture.later)
        try await fixture.facts.write { try $0.setProject(project) }
        await #expect(throws: TrashRefusal.projectTaken("team")) { try await restore(id, fixture.facts) }
        let second = try await delete(fixture.facts)
        #expect(second > id)
        try await restore(second, fixture.facts)
        #expect(try await fixture.facts.read { try $0.projects() }.contains(project))
        try await delete(fixture.facts)
        #expect(try await fixture.facts.write { try $0.purgeTrash(id) })
        await #expect(throws: TrashRefusal.purging) { try await restore(id, fixture.facts) }
        let within = try #require(try await trash(fixture).first { $0.projectEntry == id })
        #expect(within.purgeAt == nil)
    }

    @Test func `a repository comes back by itself, under another name, and no more with its project`() async throws {
        let fixture = try await filled()
        let id = try await delete(fixture.facts)
        let entry = try #require(try await trash(fixture).first { $0.name == fixture.name })
        let other = try RepositoryName("other/app")
        let way = TrashReturn(name: other)
        let restored = try await fixture.facts.write {
            try $0.restore(entry.id, way, at: Fixture.later, by: Self.actor)
        }
        #expect(restored.name == other)
        try await restore(id, fixture.facts)
        #expect(try await fixture.facts.read { try $0.repository(fixture.name) } == nil)
        #expect(try await trashCounts(fixture) == [:])
    }

    // MARK: For good

    @Test func `repositories are due with their project, and not before`() async throws {
        let fixture = try await filled()
        try await delete(fixture.facts)
        try await age(fixture, by: Self.week - .seconds(60))
        #expect(try await purgeAll(fixture.facts) == 0)
        #expect(try await trash(fixture).count == 5)
        try await age(fixture, by: .seconds(61))
        #expect(try await purgeAll(fixture.facts) > 0)
        #expect(try await trashCounts(fixture) == [:])
    }

    @Test func `purging a project removes all that was kept, and may be stopped after any step`() async throws {
        let model = try await filled()
        let engine = FailingMetadataEngine(model.engine)
        let facts = FactStore(engine: engine)
        var (step, isOver) = (0, false)
        while !isOver {
            if step > 0 {
                try await model.facts.write { facts in
                    try facts.setProject(ProjectFact(name: "team", isPublic: true, createdAt: Fixture.now))
                    try facts.insertGrant(GrantFact(subject: "user:alice", role: "reader", project: "team"))
                    for name in ["team/app", "team/b"] {
                        let name = try RepositoryName(name)
                        let repository = try facts.ensureRepository(name, at: Fixture.now)
                        try facts.link(Fixture.digest(1), in: repository, at: Fixture.now)
                    }
                }
            }
            let id = try await delete(model.facts)
            #expect(try await model.facts.write { try $0.purgeTrash(id) })
            step += 1
            engine.failStep(step)
            do {
                _ = try await purgeAll(facts)
                isOver = engine.stepCount < step
            } catch let error as MetadataError {
                #expect(error.code == .unavailable)
            }
            engine.failStep(nil)
            _ = try await purgeAll(model.facts)
            #expect(try await trashCounts(model) == [:])
            let repositories = try #require(FactTable.named("repository"))
            #expect(try await model.facts.read { try $0.rows(of: repositories, limit: 99).count } == 1)
        }
        #expect(step > 20, "purging makes too few steps to prove anything")
    }

    @Test func `kept for no time, a project is gone at once`() async throws {
        let fixture = try await filled()
        #expect(try await delete(fixture.facts, keeping: .zero) == 0)
        #expect(try await purgeAll(fixture.facts) == 4)
        #expect(try await trashCounts(fixture) == [:])
        #expect(try await fixture.facts.read { try $0.tagRules(of: "team") }.isEmpty)
        #expect(try await fixture.facts.read { try $0.projects() }.map(\.name) == ["teams"])
    }
}
