import Metadata
import OCI
import RegistryTesting
import Testing
import Upkeep

/// Broken glass whose time is over goes by itself, and nothing else does.
@Suite struct GlassUpkeepTests {
    @Test func `ended glass is forgotten in all repositories, and locks and what is broken stay`() async throws {
        for database in TestDatabase.allCases {
            try await TestDatabase.$current.withValue(database) { try await TestStores.with(check) }
        }
    }

    private func check(_ stores: TestStores) async throws {
        let names = try (0..<7).map { try RepositoryName("team/app\($0)") }
        try await stores.facts.write { facts in
            for name in names {
                let id = try facts.ensureRepository(name, at: Timestamp(microseconds: 1))
                _ = try facts.setTagGuard(.lock, of: Tag("a"), in: id, by: "user:a", reason: "so")
                for (tag, time) in [("b", Duration.seconds(600)), ("c", .zero)] {
                    _ = try facts.setTagGuard(.glass, of: Tag(tag), in: id, by: "user:a", reason: "so", for: time)
                }
            }
        }
        #expect(try await GlassUpkeep(facts: stores.facts, batchCount: 3).run() == names.count)
        #expect(try await GlassUpkeep(facts: stores.facts, batchCount: 3).run() == 0)
        for name in names {
            let left = try await stores.facts.read { facts in
                let id = try #require(try facts.repository(name))
                let locks = try facts.tagGuards(.lock, in: id, after: nil, limit: 9)
                return (locks + (try facts.tagGuards(.glass, in: id, after: nil, limit: 9))).map(\.tag.description)
            }
            #expect(left == ["a", "b"])
        }
    }
}
