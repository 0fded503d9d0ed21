import NIOHTTP1
import Testing

@testable import DistributionAPI

@Suite struct PathPrefixTests {
    @Test(arguments: [
        "/a", "/registry/of/ours", "/a-b._~1", "", "/" + String(repeating: "a", count: 255), "/a//b", "/..",
    ])
    func `a path without a slash at its end is a prefix`(text: String) {
        #expect(PathPrefix(text) != nil)
    }

    @Test(arguments: [
        "/", "//", "//host", "a", "a/b", "/a/", " /a", "/a b", "/a?b", "/a#b", "/a%2Fb", "/é", "/\u{301}a", "/a\r\nb",
        "http://host/a", "/<a>", "/a\"", "/" + String(repeating: "a", count: 256),
    ])
    func `what could be another host, a query or a header is no prefix, whoever says so`(text: String) {
        #expect(PathPrefix(text) == nil)
        let outside = PathPrefix.none.outside(["X-Forwarded-Prefix": text], target: "/v2/")
        #expect(outside == "")
    }

    /// A configured prefix, what a proxy says, the target, and what is then asked for and what Locations begin with.
    struct Case: Sendable {
        var configured: String
        var forwarded: String?
        var target: String
        var inside: String
        var outside: String
    }

    @Test(arguments: [
        Case(configured: "", forwarded: nil, target: "/v2/a", inside: "/v2/a", outside: ""),
        Case(configured: "", forwarded: "/x", target: "/v2/a", inside: "/v2/a", outside: "/x"),
        Case(configured: "", forwarded: "/", target: "/v2/a", inside: "/v2/a", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/r/v2/a", inside: "/v2/a", outside: "/r"),
        Case(configured: "/r", forwarded: nil, target: "/r", inside: "/r", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/r/", inside: "/", outside: "/r"),
        Case(configured: "/r", forwarded: nil, target: "/v2/a", inside: "/v2/a", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/rv2/a", inside: "/rv2/a", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/R/v2/a", inside: "/R/v2/a", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/r?/v2/a", inside: "/r?/v2/a", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/r/\u{301}v2", inside: "/\u{301}v2", outside: "/r"),
        Case(configured: "/r", forwarded: nil, target: "/r\u{301}/v2", inside: "/r\u{301}/v2", outside: ""),
        Case(configured: "/K", forwarded: nil, target: "/\u{212A}/v2", inside: "/\u{212A}/v2", outside: ""),
        Case(configured: "/r", forwarded: nil, target: "/r/r/v2/a", inside: "/r/v2/a", outside: "/r"),
        Case(configured: "/r", forwarded: "/x/y", target: "/r/v2/a", inside: "/v2/a", outside: "/x/y"),
    ])
    func `the prefix is taken off a target and put before Locations`(sample: Case) throws {
        let prefix = try #require(PathPrefix(sample.configured))
        var headers = HTTPHeaders()
        if let forwarded = sample.forwarded { headers.add(name: "X-Forwarded-Prefix", value: forwarded) }
        #expect(Array(prefix.strip(sample.target).utf8) == Array(sample.inside.utf8))
        #expect(prefix.outside(headers, target: sample.target) == sample.outside)
    }
}
