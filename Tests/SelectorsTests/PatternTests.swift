import Foundation
import RegistryTesting
import Selectors
import Testing

@Suite("Regular expressions for names")
struct PatternTests {
    @Test(
        "A pattern matches these names and not those",
        arguments: [
            ("a", "a", "aa b A"),
            ("abc", "abc", "ab abcd xabc"),
            ("a.c", "abc a.c a/c", "ac abbc"),
            (#"a\.c"#, "a.c", "abc"),
            ("v?1", "v1 1", "vv1 11"),
            ("a*", "a aa aaaa", "b ab ba"),
            ("a+b", "ab aab", "b a abb"),
            ("(ab)+", "ab abab", "a aba"),
            ("(?:ab|cd)*x", "x abx cdabx", "ax cx abcd"),
            ("a|bc|", "a bc", "ab b abc"),
            ("a{3}", "aaa", "aa aaaa"),
            ("a{2,}", "aa aaaaaa", "a"),
            ("a{1,3}", "a aa aaa", "aaaa b"),
            ("a{0}b", "b", "ab"),
            ("(a{2}){2}", "aaaa", "aaa aaaaa aa"),
            ("[a-c]x", "ax bx cx", "dx x -x"),
            ("[^a-c]x", "dx -x", "ax bx"),
            ("[a-]", "a -", "b"),
            (#"[\]\\-]"#, #"] \ -"#, "a ["),
            (#"[\d_]+"#, "1 _ 1_2", "a 1a"),
            (#"\d+\.\d+"#, "1.2 10.20", "1 .2 1.2.3"),
            (#"\w+"#, "a_1 Z", "a-b a."),
            (#"\D\W"#, "a- --", "1- aa"),
            ("^a$", "a", "aa"),
            ("(^a|b)c$", "ac bc", "c ab"),
            ("a^b", "", "ab a^b"),
            ("a$b", "", "ab a$b"),
            ("(a*)*", "a aaaa", "b"),
            ("(a|aa)+", "a aa aaaaa", "ab"),
            ("(|a)+b", "b ab aaab", "a"),
            (#"v\d+\.\d+\.\d+(-(rc|beta)\.\d+)?"#, "v1.2.3 v1.2.3-rc.1", "1.2.3 v1.2 v1.2.3-alpha.1"),
            (#"team-[a-z]+/(app|web)(/.+)?"#, "team-x/app team-x/web/y/z", "team-/app team-x/api teams/app"),
        ]
    )
    func tables(pattern: String, matching: String, others: String) throws {
        let read = try Pattern(pattern)
        for name in matching.split(separator: " ") { #expect(read.matches(String(name)), "\(pattern) and \(name)") }
        for name in others.split(separator: " ") { #expect(!read.matches(String(name)), "\(pattern) and \(name)") }
        #expect(read.description == pattern)
    }

    @Test(
        "What is no pattern is refused with the reason",
        arguments: [
            ("", .empty), (String(repeating: "a", count: 513), .tooLong),
            ("(", .unbalanced(0)), ("a)", .unbalanced(1)), ("[a", .unbalanced(0)), ("a]", .unbalanced(1)),
            ("a\\", .unbalanced(1)), ("a}", .unbalanced(1)), ("((a)", .unbalanced(0)),
            ("*", .nothingToRepeat(0)), ("a|+", .nothingToRepeat(2)), ("(?:?)", .nothingToRepeat(3)),
            ("{2}", .nothingToRepeat(0)),
            ("a{", .badRepetition(1)), ("a{x}", .badRepetition(1)), ("a{2", .badRepetition(1)),
            ("a{3,2}", .badRepetition(1)), ("a{257}", .badRepetition(1)),
            ("a{99999999999999999999}", .badRepetition(1)), ("a{1,999999}", .badRepetition(1)),
            ("[]", .badClass(0)), ("[z-a]", .badClass(0)), (#"[a-\d]"#, .badClass(0)),
            (#"(a)\1"#, .unsupported(3)), ("(?=a)", .unsupported(0)), ("(?<n>a)", .unsupported(0)),
            (#"\b"#, .unsupported(0)),
            ("a b", .strangeByte(1)), ("é", .strangeByte(0)), ("a\n", .strangeByte(1)),
            ("((a{200}){200}){200}", .tooLarge),
            (String(repeating: "(", count: 33) + "a" + String(repeating: ")", count: 33), .tooDeep),
        ] as [(String, Pattern.ParseError)]
    )
    func refused(pattern: String, reason: Pattern.ParseError) {
        #expect(throws: reason) { try Pattern(pattern) }
    }

    @Test(
        "No pattern takes long",
        .timeLimit(.minutes(1)),
        arguments: [
            "(a*)*b", "(a|a)*b", "(a+)+$b", "(a|aa)+b", "(a{0,49}){0,49}b", "(((a*)*)*)*b", "(.*)(.*)(.*)(.*)b",
        ]
    )
    func hostile(pattern: String) throws {
        let read = try Pattern(pattern)
        let name = String(repeating: "a", count: 255)
        for _ in 0..<20 { #expect(!read.matches(name)) }
        #expect(pattern.contains("$") || read.matches(name + "b"))
    }

    @Test("Matches what another engine matches")
    func reference() throws {
        var random = SeededGenerator(seed: TestSeed.run)
        for _ in 0..<3000 {
            let text = Self.pattern(depth: 3, using: &random)
            let read = try Pattern(text)
            let other = try NSRegularExpression(pattern: "\\A(?:\(text))\\z")
            for _ in 0..<8 {
                let name = String((0..<Int.random(in: 0...6, using: &random)).map { _ in Self.letter(&random) })
                let range = NSRange(location: 0, length: name.utf16.count)
                let expected = other.firstMatch(in: name, range: range) != nil
                #expect(read.matches(name) == expected, "\(text) and \"\(name)\", TEST_SEED=\(TestSeed.run)")
            }
        }
    }

    private static func letter(_ random: inout SeededGenerator) -> Character {
        "abc-".randomElement(using: &random) ?? "a"
    }

    private static func pattern(depth: Int, using random: inout SeededGenerator) -> String {
        func part(_ random: inout SeededGenerator) -> String { pattern(depth: depth - 1, using: &random) }
        guard depth > 0 else {
            let atoms = ["a", "b", "c", "-", ".", "[ab]", "[^a]", "[a-c]", #"\w"#, #"\W"#, "^", "$"]
            return atoms.randomElement(using: &random) ?? "a"
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            return "(?:" + part(&random) + ")"
                + (["?", "*", "+", "{2}", "{1,3}", "{0,}"].randomElement(using: &random) ?? "")
        case 1: return "(" + part(&random) + "|" + part(&random) + ")"
        case 2, 3: return part(&random) + part(&random)
        default: return part(&random)
        }
    }
}
