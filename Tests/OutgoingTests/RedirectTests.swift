import NIOCore
import Testing

@testable import Outgoing

@Suite struct RedirectRulesTests {
    private func next(
        _ request: OutgoingRequest,
        _ status: Int,
        _ location: String?
    ) throws -> OutgoingRequest? {
        var rules = RedirectRules()
        switch try rules.next(after: request, status: status, location: location) {
        case .deliver: return nil
        case .follow(let next): return next
        }
    }

    private func request(_ method: OutgoingMethod, _ url: String = "https://a.example/x") throws -> OutgoingRequest {
        OutgoingRequest(
            method,
            try OutgoingURL(url),
            headers: ["Authorization": "Bearer t", "Cookie": "c", "Accept": "*/*", "Content-Type": "text/plain"],
            body: method == .post ? .bytes([1]) : .none,
            redirects: .followed
        )
    }

    @Test(arguments: [
        (301, OutgoingMethod.get, "GET"), (302, .get, "GET"), (303, .get, "GET"), (307, .get, "GET"),
        (308, .get, "GET"),
        (301, .post, "GET"), (302, .post, "GET"), (303, .post, "GET"), (307, .post, "POST"), (308, .post, "POST"),
        (301, .head, "HEAD"), (303, .head, "HEAD"), (303, .put, "GET"), (302, .put, "PUT"), (302, .delete, "DELETE"),
    ])
    func `the method is kept, or becomes GET without a body`(status: Int, method: OutgoingMethod, expected: String)
        throws
    {
        let next = try #require(try next(try request(method), status, "/y"))
        #expect(next.method.description == expected)
        #expect(next.url.description == "https://a.example/y")
        #expect((next.body.transported == nil) == (expected != "POST"))
        if expected == "GET" && method != .get { #expect(next.headers["content-type"] == nil) }
    }

    @Test func `what is no redirect, or was not consented to, is the answer`() throws {
        for status in [200, 300, 304, 305, 306, 404] { #expect(try next(try request(.get), status, "/y") == nil) }
        #expect(try next(try request(.get), 302, nil) == nil)
        var refused = try request(.get)
        refused.redirects = .delivered
        #expect(try next(refused, 302, "/y") == nil)
    }

    @Test(arguments: [
        ("https://a.example/y", true), ("https://A.example:443/y", true), ("/y", true), ("https://b.example/y", false),
        ("https://a.example:8443/y", false), ("https://www.a.example/y", false),
    ])
    func `what lets the bearer in stays with its server`(location: String, isKept: Bool) throws {
        let next = try #require(try next(try request(.get), 307, location))
        #expect((next.headers["authorization"] != nil) == isKept)
        #expect((next.headers["cookie"] != nil) == isKept)
        #expect(next.headers["accept"] == "*/*")
    }

    @Test func `from http to https the bearer is left behind as well`() throws {
        let next = try #require(try next(try request(.get, "http://a.example/x"), 301, "https://a.example/x"))
        #expect(next.headers["authorization"] == nil)
    }

    @Test(arguments: [
        "http://a.example/", "http://b.example/", "file:///etc/passwd", "https://u:p@a.example/", "https://",
    ])
    func `what is not safe is not followed`(location: String) throws {
        #expect(throws: OutgoingError(.redirectForbidden, "")) { try next(try request(.get), 302, location) }
    }

    @Test func `a socket redirects only to itself`() throws {
        let here = OutgoingTarget.unixSocket(path: "/s")
        let request = OutgoingRequest(.get, try OutgoingURL(here, path: "/x"), redirects: .followed)
        let near = try OutgoingURL(here, path: "/y")
        #expect(try next(request, 302, "/y")?.url == near)
        #expect(throws: OutgoingError(.redirectForbidden, "")) { try next(request, 302, "http://a.example/") }
    }

    @Test func `a stream cannot be sent again`() throws {
        var request = try request(.put)
        request.body = .stream(byteCount: 0, AsyncStream<ByteBuffer> { $0.finish() })
        #expect(throws: OutgoingError(.redirectForbidden, "")) { try next(request, 307, "/y") }
        #expect(try next(request, 303, "/y")?.method == .get)
    }

    @Test func `five redirects are followed, and no sixth`() throws {
        var rules = RedirectRules()
        for _ in 0..<5 { _ = try rules.next(after: try request(.get), status: 302, location: "/x") }
        #expect(throws: OutgoingError(.redirectForbidden, "")) {
            try rules.next(after: try request(.get), status: 302, location: "/x")
        }
    }
}
