import DistributionGrammar
import OCI
import Testing

/// Paths, queries and methods that no endpoint has.
@Suite struct RefusedRequestTests {
    @Test(arguments: [
        "", "/", "/v1/", "/v", "v2/", "/v22/", "/v2x", "/V2/", "//v2/", "/v2//", "/v2/.", "/v2/a", "/v2/a/b",
        "/v2/a/b/c", "/v2/_catalog/", "/v2/_catalog/x", "/v2/_Catalog", "/v2/manifests/x", "/v2/tags/list",
        "/v2/blobs/uploads/", "/v2/blobs/uploads", "/v2/blobs/sha256:x", "/v2/referrers/x", "/v2/a/tags", "/v2/a/tags/",
        "/v2/a/tags/List", "/v2/a/tags/list/", "/v2/a/tags/list/x", "/v2/a/manifests", "/v2/a/manifests/x/y",
        "/v2/a/blobs/uploads/x/y", "/v2/a/uploads/x", "/v2/a/Manifests/x", "/v2/a/manifests/x/", "/v2\\a\\manifests\\x",
        "/v2\u{301}/a/manifests/x", "/v2/a\u{301}", "/v2\u{301}", "/v2%2Fa", "*", "http://x/v2/",
        "/v2/a/manifests\u{301}/x", "/v2/_wharf/tags/x/history", "/v2/a/_wharf/tags/x", "/v2/a/_wharf/tags/x/History",
        "/v2/a/tags/x/history", "/v2/a/_Wharf/tags/x/history", "/v2/a/_wharf/tags/x/history/",
    ])
    func `a path of no endpoint is refused as such`(target: String) {
        for method in ["GET", "PUT", "BREW"] {
            #expect(throws: GrammarError.noEndpoint) { try Sample.read(method, target) }
        }
    }

    @Test(arguments: [
        ("/v2/", ["GET", "HEAD"]), ("/v2/_catalog", ["GET", "HEAD"]), ("/v2/a/tags/list", ["GET", "HEAD"]),
        ("/v2/a/referrers/\(Sample.digestText)", ["GET", "HEAD"]), ("/v2/a/_wharf/tags/x/history", ["GET", "HEAD"]),
        ("/v2/a/manifests/x", ["GET", "HEAD", "PUT", "DELETE"]),
        ("/v2/a/blobs/\(Sample.digestText)", ["GET", "HEAD", "DELETE"]), ("/v2/a/blobs/uploads/", ["POST"]),
        ("/v2/a/blobs/uploads", ["POST"]),
        ("/v2/a/blobs/uploads/\(Sample.uploadText)", ["GET", "HEAD", "PATCH", "PUT", "DELETE"]),
    ])
    func `a method that the endpoint does not have is refused with those that it has`(target: String, allowed: [String])
    {
        for method in ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "get", "", "G\u{301}ET"] {
            guard !allowed.contains(method) else {
                let query = method == "PUT" && target.contains("uploads") ? "?digest=\(Sample.digestText)" : ""
                #expect(throws: Never.self, "\(method) \(target)") { try Sample.read(method, target + query) }
                continue
            }
            #expect(throws: GrammarError.method(allowed: allowed)) { try Sample.read(method, target) }
        }
    }

    @Test(
        arguments: [
            ("..", ".."), ("a/..", "a/.."), ("a/../b", "a/../b"), (".", "."), ("", ""), ("a/", "a/"), ("a//b", "a//b"),
            ("A", "A"), ("%2e%2e", ".."), ("%2E%2e/%2e%2e/x", "../../x"), ("a%2Fb", "/a/b/tags/list"),
            ("..%2f..%2fetc", "/../../etc/tags/list"), ("%2F", "///tags/list"), ("a%00", "a\0"), ("%C3%A9", "é"),
            ("a%20b", "a b"), ("a%252Fb", "a%2Fb"), ("..%5C..%5Cx", "..\\..\\x"), ("\u{301}a", "\u{301}a"),
            ("a/%CC%81b", "a/\u{301}b"), ("a?", nil), ("a%0d%0ax", "a\r\nx"),
        ] as [(String, String?)]
    )
    func `a name outside of the grammar is refused with what it was decoded to`(name: String, decoded: String?) {
        let reason = decoded.map { GrammarError.name($0) } ?? .noEndpoint
        #expect(throws: reason) { try Sample.read("GET", "/v2/\(name)/tags/list") }
    }

    @Test(arguments: [
        "/v2/a/manifests/%", "/v2/a/manifests/x%", "/v2/a/manifests/x%1", "/v2/a/manifests/%zz", "/v2/%+1/tags/list",
        "/v2/a/manifests/%FF", "/v2/a/manifests/%C3%28", "/v2/a/manifests/%ED%A0%80", "/v2/%0g/tags/list",
        "/v2/a/tags/list?n=%", "/v2/a/tags/list?%zz=1", "/v2/a/tags/list?last=%C3", "/v2/?%",
        "/v2/a/tags/list?\(String(repeating: "a&", count: 1101))",
    ])
    func `what is not well encoded is refused`(target: String) {
        #expect(throws: GrammarError.encoding) { try Sample.read("GET", target) }
    }

    @Test(arguments: [
        "..", ".x", "-x", "a+b", "%2e%2e", "a%20", "é", String(repeating: "t", count: 129), "%00", "x\u{301}", "",
    ])
    func `a tag outside of the grammar is refused with what it was decoded to`(tag: String) throws {
        let decoded = try #require(PercentEncoding.decode(tag[...]))
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            #expect(throws: GrammarError.tag(decoded)) { try Sample.read(method, "/v2/a/manifests/\(tag)") }
        }
        #expect(throws: GrammarError.tag(decoded)) { try Sample.read("GET", "/v2/a/_wharf/tags/\(tag)/history") }
        #expect(throws: GrammarError.tag(decoded)) { try Sample.read("PUT", "/v2/a/manifests/x?tag=ok&tag=\(tag)") }
    }

    @Test(
        arguments: [
            ("md5:00", .unknownAlgorithm("md5")), ("sha256:00", .wrongLength(expected: 64, found: 2)),
            ("sha256:" + String(repeating: "G", count: 64), .notHexadecimal), ("sha256", .malformed), ("", .malformed),
            ("sha256:", .malformed), ("sha256%00:x", .malformed), ("..", .malformed), ("sha256\u{301}:x", .malformed),
        ] as [(String, Digest.ParseError)]
    )
    func `a digest that is none is refused with the reason`(text: String, reason: Digest.ParseError) throws {
        let decoded = try #require(PercentEncoding.decode(text[...]))
        let expected = GrammarError.digest(decoded, reason)
        #expect(throws: expected) { try Sample.read("GET", "/v2/a/blobs/\(text)") }
        #expect(throws: expected) { try Sample.read("GET", "/v2/a/referrers/\(text)") }
        #expect(throws: expected) { try Sample.read("POST", "/v2/a/blobs/uploads/?digest=\(text)") }
        #expect(throws: expected) { try Sample.read("POST", "/v2/a/blobs/uploads/?mount=\(text)&from=b") }
        #expect(throws: expected) { try Sample.read("PUT", "/v2/a/blobs/uploads/\(Sample.uploadText)?digest=\(text)") }
        if text.contains(":") { #expect(throws: expected) { try Sample.read("GET", "/v2/a/manifests/\(text)") } }
    }

    @Test(arguments: [
        "x", "12345678-9abc-4def-8123-456789abcde", "12345678-9abc-4def-8123-456789abcdef0",
        "12345678-9ABC-4DEF-8123-456789ABCDEF", "123456789abc-4def-8123-456789abcdef-", "..", "%2e%2e",
        "12345678_9abc_4def_8123_456789abcdef", "12345678-9abc-4def-8123-456789abcde\u{301}", "----",
    ])
    func `an upload that was never begun is refused`(id: String) {
        for method in ["GET", "PATCH", "PUT", "DELETE"] {
            #expect(throws: GrammarError.uploadID) { try Sample.read(method, "/v2/a/blobs/uploads/\(id)?digest=x") }
        }
    }

    @Test func `parameters that are needed or out of bounds are refused by name`() {
        let upload = "/v2/a/blobs/uploads/\(Sample.uploadText)"
        #expect(throws: GrammarError.missingParameter("digest")) { try Sample.read("PUT", upload) }
        #expect(throws: GrammarError.missingParameter("digest")) { try Sample.read("PUT", upload + "?Digest=x") }
        #expect(throws: GrammarError.name("A")) { try Sample.read("POST", "/v2/a/blobs/uploads/?from=A") }
        #expect(throws: GrammarError.digest("md5", .unknownAlgorithm("md5"))) {
            try Sample.read("POST", "/v2/a/blobs/uploads/?digest-algorithm=md5")
        }
        let tags = (0...1000).map { "tag=t\($0)" }.joined(separator: "&")
        #expect(throws: GrammarError.tooManyTags) { try Sample.read("PUT", "/v2/a/manifests/x?\(tags)") }
    }

    @Test(arguments: ["", "x", "-1", "+1", "1.0", "1e3", " 1", "0x1", "%2B1", "१", "1,000"])
    func `a page size that is no whole number is refused`(text: String) throws {
        let decoded = try #require(PercentEncoding.decode(text[...]))
        for path in ["/v2/_catalog", "/v2/a/tags/list", "/v2/a/referrers/\(Sample.digestText)"] {
            #expect(throws: GrammarError.pageSize(decoded)) { try Sample.read("GET", "\(path)?n=\(text)") }
        }
    }

    /// Each of these takes a millisecond; where String compares combining marks it takes seconds.
    @Test(.timeLimit(.minutes(1)))
    func `long targets of any characters are read in time`() {
        let marks = String(repeating: "\u{301}\u{323}", count: 100_000)
        let encoded = String(repeating: "%CC%81%CC%A3", count: 100_000)
        for text in [marks, encoded, String(repeating: "a/", count: 400_000), String(repeating: "=", count: 400_000)] {
            for target in [
                text, "/v2/\(text)", "/v2/\(text)/tags/list", "/v2/a/manifests/\(text)", "/v2/a/tags/\(text)",
            ] {
                #expect(throws: GrammarError.self) { try Sample.read("GET", target) }
            }
            let query = "?\(text)=1&n=1&last=\(text)&artifactType=\(text)"
            #expect(throws: Never.self) { try Sample.read("GET", "/v2/a/referrers/\(Sample.digestText)\(query)") }
            #expect(throws: GrammarError.self) {
                try Sample.read("POST", "/v2/a/blobs/uploads/?digest-algorithm=\(text)")
            }
        }
    }

    @Test func `messages stay short, whatever the client wrote`() {
        let long = String(repeating: "a\u{301}\u{323}", count: 10_000)
        let targets = [
            "/v2/\(long)/tags/list", "/v2/%2F\(long)/tags/list", "/v2/a/manifests/\(long)", "/v2/a/manifests/:\(long)",
            "/v2/a/blobs/\(long)", "/v2/a/tags/list?n=\(long)",
        ]
        for target in targets {
            #expect { try Sample.read("GET", target) } throws: { "\($0)".unicodeScalars.count < 1000 }
        }
    }
}
