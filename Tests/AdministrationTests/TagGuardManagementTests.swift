import AdminModel
import Administration
import Identity
import Metadata
import OCI
import RegistryTesting
import Testing

/// Rules of tags, locks and glass, as those manage them who may.
@Suite struct TagGuardManagementTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    /// An office whose `team/app` has the tag `1`.
    private static func office() async throws -> TestAdministration {
        let office = try await TestAdministration()
        try await office.facts.write { facts in
            let moment = Timestamp(microseconds: 1)
            let app = try facts.ensureRepository(RepositoryName("team/app"), at: moment)
            let name = try Digest(digest)
            let fact = ManifestFact(
                digest: name,
                mediaType: .imageIndex,
                artifactType: nil,
                subject: nil,
                byteCount: 2,
                pushedAt: moment,
                pushedBy: "user:alice"
            )
            try facts.insertManifest(fact, bytes: Array("{}".utf8), edges: [], in: app)
            _ = try facts.moveTag(Tag("1"), to: name, in: app, at: moment, by: "user:alice")
        }
        return office
    }

    private static func problem(_ body: () async throws -> Void) async -> Problem? {
        do {
            try await body()
            return nil
        } catch {
            return error as? Problem
        }
    }

    @Test func `a rule is made, read, changed and deleted, and the audit has each`() async throws {
        let office = try await Self.office()
        let local = office.local
        let made = try await local.setTagRule("r", of: "team", TagRuleChange(kind: .immutable))
        #expect(try await local.tagRule("r", of: "team") == made)
        #expect(made.project == "team" && made.tags == nil && made.roles == nil)
        let patterns = NamePatterns(include: ["v*"], exclude: [])
        let change = TagRuleChange(kind: .protected, tags: patterns, roles: ["writer", "reader", "writer"])
        let changed = try await local.setTagRule("r", of: "team", change)
        #expect(changed.createdAt == made.createdAt && changed.roles == ["reader", "writer"])
        #expect(changed.tags == NamePatterns(include: ["v*"]))
        #expect(try await local.tagRules(of: "team", after: nil, limit: 10).items == [changed])
        #expect(await Self.problem { try await local.deleteProject("team") }?.code == .conflict)
        try await local.deleteTagRule("r", of: "team")
        #expect(await Self.problem { _ = try await local.tagRule("r", of: "team") }?.code == .notFound)
        #expect(await Self.problem { try await local.deleteTagRule("r", of: "team") }?.code == .notFound)
        let told = try await office.facts.read { try $0.unsealedAuditEntries(limit: 10) }.map(\.fact.action)
        #expect(told == ["tag-rule.set", "tag-rule.set", "tag-rule.delete"])
    }

    @Test func `a rule that cannot be is refused with the place`() async throws {
        let local = try await Self.office().local
        let wrong: [(TagRuleChange, String)] = [
            (TagRuleChange(kind: .immutable, tags: NamePatterns(include: ["/(/"])), "tags.include"),
            (TagRuleChange(kind: .immutable, tags: NamePatterns(exclude: ["semver:one"])), "tags.exclude"),
            (TagRuleChange(kind: .immutable, repositories: NamePatterns(include: ["a//b"])), "repositories.include"),
            (TagRuleChange(kind: .immutable, roles: ["writer"]), "roles"),
            (TagRuleChange(kind: .protected, roles: ["king"]), "roles"),
        ]
        for (change, field) in wrong {
            let problem = await Self.problem { _ = try await local.setTagRule("r", of: "team", change) }
            #expect(problem?.code == .unprocessable && problem?.field == field, "\(String(describing: problem))")
        }
        let nowhere = await Self.problem {
            _ = try await local.setTagRule("r", of: "none", TagRuleChange(kind: .immutable))
        }
        #expect(nowhere?.code == .notFound)
    }

    @Test func `a tag is locked with a reason, listed, explained and unlocked`() async throws {
        let office = try await Self.office()
        let local = office.local
        let lock = try await local.lock(NewTagLock(repository: "team/app", tag: "1", reason: "fair"))
        #expect(lock.reason == "fair" && lock.lockedBy == "local" && lock.tag == "1")
        #expect(try await local.tagLocks(in: "team/app", after: nil, limit: 10).items == [lock])
        _ = try await local.setTagRule("r", of: "team", TagRuleChange(kind: .immutable))
        let explained = try await local.explainTag("1", in: "team/app")
        #expect(explained.digest == Self.digest && explained.rules.map(\.name) == ["r"])
        #expect(explained.lock == lock && explained.glass == nil)
        #expect(try await local.explainTag("2", in: "team/none").rules.map(\.name) == ["r"])
        try await local.unlock("1", in: "team/app")
        #expect(await Self.problem { try await local.unlock("1", in: "team/app") }?.code == .notFound)
        for (tag, reason, code) in [("2", "so", Problem.Code.notFound), ("1", "  ", .invalid), ("?", "so", .invalid)] {
            let new = NewTagLock(repository: "team/app", tag: tag, reason: reason)
            #expect(await Self.problem { _ = try await local.lock(new) }?.code == code, "\(tag)")
        }
    }

    @Test func `locks are told by the page`() async throws {
        let office = try await Self.office()
        try await office.facts.write { facts in
            let app = try #require(try facts.repository(RepositoryName("team/app")))
            for number in 1...5 {
                _ = try facts.setTagGuard(.lock, of: Tag("t\(number)"), in: app, by: "user:a", reason: "so")
            }
        }
        var (found, after): ([String], String?) = ([], nil)
        repeat {
            let page = try await office.local.tagLocks(in: "team/app", after: after, limit: 2)
            found += page.items.map(\.tag)
            after = page.next
        } while after != nil
        #expect(found == ["t1", "t2", "t3", "t4", "t5"])
    }

    @Test func `glass is broken for a while by who manages the projects of all rules that hold the tag`() async throws {
        let office = try await Self.office()
        let local = office.local
        let new = NewTagGlass(repository: "team/app", tag: "1", reason: "leak")
        let glass = try await local.breakGlass(new)
        #expect(glass.endsAt.microseconds - glass.brokenAt.microseconds == 900_000_000)
        #expect(try await local.tagGlass(in: "team/app", after: nil, limit: 10).items == [glass])
        for seconds: Int64 in [0, 86_401] {
            var wrong = new
            wrong.seconds = seconds
            #expect(await Self.problem { _ = try await local.breakGlass(wrong) }?.code == .unprocessable)
        }
        try await local.closeGlass("1", in: "team/app")
        #expect(try await local.tagGlass(in: "team/app", after: nil, limit: 10).items.isEmpty)

        let alice = try await office.management("alice")
        _ = try await alice.breakGlass(new)
        let bob = try await office.management("bob")
        await #expect(throws: Refused.self) { _ = try await bob.breakGlass(new) }
        await #expect(throws: Refused.self) { try await bob.closeGlass("1", in: "team/app") }
        await #expect(throws: Refused.self) { _ = try await bob.explainTag("1", in: "team/app") }
        // Of a project within that of the rule.
        try await office.directory.change { facts in
            try facts.setProject(
                ProjectFact(name: "team/app", isPublic: false, createdAt: Timestamp(microseconds: 1))
            )
            try facts.insertGrant(GrantFact(subject: "user:bob", role: "administrator", project: "team/app"))
        }
        _ = try await bob.breakGlass(new)
        _ = try await local.setTagRule("r", of: "team", TagRuleChange(kind: .immutable))
        await #expect(throws: Refused.self) { _ = try await bob.breakGlass(new) }
        _ = try await alice.breakGlass(new)
    }
}
