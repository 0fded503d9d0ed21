import Foundation

/// An address of a registry as files of tools have it: `[http[s]://][user@]host[:port][/path][?query]`.
struct EndpointAddress: Hashable {
    /// `http` or `https` in lower case; nil where none was written; another word where another was.
    let scheme: String?
    /// The host in lower case, with its port.
    let host: String
    /// The path without slashes at its ends.
    let path: String
    /// Whether a name or password stands before the host.
    let hasUser: Bool
    /// Whether a query or fragment stands behind the path.
    let hasQuery: Bool

    init(_ text: String) {
        var rest = text[...]
        var scheme: String?
        if let end = text.range(of: "://") {
            scheme = text[..<end.lowerBound].lowercased()
            rest = text[end.upperBound...]
        }
        self.scheme = scheme
        let query = rest.firstIndex { $0 == "?" || $0 == "#" }
        hasQuery = query != nil
        if let query { rest = rest[..<query] }
        var authority = rest.prefix { $0 != "/" }
        path = rest.dropFirst(authority.count).split(separator: "/").joined(separator: "/")
        let at = authority.lastIndex(of: "@")
        hasUser = at != nil
        if let at { authority = authority[authority.index(after: at)...] }
        host = authority.lowercased()
    }

    /// The host without its port, an IPv6 address without its brackets.
    var hostName: String {
        if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
        return String(host.prefix { $0 != ":" })
    }
}
