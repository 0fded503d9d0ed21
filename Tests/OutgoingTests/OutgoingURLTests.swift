import Testing

@testable import Outgoing

@Suite struct OutgoingURLTests {
    @Test(arguments: [
        ("https://Registry.Example", OutgoingTarget.https(host: "registry.example", port: 443), "/"),
        ("http://h:5000/v2/?n=1#part", .http(host: "h", port: 5000), "/v2/?n=1"),
        ("HTTP://h?x=/y", .http(host: "h", port: 80), "/?x=/y"),
        ("https://[FD00::1]:8443/a", .https(host: "fd00::1", port: 8443), "/a"),
        ("http://under_score.example./", .http(host: "under_score.example.", port: 80), "/"),
        ("http://h/a b|ü%2Fc", .http(host: "h", port: 80), "/a%20b%7C%C3%BC%2Fc"),
        ("http://h//double", .http(host: "h", port: 80), "//double"),
        ("http://h/a#\u{301}b", .http(host: "h", port: 80), "/a"),
    ])
    func `a URL is read`(text: String, target: OutgoingTarget, path: String) throws {
        let url = try OutgoingURL(text)
        #expect(url.target == target)
        #expect(url.pathAndQuery == path)
    }

    @Test(arguments: [
        "", "registry.example", "ftp://h/", "http://", "http:///x", "http://user@h/", "http://a:b@h/", "http://h:0/",
        "http://h:65536/", "http://h:-1/", "http://h:5:6/", "http://[::1/", "http://[127.0.0.1]/",
        "http://[fe80::1%25e]/",
        "http://ex ample/", "http://exämple/", "http://h%2e/", "http://h\\@evil/", "http://.h/", "http://h/\r\nX: y",
        "http://h/%", "http://h/%2", "http://h/%zz", "http://h/\u{7F}",
    ])
    func `what has no one reading is refused`(text: String) {
        #expect(throws: OutgoingURL.ParseError.self) { try OutgoingURL(text) }
    }

    /// The examples of RFC 3986 section 5.4 that are about HTTP.
    @Test(arguments: [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
        ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../../../g", "http://a/g"),
        ("/../g", "http://a/g"), ("./g/.", "http://a/b/c/g/"), ("g/../h", "http://a/b/c/h"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("https://x:1/y", "https://x:1/y"),
    ])
    func `a reference is resolved`(reference: String, expected: String) throws {
        let base = try OutgoingURL("http://a/b/c/d;p?q")
        let resolved = try base.resolving(reference)
        #expect(try resolved == OutgoingURL(expected))
    }

    @Test func `a reference to another scheme is refused`() throws {
        let base = try OutgoingURL("http://a/")
        for reference in ["file:///etc/passwd", "javascript:x", "http+unix://%2Frun%2Fdocker.sock/"] {
            #expect(throws: OutgoingURL.ParseError.self) { try base.resolving(reference) }
        }
    }

    @Test func `no secret prints`() throws {
        let url = try OutgoingURL("https://s3.example/blob?X-Amz-Signature=hunter2")
        let request = OutgoingRequest(
            .get,
            url,
            headers: ["Authorization": "Bearer hunter2", "accept": "*/*", "Location": "https://x/y?sig=hunter2"]
        )
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped, "\(request.headers.fields)"] {
            #expect(!text.contains("hunter2") && text.contains("accept: */*"))
        }
        let proxy = try OutgoingProxy("http://user:hunter2@proxy:1", from: "http_proxy")
        dumped = ""
        dump(proxy, to: &dumped)
        #expect(!"\(proxy) \(String(reflecting: proxy)) \(dumped)".contains("hunter2"))
    }
}
