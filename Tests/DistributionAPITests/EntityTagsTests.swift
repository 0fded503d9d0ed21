import NIOHTTP1
import OCI
import RegistryContract
import Testing

@testable import DistributionAPI

/// Digests that the tables of these tests name by a letter, and header fields written with them.
enum Sample {
    static let a = digest("a")
    static let b = digest("b")

    private static func digest(_ digit: Character) -> Digest {
        Digest(algorithm: .sha256, hash: Array(repeating: digit == "a" ? 0xAA : 0xBB, count: 32))
    }

    /// A header in which `$a` and `$b` stand for the digests.
    static func headers(_ fields: [(String, String)]) -> HTTPHeaders {
        HTTPHeaders(
            fields.map { ($0.0, $0.1.replacing("$a", with: a.description).replacing("$b", with: b.description)) }
        )
    }
}

/// What conditions of a request that reads come to, where the content is `$a`.
@Suite struct ReadingConditionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fields: [(String, String)]
        var outcome: Outcome

        init(_ outcome: Outcome, _ fields: (String, String)...) {
            self.fields = fields
            self.outcome = outcome
        }

        var testDescription: String { fields.map { "\($0.0): \($0.1)" }.joined(separator: "; ") }
    }

    /// What the client is answered with.
    enum Outcome: Sendable {
        case content, notModified, failed
    }

    @Test(arguments: [
        Case(.content),
        // If-None-Match: weak comparison, any of a list, `*` alone.
        Case(.notModified, ("If-None-Match", "\"$a\"")),
        Case(.notModified, ("If-None-Match", "W/\"$a\"")),
        Case(.notModified, ("if-none-match", "*")),
        Case(.notModified, ("If-None-Match", " *\t")),
        Case(.notModified, ("If-None-Match", "\"$b\", \"$a\"")),
        Case(.notModified, ("If-None-Match", "\"$b\",,\t\"$a\" ,")),
        Case(.notModified, ("If-None-Match", "\"$b\""), ("If-None-Match", "W/\"$a\"")),
        Case(.notModified, ("If-None-Match", "\"x,y\",\"$a\"")),
        Case(.notModified, ("If-None-Match", "$a")),
        Case(.content, ("If-None-Match", "\"$b\"")),
        Case(.content, ("If-None-Match", "")),
        Case(.content, ("If-None-Match", "\"\"")),
        Case(.content, ("If-None-Match", "\"*\"")),
        Case(.content, ("If-None-Match", "\"x,*,y\"")),
        Case(.content, ("If-None-Match", "\"x\", *")),
        Case(.content, ("If-None-Match", "*, *")),
        Case(.content, ("If-None-Match", "\"$a")),
        Case(.content, ("If-None-Match", "w/\"$a\"")),
        Case(.content, ("If-None-Match", "\" $a\"")),
        Case(.content, ("If-None-Match", "\"$a\u{301}\"")),
        // If-Match: strong comparison.
        Case(.content, ("If-Match", "\"$a\"")),
        Case(.content, ("If-Match", "*")),
        Case(.content, ("If-Match", "\"$b\",\"$a\"")),
        Case(.content, ("If-Match", "\"$b\""), ("If-Match", "\"$a\"")),
        Case(.failed, ("If-Match", "\"$b\"")),
        Case(.failed, ("If-Match", "W/\"$a\"")),
        Case(.failed, ("If-Match", "\"x,*,y\"")),
        Case(.failed, ("If-Match", "\"$b\", *")),
        Case(.failed, ("If-Match", "")),
        // If-Match goes first, then If-None-Match is looked at all the same.
        Case(.failed, ("If-None-Match", "\"$a\""), ("If-Match", "\"$b\"")),
        Case(.notModified, ("If-None-Match", "\"$a\""), ("If-Match", "\"$a\"")),
        Case(.content, ("If-None-Match", "\"$b\""), ("If-Match", "\"$a\"")),
        // Dates are of nothing here.
        Case(.content, ("If-Modified-Since", "Sat, 29 Oct 2099 19:43:31 GMT")),
        Case(.content, ("If-Unmodified-Since", "Sat, 29 Oct 1994 19:43:31 GMT")),
    ])
    func `the conditions of a request are looked at in the order of RFC 9110`(sample: Case) {
        let headers = Sample.headers(sample.fields)
        let outcome: Outcome
        do {
            outcome = try EntityTags.isNotModified(headers, Sample.a) ? .notModified : .content
        } catch {
            #expect(error as? RegistryError == RegistryError(.conditionFailed, ""))
            outcome = .failed
        }
        #expect(outcome == sample.outcome)
    }

    @Test(arguments: [
        ("\"$a\"", true), ("\"$b\"", false), ("W/\"$a\"", false), ("*", false), ("$a", false),
        ("\"$a\", \"$b\"", false),
        ("Sat, 29 Oct 2099 19:43:31 GMT", false), ("", false), ("\"$a\u{301}\"", false),
    ])
    func `If-Range holds for the one strong tag of the content alone`(value: String, applies: Bool) {
        #expect(EntityTags.rangeApplies(Sample.headers([("If-Range", value)]), Sample.a) == applies)
    }

    @Test func `a range without If-Range applies`() {
        #expect(EntityTags.rangeApplies([:], Sample.a))
    }

    /// Each of these takes a millisecond; where String compares combining marks it takes seconds.
    @Test(.timeLimit(.minutes(1)))
    func `long values of any characters are read in time`() throws {
        for piece in ["\u{301}\u{323}", "\"", ",", "W/", "\"\",", "*,", " "] {
            let headers = Sample.headers([("If-None-Match", String(repeating: piece, count: 100_000))])
            #expect(try !EntityTags.isNotModified(headers, Sample.a))
            _ = try EntityTags.condition(headers)
        }
    }
}

/// What conditions of a push or deletion of a tag come to.
@Suite struct WritingConditionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fields: [(String, String)]
        var condition: TagCondition?

        init(_ condition: TagCondition?, _ fields: (String, String)...) {
            self.fields = fields
            self.condition = condition
        }

        var testDescription: String { fields.map { "\($0.0): \($0.1)" }.joined(separator: "; ") }
    }

    @Test(arguments: [
        Case(TagCondition.none),
        Case(.absent, ("If-None-Match", "*")),
        Case(.noneOf([Sample.a]), ("If-None-Match", "\"$a\"")),
        Case(.noneOf([Sample.a, Sample.b]), ("If-None-Match", "W/\"$a\", \"$b\"")),
        Case(TagCondition.none, ("If-None-Match", "\"x,*,y\"")),
        Case(.present, ("If-Match", "*")),
        Case(.pointsTo(Sample.a), ("If-Match", "\"$a\"")),
        Case(.pointsTo(Sample.a), ("If-Match", "$a")),
        Case(.oneOf([Sample.a, Sample.b]), ("If-Match", "\"$a\",\"$b\"")),
        Case(.oneOf([Sample.a, Sample.b]), ("If-Match", "\"$a\""), ("If-Match", "\"x\",\"$b\"")),
        Case(.pointsTo(Sample.b), ("If-Match", "W/\"$a\",\"$b\"")),
        Case(nil, ("If-Match", "W/\"$a\"")),
        Case(nil, ("If-Match", "\"x\"")),
        Case(nil, ("If-Match", "")),
        // Both must hold.
        Case(.oneOf([]), ("If-Match", "\"$a\""), ("If-None-Match", "*")),
        Case(.oneOf([]), ("If-Match", "*"), ("If-None-Match", "*")),
        Case(.pointsTo(Sample.b), ("If-Match", "\"$a\",\"$b\""), ("If-None-Match", "\"$a\"")),
        Case(.noneOf([nil, Sample.a]), ("If-Match", "*"), ("If-None-Match", "\"$a\"")),
    ])
    func `the conditions of a request become one condition on the tag`(sample: Case) throws {
        let headers = Sample.headers(sample.fields)
        guard let condition = sample.condition else {
            #expect(throws: RegistryError(.conditionFailed, "")) { try EntityTags.condition(headers) }
            return
        }
        #expect(try EntityTags.condition(headers) == condition)
    }
}
