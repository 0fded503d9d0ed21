import OCI
import Selectors
import Testing

@testable import Guarding

/// Which tags a rule is about, and what a tag may do.
@Suite struct TagRuleTests {
    private func rule(
        _ kind: TagRule.Kind = .immutable,
        of project: String = "team",
        repositories: TagRuleTerms.Patterns? = nil,
        tags: TagRuleTerms.Patterns? = nil,
        roles: [String]? = nil
    ) throws -> TagRule {
        try TagRuleTerms(repositories: repositories, tags: tags, roles: roles).rule(kind, "r", of: project)
    }

    private func covered(_ rule: TagRule, _ tags: String..., in repository: String = "team/app") throws -> [String] {
        try tags.filter { rule.covers(try Tag($0), in: try RepositoryName(repository)) }
    }

    @Test(arguments: [
        ("team", true), ("team/app", true), ("team/sub/app", true), ("teamwork/app", false), ("other", false),
    ])
    func `a rule holds in its project and below it`(repository: String, holds: Bool) throws {
        #expect(try covered(rule(), "1", in: repository) == (holds ? ["1"] : []))
    }

    @Test func `repositories and tags are picked by globs, regular expressions and versions`() throws {
        let releases = try rule(tags: .init(include: ["semver:>=1.0.0 <2.0.0"], exclude: ["*-rc*"]))
        #expect(
            try covered(releases, "1.0.0", "v1.2.3", "1.2.3-rc1", "2.0.0", "0.9.0", "latest") == ["1.0.0", "v1.2.3"]
        )
        let dated = try rule(tags: .init(include: [#"/20[0-9]{2}-\d\d/"#]))
        #expect(try covered(dated, "2026-11", "2026-11-1", "1999-01") == ["2026-11"])
        let exceptions = try rule(tags: .init(exclude: ["latest", "*-snapshot"]))
        #expect(try covered(exceptions, "1", "latest", "1-snapshot") == ["1"])
        let web = try rule(repositories: .init(include: ["team/web/**"], exclude: ["team/web/tmp"]))
        #expect(try covered(web, "1") == [])
        #expect(try covered(web, "1", in: "team/web/app") == ["1"])
        #expect(try covered(web, "1", in: "team/web/tmp") == [])
    }

    @Test func `tags of referrers are meant only by patterns that begin as they do`() throws {
        let digits = String(repeating: "0", count: 64)
        let tags = ["sha256-\(digits)", "sha256-\(digits).sig"]
        func covered(_ patterns: TagRuleTerms.Patterns?) throws -> Int {
            let rule = try rule(tags: patterns)
            return try tags.count { rule.covers(try Tag($0), in: try RepositoryName("team/app")) }
        }
        #expect(try covered(nil) == 0)
        #expect(try covered(.init(include: ["*"])) == 0)
        #expect(try covered(.init(include: ["/.*/"])) == 0)
        #expect(try covered(.init(include: ["sha256-*"])) == 2)
        #expect(try covered(.init(include: ["sha256-*.sig"])) == 1)
        #expect(try covered(.init(include: ["/sha256-.*/"])) == 2)
        #expect(try covered(.init(include: ["sha256-*"], exclude: ["*.sig"])) == 1)
    }

    @Test func `terms go to text and back, and say nothing of what is empty`() throws {
        let empty = TagRuleTerms(repositories: .init(include: [], exclude: []), tags: .init(), roles: [])
        #expect(try empty.text() == "{}")
        let full = TagRuleTerms(
            repositories: .init(include: ["team/**"]),
            tags: .init(include: ["semver:1.x", "/a|b/"], exclude: ["*-rc"]),
            roles: ["maintainer"]
        )
        #expect(try TagRuleTerms(reading: full.text()) == full)
        #expect(throws: TagRuleTerms.Problem.self) { try rule(tags: .init(include: ["/(/"])) }
        #expect(throws: TagRuleTerms.Problem.self) { try rule(tags: .init(exclude: ["semver:x y z"])) }
        #expect(throws: TagRuleTerms.Problem.self) { try rule(.immutable, roles: ["writer"]) }
        let many = [String](repeating: "a", count: TagRuleTerms.patternCountMax + 1)
        #expect(throws: TagRuleTerms.Problem.self) { try rule(tags: .init(include: many)) }
    }

    // MARK: Verdicts

    private enum Step: String, CaseIterable {
        case make, move, same, delete

        var places: (String?, String?) {
            switch self {
            case .make: (nil, new)
            case .move: (old, new)
            case .same: (old, old)
            case .delete: (old, nil)
            }
        }
    }

    private func held(_ guards: TagGuards, isExempt: Bool = false) throws -> [String] {
        try Step.allCases.filter { step in
            let (from, to) = step.places
            let change = TagStep(
                try Tag("1"),
                in: try RepositoryName("team/app"),
                from: try from.map { try Digest($0) },
                to: try to.map { try Digest($0) }
            )
            return guards.judge(change) { _ in isExempt } != .free
        }.map(\.rawValue)
    }

    @Test func `what a rule or a lock holds depends on what the tag does and who does it`() throws {
        let lock = TagWord(by: "user:a", reason: "so")
        let (immutable, protected) = (try rule(), try rule(.protected))
        #expect(try held(TagGuards(rules: [])) == [])
        #expect(try held(TagGuards(rules: [immutable])) == ["move", "delete"])
        #expect(try held(TagGuards(rules: [immutable]), isExempt: true) == ["move", "delete"])
        #expect(try held(TagGuards(rules: [protected])) == ["make", "move", "delete"])
        #expect(try held(TagGuards(rules: [protected]), isExempt: true) == [])
        #expect(try held(TagGuards(rules: [protected, immutable]), isExempt: true) == ["move", "delete"])
        #expect(try held(TagGuards(rules: [], lock: lock), isExempt: true) == ["move", "delete"])
        #expect(try held(TagGuards(rules: [try rule(of: "other")])) == [])
    }

    @Test func `past broken glass a tag is free, and what would have held it is told`() throws {
        let (lock, glass) = (TagWord(by: "user:a", reason: "so"), TagWord(by: "user:b", reason: "leak"))
        let step = TagStep(try Tag("1"), in: try RepositoryName("team/app"), from: try Digest(old), to: nil)
        let both = TagGuards(rules: [try rule()], lock: lock, glass: glass)
        #expect(both.judge(step) { _ in false } == .broken(.lock(lock), glass))
        #expect(TagGuards(rules: [], glass: glass).judge(step) { _ in false } == .free)
        let ruled = TagGuards(rules: [try rule()], glass: glass)
        #expect(ruled.judge(step) { _ in false } == .broken(.rule(try rule()), glass))
    }
}

private let old = "sha256:" + String(repeating: "a", count: 64)
private let new = "sha256:" + String(repeating: "b", count: 64)
