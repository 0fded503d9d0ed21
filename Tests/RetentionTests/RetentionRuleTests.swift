import OCI
import Retention
import Selectors
import Testing

@Suite struct RetentionRuleTests {
    private static let now: Int64 = 1_000_000

    /// Tags with the seconds since each was made; nil where nobody knows.
    private func candidates(_ ages: [(String, Int64?)]) throws -> [RetentionCandidate] {
        try ages.enumerated().map { index, entry in
            let digest = Digest(algorithm: .sha256, hash: [UInt8](repeating: UInt8(index), count: 32))
            return RetentionCandidate(
                tag: try Tag(entry.0),
                digest: digest,
                createdSeconds: entry.1.map { Self.now - $0 }
            )
        }
    }

    private func gone(_ rule: RetentionRule, _ ages: [(String, Int64?)]) throws -> [String] {
        rule.decisions(on: try candidates(ages), nowSeconds: Self.now)
            .filter { !$0.isKept }.map(\.candidate.tag.description)
    }

    @Test func `the newest are kept, by when they were made`() throws {
        let rule = RetentionRule(keepNewest: 2)
        #expect(try gone(rule, [("a", 30), ("b", 10), ("c", 20), ("d", 40)]) == ["a", "d"])
    }

    @Test func `the newest are kept by version, and what is no version stays`() throws {
        let rule = RetentionRule(keepNewest: 2, order: .version)
        let ages: [(String, Int64?)] = [("1.10.0", 1), ("1.9.0", 1), ("v1.2.0", 1), ("latest", 1), ("2.0.0-rc.1", 1)]
        #expect(try gone(rule, ages) == ["1.9.0", "v1.2.0"])
    }

    @Test(arguments: RetentionRule.Order.allCases)
    func `a tag that a registry lists twice is decided about twice, in the same way`(order: RetentionRule.Order) throws
    {
        let rule = RetentionRule(keepNewest: 1, order: order)
        #expect(try gone(rule, [("2.0.0", 10), ("2.0.0", 10), ("1.0.0", 20), ("1.0.0", 20)]) == ["1.0.0", "1.0.0"])
    }

    @Test func `images made at the same time share their place, so that none of them goes by chance`() throws {
        let rule = RetentionRule(keepNewest: 1)
        #expect(try gone(rule, [("a", 10), ("b", 10), ("c", 20)]) == ["c"])
    }

    @Test func `what is young is kept, whatever else there is`() throws {
        let rule = RetentionRule(keepNewest: 1, keepYoungerThanSeconds: 25)
        #expect(try gone(rule, [("a", 10), ("b", 20), ("c", 25), ("d", 100)]) == ["c", "d"])
    }

    @Test func `what nobody knows the age of is kept where time decides`() throws {
        #expect(try gone(RetentionRule(keepYoungerThanSeconds: 5), [("a", nil), ("b", 10)]) == ["b"])
        #expect(try gone(RetentionRule(keepNewest: 0), [("a", nil), ("b", 10)]) == ["b"])
    }

    @Test func `only what is selected goes, and never what follows a manifest`() throws {
        let signature = "sha256-" + String(repeating: "ab", count: 32) + ".sig"
        let names = NameSelector(include: [.glob(try Glob("ci-*"))], exclude: [.exactly("ci-keep")])
        let ages: [(String, Int64?)] = [("ci-1", 10), ("ci-keep", 10), ("1.0", 10), (signature, 10)]
        #expect(try gone(RetentionRule(names: names), ages) == ["ci-1"])
        #expect(try gone(RetentionRule(), [(signature, 10), ("x", 10)]) == ["x"])
    }
}
