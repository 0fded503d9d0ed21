import Hosting
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Everything that moves or deletes a tag goes through what holds it, on every engine.
@Suite struct TagGuardTests {
    /// A way on which a tag moves or goes.
    enum Way: String, CaseIterable, Sendable {
        case pushByTag
        case pushByDigestWithTag
        case rollback
        case referrerTag
        case deleteTag
        case deleteManifest
    }

    /// What holds a tag.
    enum Hold: String, CaseIterable, Sendable {
        case immutable
        case protected
        case lock

        /// What the refusal names it by.
        var name: String {
            switch self {
            case .immutable: "the immutable rule held of the project team"
            case .protected: "the protected rule held of the project team"
            case .lock: "the lock of user:root (so it is)"
            }
        }
    }

    private static var app: RepositoryName { get throws { try RepositoryName("team/app") } }
    private static let (old, new) = (RegistryRules.index(1), RegistryRules.index(2))

    /// A tag that stands for referrers, as clients make it.
    private static func referrerTag() throws -> String {
        "sha256-\(try RegistryRules.index(3).name.encoded)"
    }

    /// Runs `body` with stores on each engine, in which a tag is held.
    private static func holding(
        _ tag: String,
        by hold: Hold?,
        _ body: @Sendable (TestStores) async throws -> Void
    ) async throws {
        for database in TestDatabase.allCases {
            try await TestDatabase.$current.withValue(database) {
                try await TestStores.with { stores in
                    try await stores.registry().push(new, to: app, tags: tag)
                    try await stores.registry().push(old, to: app, tags: tag)
                    if let hold { try await put(hold, on: tag, stores) }
                    try await body(stores)
                }
            }
        }
    }

    private static func put(_ hold: Hold, on tag: String, _ stores: TestStores) async throws {
        try await stores.facts.write { facts in
            guard hold != .lock else {
                let id = try #require(try facts.repository(app))
                _ = try facts.setTagGuard(.lock, of: Tag(tag), in: id, by: "user:root", reason: "so it is")
                return
            }
            try facts.setTagRule(rule("held", hold.rawValue, #"{"tags":{"include":["held","sha256-*"]}}"#))
        }
    }

    private static func rule(_ name: String, _ kind: String, _ terms: String) -> TagRuleFact {
        let moment = Timestamp(microseconds: 1)
        return TagRuleFact(project: "team", name: name, kind: kind, terms: terms, createdAt: moment)
    }

    private static func go(_ way: Way, _ tag: String, _ registry: any Registry) async throws {
        let tag = try Tag(tag)
        switch way {
        case .pushByTag, .rollback, .referrerTag:
            // A way back is a push of what was there before.
            _ = try await registry.putManifest(new.push(tags: [tag], if: .pointsTo(old.name)), in: app)
        case .pushByDigestWithTag: _ = try await registry.putManifest(new.push(tags: [tag], by: new.name), in: app)
        case .deleteTag: try await registry.deleteTag(tag, in: app)
        case .deleteManifest: try await registry.deleteManifest(old.name, in: app)
        }
    }

    private static func target(of tag: String, _ stores: TestStores) async throws -> Digest? {
        try await stores.facts.read { facts in
            guard let id = try facts.repository(app) else { return nil }
            return try facts.tag(Tag(tag), in: id)?.digest
        }
    }

    private static func refusal(_ body: () async throws -> Void) async -> RegistryError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? RegistryError
        }
    }

    @Test(arguments: Way.allCases, Hold.allCases)
    func `no way moves a held tag, and each does past broken glass`(way: Way, hold: Hold) async throws {
        let tag = way == .referrerTag ? try Self.referrerTag() : "held"
        try await Self.holding(tag, by: hold) { stores in
            let registry = stores.registry()
            let refusal = await Self.refusal { try await Self.go(way, tag, registry) }
            #expect(refusal?.code == .tagGuarded, "\(String(describing: refusal))")
            #expect(refusal?.message.contains(hold.name) == true, "\(String(describing: refusal))")
            #expect(refusal?.message.contains("points to \(try Self.old.name)") == true)
            #expect(try await Self.target(of: tag, stores) == Self.old.name)
            _ = try await registry.manifest(.digest(Self.old.name), in: Self.app)
            #expect(try await Self.told(stores) == [])

            try await stores.facts.write { facts in
                let id = try #require(try facts.repository(Self.app))
                let time = Duration.seconds(600)
                _ = try facts.setTagGuard(.glass, of: Tag(tag), in: id, by: "user:b", reason: "leak", for: time)
            }
            try await Self.go(way, tag, registry)
            #expect(try await Self.target(of: tag, stores) != Self.old.name)
            let told = try await Self.told(stores)
            #expect(told.map(\.action) == ["tag.override"] && told.map(\.target) == ["team/app:\(tag)"])
            #expect(told.first?.reason == "user:b broke the glass of \(hold.name): leak")
            #expect(told.first?.principal == "tester" && told.first?.outcome == .allowed)
        }
    }

    private static func told(_ stores: TestStores) async throws -> [AuditFact] {
        try await stores.facts.read { try $0.unsealedAuditEntries(limit: 10) }.map(\.fact)
    }

    @Test(arguments: Hold.allCases)
    func `the same digest again is fine, and others are free`(hold: Hold) async throws {
        try await Self.holding("held", by: hold) { stores in
            let registry = stores.registry()
            try await registry.push(Self.old, to: Self.app, tags: "held")
            for tag in ["free", "other"] { try await registry.push(Self.new, to: Self.app, tags: tag) }
            try await registry.push(Self.old, to: Self.app, tags: "free")
            try await registry.deleteTag(Tag("other"), in: Self.app)
            try await registry.push(Self.new, to: RepositoryName("other/app"), tags: "held")
            try await registry.push(Self.old, to: RepositoryName("other/app"), tags: "held")
        }
    }

    @Test func `a push of several tags moves none when one of them is held`() async throws {
        try await Self.holding("held", by: .immutable) { stores in
            let registry = stores.registry()
            let tags = try ["free", "held"].map { try Tag($0) }
            let refusal = await Self.refusal {
                _ = try await registry.putManifest(Self.new.push(tags: tags), in: Self.app)
            }
            #expect(refusal?.code == .tagGuarded)
            #expect(try await Self.target(of: "free", stores) == nil)
        }
    }

    @Test func `who has a condition is told first that it does not hold`() async throws {
        try await Self.holding("held", by: .lock) { stores in
            let registry = stores.registry()
            let push = Self.new.push(tags: [try Tag("held")], if: .pointsTo(try Self.new.name))
            let pushed = await Self.refusal { _ = try await registry.putManifest(push, in: Self.app) }
            #expect(pushed?.code == .conditionFailed)
            let deleted = await Self.refusal {
                try await registry.deleteTag(Tag("held"), if: .pointsTo(Self.new.name), in: Self.app)
            }
            #expect(deleted?.code == .conditionFailed)
        }
    }

    @Test func `a protected tag moves for who has one of the roles in the project of the rule`() async throws {
        try await Self.holding("held", by: nil) { stores in
            try await stores.facts.write { facts in
                try facts.setTagRule(Self.rule("r", "protected", #"{"roles":["keeper"],"tags":{"include":["held"]}}"#))
            }
            func registry(_ role: String, _ project: String) -> any Registry {
                let standing = TagStanding { roles, asked in roles.contains(role) && asked == project }
                return stores.host().registry(for: .tester, standing: standing)
            }
            for (role, project) in [("keeper", "team/app"), ("writer", "team")] {
                let other = registry(role, project)
                #expect(await Self.refusal { try await Self.go(.pushByTag, "held", other) }?.code == .tagGuarded)
                let unmade = await Self.refusal { try await other.push(Self.new, to: Self.app, tags: "held") }
                #expect(unmade?.code == .tagGuarded)
            }
            let keeper = registry("keeper", "team")
            try await Self.go(.pushByTag, "held", keeper)
            try await Self.go(.deleteTag, "held", keeper)
            try await keeper.push(Self.old, to: Self.app, tags: "held")
        }
    }

    @Test func `all rules of all projects around the repository hold, however deep it lies`() async throws {
        for database in TestDatabase.allCases {
            try await TestDatabase.$current.withValue(database) {
                try await TestStores.with { stores in
                    let parts = (0..<20).map { "p\($0)" }
                    let deep = try RepositoryName(parts.joined(separator: "/"))
                    let registry = stores.registry()
                    try await registry.push(Self.old, to: deep, tags: "1")
                    for count in [1, 8, 9, 17, 20] {
                        let project = parts.prefix(count).joined(separator: "/")
                        let moment = Timestamp(microseconds: 1)
                        let fact = TagRuleFact(
                            project: project,
                            name: "r",
                            kind: "immutable",
                            terms: "{}",
                            createdAt: moment
                        )
                        try await stores.facts.write { try $0.setTagRule(fact) }
                        let refusal = await Self.refusal { try await registry.push(Self.new, to: deep, tags: "1") }
                        #expect(refusal?.message.contains("of the project \(project) holds it") == true, "\(count)")
                        #expect(try await stores.facts.write { try $0.deleteTagRule("r", of: project) })
                    }
                    try await registry.push(Self.new, to: deep, tags: "1")
                }
            }
        }
    }

    @Test func `a rule that a newer program wrote holds every tag of its project`() async throws {
        for (kind, terms) in [("eternal", "{}"), ("immutable", #"{"tags":{"include":["/(/"]}}"#), ("immutable", "?")] {
            try await Self.holding("held", by: nil) { stores in
                try await stores.facts.write { try $0.setTagRule(Self.rule("r", kind, terms)) }
                let registry = stores.registry()
                #expect(await Self.refusal { try await Self.go(.pushByTag, "held", registry) }?.code == .tagGuarded)
                try await registry.push(Self.old, to: Self.app, tags: "held")
            }
        }
    }

    @Test func `glass ends by the clock of the database, and by hand`() async throws {
        try await Self.holding("held", by: .immutable) { stores in
            let registry = stores.registry()
            func breakGlass(for time: Duration) async throws {
                try await stores.facts.write { facts in
                    let id = try #require(try facts.repository(Self.app))
                    _ = try facts.setTagGuard(.glass, of: Tag("held"), in: id, by: "b", reason: "r", for: time)
                }
            }
            try await breakGlass(for: .microseconds(-1))
            #expect(await Self.refusal { try await Self.go(.pushByTag, "held", registry) }?.code == .tagGuarded)
            try await breakGlass(for: .seconds(600))
            let taken = try await stores.facts.write { facts in
                let id = try #require(try facts.repository(Self.app))
                let first = try facts.deleteTagGuard(.glass, of: Tag("held"), in: id)
                return (first, try facts.deleteTagGuard(.glass, of: Tag("held"), in: id))
            }
            #expect(taken == (true, false))
            #expect(await Self.refusal { try await Self.go(.pushByTag, "held", registry) }?.code == .tagGuarded)
        }
    }
}
