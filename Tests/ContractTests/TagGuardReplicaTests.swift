import Hosting
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Rules and locks at servers over the same stores, while others push.
@Suite struct TagGuardReplicaTests {
    private static var app: RepositoryName { get throws { try RepositoryName("team/app") } }
    private static let roundCount = 8

    /// Runs `body` with two servers over the same stores, on each engine.
    private static func withPair(
        _ body: @Sendable (TestStores, [any Registry]) async throws -> Void
    ) async throws {
        for database in TestDatabase.allCases {
            try await TestDatabase.$current.withValue(database) {
                try await TestStores.with { stores in
                    let options = RegistryHost.Options(isAlone: false)
                    let other = try await stores.elsewhere()
                    try await body(stores, [stores.registry(options), other.registry(options)])
                }
            }
        }
    }

    /// How often a tag has moved.
    private static func version(of tag: OCI.Tag, _ stores: TestStores) async throws -> Int64 {
        try await stores.facts.read { facts in
            let id = try #require(try facts.repository(app))
            return try #require(try facts.tag(tag, in: id)).version
        }
    }

    /// Moves a tag to and fro at two servers until both are refused; what is held meanwhile is put by `hold`, which
    /// returns how often the tag had moved when it held.
    private static func race(
        _ tag: OCI.Tag,
        _ registries: [any Registry],
        _ hold: @Sendable () async throws -> Int64
    ) async throws -> Int64 {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (index, registry) in registries.enumerated() {
                tasks.addTask {
                    for number in 0..<10_000 {
                        let push = RegistryRules.index(2 + index + 2 * (number % 2)).push(tags: [tag])
                        do {
                            _ = try await registry.putManifest(push, in: app)
                        } catch let error as RegistryError where error.code == .tagGuarded {
                            return
                        } catch let error as RegistryError where error.code == .unavailable {
                            // Too many races were lost at once.
                        }
                    }
                    Issue.record("the tag still moves")
                }
            }
            let version = try await hold()
            try await tasks.waitForAll()
            return version
        }
    }

    @Test func `after a rule is said to hold, no push moves a tag at any server`() async throws {
        try await Self.withPair { stores, registries in
            for round in 0..<Self.roundCount {
                let tag = try Tag("r\(round)")
                try await registries[0].push(RegistryRules.index(1), to: Self.app, tags: tag.description)
                let held = try await Self.race(tag, registries) {
                    try await stores.facts.write { facts in
                        let terms = #"{"tags":{"include":["\#(tag)"]}}"#
                        let moment = Timestamp(microseconds: 1)
                        let name = "rule\(round)"
                        try facts.setTagRule(
                            TagRuleFact(project: "team", name: name, kind: "immutable", terms: terms, createdAt: moment)
                        )
                    }
                    try await stores.facts.settle()
                    return try await Self.version(of: tag, stores)
                }
                #expect(try await Self.version(of: tag, stores) == held)
            }
        }
    }

    @Test func `a lock holds the tag where it was when it was locked`() async throws {
        try await Self.withPair { stores, registries in
            for round in 0..<Self.roundCount {
                let tag = try Tag("l\(round)")
                try await registries[0].push(RegistryRules.index(1), to: Self.app, tags: tag.description)
                let held = try await Self.race(tag, registries) {
                    try await stores.facts.write { facts in
                        let id = try #require(try facts.repository(Self.app))
                        let version = try #require(try facts.tag(tag, in: id)).version
                        _ = try facts.setTagGuard(.lock, of: tag, in: id, by: "user:root", reason: "so")
                        return version
                    }
                }
                #expect(try await Self.version(of: tag, stores) == held)
            }
        }
    }
}
