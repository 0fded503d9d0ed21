import RegistryTesting
import Selectors
import Testing

@Suite("Versions")
struct VersionTests {
    @Test func `come in the order of semver's own examples`() throws {
        let texts = [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0",
        ]
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        #expect(versions.map(\.description) == texts)
        for (left, one) in versions.enumerated() {
            for (right, other) in versions.enumerated() {
                #expect((one < other) == (left < right) && (one == other) == (left == right))
            }
        }
        #expect(SemanticVersion("1.0.0+a") == SemanticVersion("v1.0.0+b.07"))
    }

    @Test(arguments: [
        "", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+", "1.2.3-ü", "a.b.c", "-1.2.3",
        "1.2.-3", "V1.2.3", "1.2.99999999999999999999", "1.2.3 ", "1.2.3-a_b",
    ])
    func `are not everything with numbers in it`(text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    @Test(
        arguments: [
            ("3", "3.0.0"), ("3.19", "3.19.0"), ("v3", "3.0.0"), ("1.25-alpine", "1.25.0-alpine"), ("1.2.3", "1.2.3"),
            ("latest", nil), ("22.04", nil), ("1.2.3.4", nil), ("3-", nil), ("v", nil),
        ] as [(String, String?)]
    )
    func `are told from tags, of which numbers may be missing`(tag: String, version: String?) {
        #expect(SemanticVersion(tag: tag)?.description == version)
    }

    @Test(
        "are in a range or not",
        arguments: [
            ("1.2.3", "1.2.3", "1.2.4 1.2.2 1.2.3-rc.1"),
            ("=1.2.3", "1.2.3", "1.2.4"),
            ("1.2", "1.2.0 1.2.9", "1.3.0 1.1.9 1.3.0-rc.1 1.2.0-rc.1"),
            ("1", "1.0.0 1.9.9", "2.0.0 0.9.0"),
            ("1.2.x", "1.2.0 1.2.9", "1.3.0"),
            ("1.*", "1.0.0 1.9.0", "2.0.0"),
            ("*", "0.0.0 9.9.9", "1.0.0-rc.1"),
            ("^1.2", "1.2.0 1.9.9", "1.1.9 2.0.0 2.0.0-rc.1 1.3.0-rc.1"),
            ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0"),
            ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
            ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
            ("^0.0", "0.0.0 0.0.9", "0.1.0"),
            ("^0", "0.0.0 0.9.9", "1.0.0"),
            ("^1.x", "1.0.0 1.9.0", "2.0.0"),
            ("^*", "0.0.0 7.0.0", "7.0.0-rc.1"),
            ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
            ("~1.2", "1.2.0 1.2.9", "1.3.0"),
            ("~1", "1.0.0 1.9.9", "2.0.0"),
            (">=1 <2", "1.0.0 1.9.9", "0.9.9 2.0.0 2.0.0-rc.1"),
            (">= 1.2 < 1.4", "1.2.0 1.3.9", "1.4.0 1.1.0"),
            (">1.2", "1.3.0 2.0.0", "1.2.9"),
            (">1.2.3", "1.2.4", "1.2.3"),
            ("<=1.2", "1.2.9 0.1.0", "1.3.0"),
            ("<=1.2.3", "1.2.3", "1.2.4"),
            ("<v2", "1.9.9", "2.0.0"),
            ("1.2 - 1.4", "1.2.0 1.4.9", "1.5.0 1.1.0"),
            ("^1 || ^3", "1.5.0 3.0.0", "2.0.0 4.0.0"),
            (">=1.2.3-rc.1", "1.2.3-rc.1 1.2.3-rc.2 1.2.3 2.0.0", "1.2.3-beta.9 1.2.4-rc.1"),
            ("^1.2.3-beta.2", "1.2.3-beta.4 1.2.3", "1.2.4-beta.2 2.0.0 1.2.3-beta.1"),
            ("1.2.3-rc.1", "1.2.3-rc.1", "1.2.3"),
        ]
    )
    func ranges(text: String, inside: String, outside: String) throws {
        let range = try VersionRange(text)
        for name in inside.split(separator: " ") {
            #expect(range.contains(try #require(SemanticVersion(name))), "\(text) and \(name)")
        }
        for name in outside.split(separator: " ") {
            #expect(!range.contains(try #require(SemanticVersion(name))), "\(text) and \(name)")
        }
        #expect(range.description == text)
    }

    @Test(
        "What is no range is refused with the part that is none",
        arguments: [
            ("", .empty), ("  ", .empty), (String(repeating: "1", count: 257), .tooLong),
            ("latest", .malformed("latest")), ("^", .malformed("^")), ("1.2.3.4", .malformed("1.2.3.4")),
            (">=<1", .malformed(">=<1")), ("1 ||", .malformed("")), ("1.x.2", .malformed("1.x.2")),
            (">*", .malformed(">*")),
            ("^18446744073709551615", .malformed("^18446744073709551615")), ("1..2", .malformed("1..2")),
        ] as [(String, VersionRange.ParseError)]
    )
    func refused(text: String, reason: VersionRange.ParseError) {
        #expect(throws: reason) { try VersionRange(text) }
    }
}
