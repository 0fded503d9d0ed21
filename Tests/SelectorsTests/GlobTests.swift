import RegistryTesting
import Selectors
import Testing

@Suite("Patterns of names")
struct GlobTests {
    @Test(
        "A pattern matches these names and not those",
        arguments: [
            ("*", "a team team/a a/b/c", ""),
            ("**", "a team team/a a/b/c", ""),
            ("team", "team", "tea teams team/a a/team team0"),
            ("team/a", "team/a", "team team/ab team/a/b xteam/a"),
            ("team/*", "team/a team/a-b team/a.b", "team team/a/b teams/a a/team/b team0 team-a"),
            ("team/**", "team/a team/a/b team/a/b/c", "team teams/a team-a a/team/b team0"),
            ("*/*", "a/b team/app", "a a/b/c"),
            ("**/x", "x a/x a/b/x", "ax a/ax x/a a/x/b"),
            ("**/x*", "x xa a/x a/b/xyz", "ax x/a a/x/b"),
            ("a/**/b", "a/b a/x/b a/x/y/b a/b/b", "a b a/bb ab a/x/yb xa/b a/b/c"),
            ("**/a/**", "a/x b/a/x b/c/a/x/y a/a", "a b/a x/y"),
            ("**/**", "a a/b a/b/c", ""),
            ("**/**/x", "x a/x a/b/x", "ax a/b"),
            ("a*", "a ab abc a-b a.b", "b ba a/b"),
            ("a*c", "ac abc abbc acc", "a c ab a/c abcd"),
            ("*a*", "a ba ab bab", "b b/a a/b"),
            ("*-*/app", "a-b/app a-/app", "app ab/app a-b/apps a/b-c/app"),
            ("a?c", "abc acc a-c", "ac abbc a/c"),
            ("?", "a b", "ab a/b"),
            ("???/?", "abc/d", "ab/d abc/de abcd/e ab"),
            ("?*", "a ab", "a/b"),
            ("a.b", "a.b", "axb ab"),
            ("a[b]", "a[b]", "ab"),
            ("Team", "Team", "team"),
        ]
    )
    func tables(pattern: String, matching: String, others: String) throws {
        let glob = try Glob(pattern)
        for name in matching.split(separator: " ") { #expect(glob.matches(String(name)), "\(pattern) and \(name)") }
        for name in others.split(separator: " ") { #expect(!glob.matches(String(name)), "\(pattern) and \(name)") }
        #expect(!glob.matches(""))
        #expect(glob.description == pattern)
    }

    @Test(
        "What is no pattern is refused with the reason",
        arguments: [
            ("", .empty), (String(repeating: "a", count: 513), .tooLong),
            ("/", .emptyComponent), ("/a", .emptyComponent), ("a/", .emptyComponent), ("a//b", .emptyComponent),
            ("**/", .emptyComponent), ("a**", .joinedDeepWildcard), ("**a", .joinedDeepWildcard),
            ("***", .joinedDeepWildcard), ("a/b**c/d", .joinedDeepWildcard), ("a b", .strangeByte),
            ("a\n", .strangeByte), ("\0", .strangeByte), ("é", .strangeByte), ("a\u{7F}", .strangeByte),
        ] as [(String, Glob.ParseError)]
    )
    func refused(pattern: String, reason: Glob.ParseError) {
        #expect(throws: reason) { try Glob(pattern) }
    }

    @Test("A pattern may have 512 bytes")
    func longest() throws {
        let text = String(repeating: "a", count: Glob.byteCountMax)
        #expect(try Glob(text).matches(text))
    }

    @Test("Names are compared byte by byte: what looks the same is not")
    func bytes() throws {
        #expect(try !Glob("a?").matches("a\u{301}"))
        #expect(try Glob("a??").matches("a\u{301}"))
        #expect(try !Glob("e*").matches("\u{E9}"))
    }

    @Test("The pattern of one name matches it alone, and has no wildcards")
    func exactly() throws {
        #expect(try Glob(exactly: "team/a.b").matches("team/a.b"))
        #expect(try !Glob(exactly: "team/a.b").matches("team/axb"))
        for text in ["*", "a/**", "a?"] {
            #expect(throws: Glob.ParseError.strangeByte) { try Glob(exactly: text) }
        }
        #expect(throws: Glob.ParseError.empty) { try Glob(exactly: "") }
    }

    @Test("The pattern for everything is the one that a lone star writes")
    func everything() throws {
        #expect(try Glob("*") == .everything)
        #expect(Glob.everything.matches("a/b/c"))
        #expect(!Glob.everything.matches(""))
    }

    @Test(
        "What all matching names begin with is told",
        arguments: [
            ("*", ""), ("**/x", ""), ("team", "team"), ("team/*", "team/"), ("team/**", "team/"), ("team-*", "team-"),
            ("a/**/b", "a/"), ("a?/b", "a"), ("?", ""),
        ]
    )
    func literalPrefix(pattern: String, prefix: String) throws {
        #expect(try Glob(pattern).literalPrefix == prefix)
    }

    @Test("No pattern takes long, however many ways there are through it")
    func time() throws {
        let stars = String(repeating: "*a", count: 255) + "*b"
        let deep = String(repeating: "**/a/", count: 102) + "b"
        #expect(stars.utf8.count == Glob.byteCountMax)
        let path = String(repeating: "a/", count: 127) + "a"
        let patterns = (try Glob(stars), try Glob(deep))
        let duration = ContinuousClock().measure {
            #expect(!patterns.0.matches(String(repeating: "a", count: 255)))
            #expect(!patterns.1.matches(path))
        }
        // Following one way after another would take longer than there is time.
        #expect(duration < .seconds(5))
    }

    private static let roundCount = TestSeed.count(40_000, soaking: 2_000_000, of: "random patterns")

    @Test("Any pattern matches what a plain reading of its components matches")
    func random() {
        let seed = TestSeed.run
        var random = SeededGenerator(seed: seed)
        var matchCount = 0
        for _ in 0..<Self.roundCount {
            let pattern = Self.text(of: "aab**?/", count: 1...9, &random)
            let name = Self.name(&random)
            let glob = try? Glob(pattern)
            let reference = ReferencePattern(pattern)
            let isMatch = glob?.matches(name)
            if isMatch != reference?.matches(name) {
                Issue.record("TEST_SEED=\(seed): \(pattern) and \(name)")
                return
            }
            if let glob, isMatch == true {
                matchCount += 1
                #expect(name.utf8.starts(with: glob.literalPrefix.utf8), "TEST_SEED=\(seed): \(pattern) and \(name)")
            }
        }
        #expect(matchCount > Self.roundCount / 100)
    }

    private static func name(_ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...4, using: &random)
        return (0..<count).map { _ in text(of: "aab", count: 1...3, &random) }.joined(separator: "/")
    }

    private static func text(of characters: String, count: ClosedRange<Int>, _ random: inout SeededGenerator) -> String
    {
        let characters = Array(characters)
        let count = Int.random(in: count, using: &random)
        return String((0..<count).map { _ in characters[Int.random(in: 0..<characters.count, using: &random)] })
    }
}
