import Foundation
import Testing

@testable import RegistryClient

@Suite("Header fields of answers")
struct FieldTests {
    typealias Challenge = AuthenticationChallenge

    static let challenges: [([String], [Challenge])] = [
        ([], []),
        (["Basic"], [Challenge(scheme: "basic")]),
        (
            [#"Bearer realm="https://a.example/token",service="s",scope="repository:a/b:pull,push""#],
            [
                Challenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://a.example/token", "service": "s", "scope": "repository:a/b:pull,push",
                    ]
                )
            ]
        ),
        (
            [#"bEaReR realm = "x" , Service=y, basic realm="z""#],
            [
                Challenge(scheme: "bearer", parameters: ["realm": "x", "service": "y"]),
                Challenge(scheme: "basic", parameters: ["realm": "z"]),
            ]
        ),
        (
            [#"Negotiate, Basic realm="a \"b\" \\ c, d=e""#],
            [
                Challenge(scheme: "negotiate"), Challenge(scheme: "basic", parameters: ["realm": #"a "b" \ c, d=e"#]),
            ]
        ),
        (
            ["Negotiate YIIB/+==, Digest realm=r, nonce=n", #"Basic realm="1", realm="2""#],
            [
                Challenge(scheme: "negotiate"), Challenge(scheme: "digest", parameters: ["realm": "r", "nonce": "n"]),
                Challenge(scheme: "basic", parameters: ["realm": "1"]),
            ]
        ),
        ([#"Basic realm="not closed"#], [Challenge(scheme: "basic")]),
        ([", ,Basic realm=a,,"], [Challenge(scheme: "basic", parameters: ["realm": "a"])]),
        (["=", "Basic realm="], [Challenge(scheme: "basic")]),
    ]

    @Test("WWW-Authenticate is read with all its challenges", arguments: challenges)
    func challenge(fields: [String], expected: [Challenge]) {
        #expect(Challenge.parse(fields) == expected)
    }

    @Test("Challenges without end are read up to a limit")
    func manyChallenges() {
        let field = String(repeating: "Basic realm=a, ", count: 100_000)
        #expect(Challenge.parse([field, field]).count == Challenge.countMax)
        let parameters = (0..<10_000).map { "a\($0)=b" }.joined(separator: ",")
        #expect(Challenge.parse(["Basic " + parameters])[0].parameters.count == Challenge.parameterCountMax)
    }

    @Test(
        "The next page is the link that says so",
        arguments: [
            ([#"</v2/_catalog?last=a&n=1>; rel="next""#], "/v2/_catalog?last=a&n=1"),
            ([#"<https://h.example/v2/x>;rel=next"#], "https://h.example/v2/x"),
            ([#"<a>; rel="prev", <b,c>; title="x, y"; REL="last NEXT""#], "b,c"),
            (["<a>; rel=prev", "<b>; rel=next"], "b"),
            (["<a>", "<b", "a; rel=next", ""], nil),
        ] as [([String], String?)]
    )
    func link(fields: [String], expected: String?) {
        #expect(LinkField.next(fields) == expected)
    }

    @Test(
        "A Content-Range is read, or refused whole",
        arguments: [
            ("bytes 0-99/1000", ContentRange("bytes 0-99/1000"), 0, 100, 1000),
            ("Bytes 5-5/*", ContentRange("Bytes 5-5/*"), 5, 6, nil),
        ] as [(String, ContentRange?, Int64, Int64, Int64?)]
    )
    func contentRange(text: String, range: ContentRange?, first: Int64, end: Int64, total: Int64?) {
        #expect(range?.range == first..<end)
        #expect(range?.byteCount == total)
        for wrong in ["bytes 5-4/10", "bytes 0-9/9", "bytes */10", "0-9/10", "bytes 0-9", "bytes -1-9/10", ""] {
            #expect(ContentRange(wrong) == nil)
        }
    }

    @Test(
        "Where an upload stands is read from its Range",
        arguments: [
            ("0-999", false, 1000), ("bytes=0-999", false, 1000), ("0-0", false, 0), ("0-0", true, 1),
            ("5-9", false, nil),
            ("0--1", false, nil), ("0-9223372036854775807", false, nil), (nil, true, nil),
        ] as [(String?, Bool, Int64?)]
    )
    func uploadOffset(field: String?, isOneLikely: Bool, expected: Int64?) {
        #expect(UploadOffset.value(field, isOneLikely: isOneLikely) == expected)
    }

    @Test("Retry-After is a number of seconds or a date")
    func retryAfter() throws {
        let now = try #require(HTTPDate.date("Sun, 06 Nov 1994 08:49:37 GMT"))
        #expect(now.timeIntervalSince1970 == 784_111_777)
        #expect(RetryAfter.duration("120", now: now) == .seconds(120))
        #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:50:07 GMT", now: now) == .seconds(30))
        #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:40:00 GMT", now: now) == .zero)
        #expect(RetryAfter.duration("99999999999999999999999999", now: now) == .seconds(366 * 86_400))
        let wrongs = [
            nil, "", "soon", "-1", "Sun, 99 Nov 1994 08:40:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 9223372036854775807:00:00 GMT", "Sun, 06 Nov 1994 08:-9223372036854775808:00 GMT",
        ]
        for wrong in wrongs {
            #expect(RetryAfter.duration(wrong, now: now) == nil)
        }
    }

    @Test("A stranger's text is shown without control characters and not at length")
    func printable() {
        #expect(RemoteProblem.printable("a\u{1B}[31mb\nc\u{202E}d") == "a?[31mb c?d")
        #expect(RemoteProblem.printable(String(repeating: "x", count: 10_000)).count == 301)
    }
}
