import NetworkAddress

/// A server that can be dialled.
///
/// Hosts are in lower case, and IPv6 addresses without brackets.
public enum OutgoingTarget: Sendable, Hashable {
    /// HTTP/1.1 in the clear.
    case http(host: String, port: Int)
    /// HTTP/1.1 or HTTP/2, as the server chooses, over TLS.
    case https(host: String, port: Int)
    /// HTTP/1.1 over a socket of this machine, by its absolute path.
    case unixSocket(path: String)

    /// The host, which a socket has not.
    public var host: String? {
        switch self {
        case .http(let host, _), .https(let host, _): host
        case .unixSocket: nil
        }
    }

    /// The port, which a socket has not.
    public var port: Int? {
        switch self {
        case .http(_, let port), .https(_, let port): port
        case .unixSocket: nil
        }
    }

    /// Whether TLS is spoken there.
    public var isSecure: Bool {
        if case .https = self { return true }
        return false
    }

    var scheme: String? {
        switch self {
        case .http: "http"
        case .https: "https"
        case .unixSocket: nil
        }
    }

    /// What `Host` says: the port only where it is not the scheme's own.
    var authority: String {
        switch self {
        case .http(let host, 80), .https(let host, 443): Self.bracketed(host)
        case .http(let host, let port), .https(let host, let port): "\(Self.bracketed(host)):\(port)"
        case .unixSocket: "localhost"
        }
    }

    /// Host and port for a sentence.
    var place: String {
        switch self {
        case .http(let host, let port), .https(let host, let port): "\(Self.bracketed(host)):\(port)"
        case .unixSocket(let path): path
        }
    }

    static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    init(scheme: String, authority: some StringProtocol) throws(OutgoingURL.ParseError) {
        guard !authority.contains("@") else {
            throw OutgoingURL.ParseError(
                description: "a URL has a user or a password in it; they belong into the credentials"
            )
        }
        guard let place = HostAndPort(authority) else {
            throw OutgoingURL.ParseError(description: "a URL names no host, or a host or port that cannot be")
        }
        switch scheme {
        case "http": self = .http(host: place.host, port: place.port ?? 80)
        case "https": self = .https(host: place.host, port: place.port ?? 443)
        default: throw OutgoingURL.ParseError(description: "a URL begins with https:// or http://")
        }
    }
}

extension OutgoingTarget: CustomStringConvertible {
    /// Such as `https://registry.example:5000` or `unix:/run/wharf/admin.sock`.
    public var description: String {
        switch self {
        case .http: "http://\(authority)"
        case .https: "https://\(authority)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}

/// A host, in lower case and without brackets, and a port if one was said.
struct HostAndPort: Equatable {
    let host: String
    let port: Int?

    /// DNS allows 253 bytes (RFC 1035 section 2.3.4).
    private static let hostByteCountMax = 253

    init?(_ text: some StringProtocol) {
        var rest = String(text)[...]
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end].lowercased()
            guard host.contains(":"), !host.contains("%"), IPAddress(host) != nil else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<end].lowercased()
            let isName = host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "._-".utf8.contains(byte)
                }
            }
            guard isName, !host.isEmpty, !host.hasPrefix("."), host.utf8.count <= Self.hostByteCountMax else {
                return nil
            }
            rest = rest[end...]
        }
        guard !rest.isEmpty else {
            port = nil
            return
        }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard !digits.isEmpty else {
            port = nil
            return
        }
        guard let number = Int(digits), (1...65535).contains(number) else { return nil }
        port = number
    }
}
