import Access
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Wrapping

@Suite("The list of repositories")
struct RepositoryListTests {
    private static let roundCount = TestSeed.count(150, soaking: 10_000, of: "rounds of random lists")

    private static func registry(_ names: [String]) async throws -> MemoryRegistry {
        let registry = MemoryRegistry()
        for name in names { try await registry.push(RegistryRules.index(1), to: RepositoryName(name)) }
        return registry
    }

    /// All names page by page; nil when the pages do not end, or one is not as it should be.
    private static func pages(of registry: any Registry, after first: String?, limit: Int) async throws -> [String]? {
        var found: [String] = []
        var last = first
        while true {
            let page = try await registry.repositories(after: last, limit: limit)
            found += page.elements.map(\.description)
            guard page.hasMore else { return page.elements.count <= limit ? found : nil }
            guard page.elements.count == limit, found.count <= RandomAccess.names.count else { return nil }
            last = found.last
        }
    }

    @Test("It is the sorted list of what may be listed, in pages of any size, from any place")
    func random() async throws {
        var random = RandomAccess(seed: TestSeed.run)
        var isFiltered = false
        for _ in 0..<Self.roundCount {
            let names = random.someNames()
            let (set, principal) = (try random.ruleSet(), try random.principal())
            let rules = set.rules
            let expected = try names.filter {
                rules.decide(principal, .list, on: try RepositoryName($0)).isAllowed
            }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let registry = AccessChecked(try await Self.registry(names), for: principal, under: rules)
            for limit in [1, 2, random.number(3...6), 100] {
                let starts = [
                    "team", "team/", "team-a", "tea", "team0", "z", "é", RandomAccess.names[random.number(0...19)],
                ]
                for start in [nil, "", starts[random.number(0...7)]] {
                    let after = start ?? ""
                    let rest = expected.filter { after.utf8.lexicographicallyPrecedes($0.utf8) }
                    let found = try await Self.pages(of: registry, after: start, limit: limit)
                    let what = "TEST_SEED=\(TestSeed.run): \(limit) after \(after) of \(names) for \(principal)"
                    try #require(found == rest, "\(what) under \(set)")
                }
            }
            isFiltered = isFiltered || !expected.isEmpty && expected.count < names.count
        }
        #expect(isFiltered)
    }

    @Test("A name that begins with another's letters is in its own place, over the hosted registry too")
    func neighbours() async throws {
        let names = ["team", "team-a", "team-a/b", "team.b", "team/a", "team/a/b", "team0", "team0/a", "teal/z", "tea"]
        try await TestStores.with { stores in
            let base = stores.registry()
            for name in names { try await base.push(RegistryRules.index(1), to: RepositoryName(name)) }
            for (pattern, expected) in [
                ("team", ["team"]), ("team/*", ["team/a"]), ("team/**", ["team/a", "team/a/b"]),
                ("team-*/**", ["team-a/b"]), ("team0", ["team0"]), ("tea", ["tea"]),
                ("team*", ["team", "team-a", "team.b", "team0"]),
                ("tea?*/**", ["teal/z", "team-a/b", "team/a", "team/a/b", "team0/a"]),
            ] {
                let registry = try Samples.registry(over: base, (pattern, .list))
                for limit in 1...6 {
                    #expect(try await Self.pages(of: registry, after: nil, limit: limit) == expected, "\(pattern)")
                }
            }
        }
    }

    @Test("A page of none has none, and knows whether there are any")
    func none() async throws {
        let base = try await Self.registry(["other", "team/a"])
        for (pattern, hasMore) in [("team/*", true), ("absent", false)] {
            let registry = try Samples.registry(over: base, (pattern, .list))
            let page = try await registry.repositories(after: nil, limit: 0)
            #expect(page.elements == [])
            #expect(page.hasMore == hasMore)
        }
    }

    @Test("Only the ranges of names are looked at in which a grant lies")
    func ranges() async throws {
        let many = (0..<1200).map { "many/\(1000 + $0)" }
        let stored = try await Self.registry(many + ["team/a", "team/b", "tools", "zebra"])
        let base = RecordingRegistry(stored)
        let registry = try Samples.registry(over: base, ("absent/*", .list), ("team/*", .list), ("tools", .list))
        let page = try await registry.repositories(after: nil, limit: 1)
        #expect(page.elements.map(\.description) == ["team/a"])
        #expect(page.hasMore)
        #expect(base.nameCount <= 4)
        let rest = try await registry.repositories(after: "team/a", limit: 5)
        #expect(rest.elements.map(\.description) == ["team/b", "tools"])
        #expect(!rest.hasMore)
        let before = base.calls.count
        _ = try await registry.repositories(after: "tools", limit: 5)
        #expect(base.calls.count - before <= 1)
    }

    @Test("What may be listed is found behind many names that may not be")
    func farApart() async throws {
        let base = try await Self.registry((0..<2500).map { "many/\(1000 + $0)/\($0 % 1250 == 1249 ? "x" : "y")" })
        let registry = try Samples.registry(over: base, ("**/x", .list))
        #expect(try await Self.pages(of: registry, after: nil, limit: 1) == ["many/2249/x", "many/3499/x"])
        let all = AccessChecked(base, for: .local, under: AccessRules(grants: []))
        let page = try await all.repositories(after: nil, limit: 2400)
        #expect(page.elements.count == 2400)
        #expect(page.hasMore)
    }
}
