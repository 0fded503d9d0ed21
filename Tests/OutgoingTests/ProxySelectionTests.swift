import Testing

@testable import Outgoing

@Suite struct ProxySelectionTests {
    /// Variables, and which proxies http and https go through; `-` stands for none.
    @Test(arguments: [
        ([:], "-", "-"),
        (["http_proxy": "http://a:1"], "a:1", "-"),
        (["HTTP_PROXY": "http://a:1"], "a:1", "-"),
        (["https_proxy": "b:2"], "-", "b:2"),
        (["HTTPS_PROXY": "B:2"], "-", "b:2"),
        (["http_proxy": "a:1", "HTTP_PROXY": "x:9"], "a:1", "-"),
        (["http_proxy": "", "HTTP_PROXY": "x:9", "ALL_PROXY": "x:9"], "-", "x:9"),
        (["all_proxy": "c:3"], "c:3", "c:3"),
        (["ALL_PROXY": "c:3", "HTTPS_PROXY": "b:2"], "c:3", "b:2"),
        (["HTTP_PROXY": "evil:1", "REQUEST_METHOD": "GET"], "-", "-"),
        (["http_proxy": "a:1", "HTTPS_PROXY": "b:2", "REQUEST_METHOD": "GET"], "a:1", "b:2"),
        (["http_proxy": "proxy"], "proxy:1080", "-"),
        (["http_proxy": "http://[::1]:3128/"], "[::1]:3128", "-"),
    ])
    func `the environment names the proxies`(environment: [String: String], http: String, https: String) throws {
        let selection = try ProxySelection(environment: environment)
        let targets: [OutgoingTarget] = [.http(host: "h", port: 80), .https(host: "h", port: 443)]
        #expect(targets.map { selection.proxy(for: $0)?.description ?? "-" } == [http, https])
        #expect(selection.proxy(for: .unixSocket(path: "/s")) == nil)
    }

    @Test(arguments: [
        ("user:p%40ss:word@proxy:1", "user", "p@ss:word"), ("http://user@proxy:1", "user", ""),
        ("http://a@b:c@proxy:1", "a@b", "c"),
    ])
    func `a proxy may ask who comes`(text: String, user: String, password: String) throws {
        let proxy = try OutgoingProxy(text, from: "http_proxy")
        #expect(proxy.credentials == OutgoingCredentials(user: user, password: password))
        #expect(proxy.host == "proxy" && proxy.port == 1)
    }

    @Test(arguments: ["https://p:1", "socks5://p:1", "http://", "p:x", "p:70000", "u:%zz@p:1", "u:%+1@p:1"])
    func `what is no proxy is refused by the name of its variable, without its value`(text: String) {
        let error = #expect(throws: ProxySelection.ParseError.self) {
            try ProxySelection(environment: ["HTTPS_PROXY": text.replacing("u:", with: "u:hunter2")])
        }
        #expect(error?.description.hasPrefix("HTTPS_PROXY ") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `Basic is told as RFC 7617 has it`() {
        let known = OutgoingCredentials(user: "Aladdin", password: "open sesame")
        #expect(known.basic == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(OutgoingCredentials(user: "a", password: "b").basic == "Basic YTpi")
        #expect(OutgoingCredentials(user: "a", password: "bc").basic == "Basic YTpiYw==")
    }

    /// A list, a host, its port, and whether the list has it.
    @Test(arguments: [
        ("example.com", "example.com", 443, true), ("example.com", "www.example.com", 443, true),
        ("example.com", "notexample.com", 443, false), ("example.com", "example.com.evil", 443, false),
        (".example.com", "example.com", 443, true), (".example.com", "a.b.example.com", 80, true),
        ("*.example.com", "a.example.com", 80, true), ("Example.COM", "example.com", 80, true),
        ("example.com", "example.com.", 80, true), ("example.com.", "example.com", 80, true),
        ("*", "anything", 1, true), ("a,*", "10.0.0.1", 1, true), ("", "h", 80, false),
        ("a, b c", "b", 80, true), ("a, b c", "c", 80, true), ("a b", "ab", 80, false),
        ("example.com:8080", "example.com", 8080, true), ("example.com:8080", "example.com", 80, false),
        ("10.0.0.1", "10.0.0.1", 80, true), ("10.0.0.1", "10.0.0.10", 80, false),
        ("10.0.0.1:81", "10.0.0.1", 80, false), ("10.0.0.1:81", "10.0.0.1", 81, true),
        ("10.0.0.0/8", "10.9.8.7", 80, true), ("10.0.0.0/8", "11.0.0.1", 80, false),
        ("10.1.2.3/8", "10.9.8.7", 80, true), ("10.0.0.0/8", "ten.example", 80, false),
        ("0.0.0.0/0", "8.8.8.8", 80, true), ("10.0.0.0/33", "10.0.0.1", 80, false),
        ("::1", "::1", 80, true), ("[::1]", "::1", 80, true), ("[::1]:81", "::1", 80, false),
        ("fd00::/8", "fd12::1", 80, true), ("fd00::1/8", "fd12::1", 80, true), ("fd00::/8", "fe80::1", 80, false),
        ("0.0.1", "10.0.0.1", 80, false),
    ])
    func `NO_PROXY is read as curl reads it`(list: String, host: String, port: Int, isExcepted: Bool) throws {
        let selection = try ProxySelection(environment: ["ALL_PROXY": "p:1", "NO_PROXY": list])
        #expect((selection.proxy(for: .https(host: host, port: port)) == nil) == isExcepted)
        #expect(ProxyExceptions(list).contains(host: host, port: port) == isExcepted)
    }

    @Test func `the lower case of no_proxy wins`() throws {
        let environment = ["ALL_PROXY": "p:1", "NO_PROXY": "*", "no_proxy": ""]
        #expect(try ProxySelection(environment: environment).proxy(for: .http(host: "h", port: 80)) != nil)
    }
}
