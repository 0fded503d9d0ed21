import NetworkAddress

/// An HTTP proxy.
public struct OutgoingProxy: Sendable, Hashable, CustomStringConvertible {
    /// The host, in lower case and without brackets.
    public let host: String
    /// The port.
    public let port: Int
    /// What the proxy is told, if it asks who comes.
    public let credentials: OutgoingCredentials?

    /// Host and port alone.
    public var description: String { "\(OutgoingTarget.bracketed(host)):\(port)" }
}

/// Which proxy a URL goes through, as curl reads it from the environment.
///
/// `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` in either letter case; the lower case wins, and an empty
/// value stands for no proxy. `HTTP_PROXY` is passed over where `REQUEST_METHOD` is set: there, a header field
/// `Proxy` of a stranger's request becomes that variable (CVE-2016-5385).
public struct ProxySelection: Sendable, Equatable {
    /// What cannot be a proxy, by the name of its variable and without its value, which may have a password in it.
    public struct ParseError: Error, Sendable, Equatable, CustomStringConvertible {
        /// A sentence for a person.
        public let description: String
    }

    /// For `http://`.
    public let http: OutgoingProxy?
    /// For `https://`.
    public let https: OutgoingProxy?
    /// What goes through no proxy.
    public let exceptions: ProxyExceptions

    /// No proxy at all.
    public static let none = ProxySelection(http: nil, https: nil)

    /// Proxies that were chosen otherwise.
    public init(http: OutgoingProxy?, https: OutgoingProxy?, exceptions: ProxyExceptions = ProxyExceptions("")) {
        self.http = http
        self.https = https
        self.exceptions = exceptions
    }

    /// What an environment says.
    public init(environment: [String: String]) throws(ParseError) {
        let isCGI = environment["REQUEST_METHOD"] != nil
        func proxy(_ scheme: String) throws(ParseError) -> OutgoingProxy? {
            for name in ["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"] {
                if name == "HTTP_PROXY" && isCGI { continue }
                guard let value = environment[name] else { continue }
                return value.isEmpty ? nil : try OutgoingProxy(value, from: name)
            }
            return nil
        }
        http = try proxy("http")
        https = try proxy("https")
        exceptions = ProxyExceptions(environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
    }

    /// The proxy for a target; nil for none.
    public func proxy(for target: OutgoingTarget) -> OutgoingProxy? {
        switch target {
        case .unixSocket: nil
        case .http(let host, let port): exceptions.contains(host: host, port: port) ? nil : http
        case .https(let host, let port): exceptions.contains(host: host, port: port) ? nil : https
        }
    }
}

extension OutgoingProxy {
    /// curl's, where none is said.
    private static let portDefault = 1080

    /// Reads `http://user:password@host:port`, of which only the host must be there.
    public init(_ text: String, from variable: String) throws(ProxySelection.ParseError) {
        var rest = text[...]
        if let separator = text.firstIndex(of: ":"), text[separator...].hasPrefix("://") {
            let scheme = text[..<separator].lowercased()
            guard scheme == "http" else {
                throw ProxySelection.ParseError(
                    description: "\(variable) names a proxy by \(scheme)://; only proxies by http:// are supported"
                )
            }
            rest = text[text.index(separator, offsetBy: 3)...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var credentials: OutgoingCredentials?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let words = parts.map { String($0).removingPercentEncoding }
            guard let user = words.first ?? nil, let password = words.count == 2 ? words[1] : "" else {
                throw ProxySelection.ParseError(
                    description: "\(variable) has a user or password with a % that two hexadecimal digits do not follow"
                )
            }
            credentials = OutgoingCredentials(user: user, password: password)
            rest = rest[rest.index(after: at)...]
        }
        guard let place = HostAndPort(rest) else {
            throw ProxySelection.ParseError(
                description: "\(variable) names no proxy; it should look like http://proxy.example:3128"
            )
        }
        self.init(host: place.host, port: place.port ?? Self.portDefault, credentials: credentials)
    }
}

extension String {
    /// The text with each `%XX` replaced by its byte; nil where the digits are missing, or the bytes are no UTF-8.
    fileprivate var removingPercentEncoding: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
                let text = String(digits), let value = UInt8(text, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
