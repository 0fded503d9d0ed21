/// Where a request goes: which server, and what is asked of it.
///
/// Only what has one reading is taken: a host of letters, digits, dots, hyphens and underscores or an IP address, no
/// user information, no fragment. What is checked here is the very text that is dialled, so no second parser can see
/// another host in it (RFC 3986).
public struct OutgoingURL: Sendable, Hashable {
    /// Why a text is no URL that can be dialled.
    public struct ParseError: Error, Sendable, Equatable, CustomStringConvertible {
        /// What is wrong, without the text itself, which may hold a secret.
        public let description: String
    }

    /// The server.
    public var target: OutgoingTarget
    /// The path, which begins with `/`, and the query.
    public let pathAndQuery: String

    /// No URL is longer; signed ones have some 2 KiB.
    static let byteCountMax = 16 * 1024

    /// Reads `http://…` or `https://…`.
    public init(_ text: some StringProtocol) throws(ParseError) {
        guard text.utf8.count <= Self.byteCountMax else {
            throw ParseError(description: "a URL is longer than \(Self.byteCountMax) bytes")
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw ParseError(description: "a URL begins with https:// or http://")
        }
        let afterScheme = text[text.index(colon, offsetBy: 3)...]
        let end = afterScheme.firstIndex { "/?#".contains($0) } ?? afterScheme.endIndex
        target = try OutgoingTarget(scheme: text[..<colon].lowercased(), authority: afterScheme[..<end])
        pathAndQuery = try Self.checked(afterScheme[end...])
    }

    /// A path, and maybe a query, of a server.
    public init(_ target: OutgoingTarget, path: some StringProtocol) throws(ParseError) {
        self.target = target
        pathAndQuery = try Self.checked(path[...])
    }

    /// What a reference names that stands in an answer from this URL, such as `Location` (RFC 3986 section 5.2).
    public func resolving(_ reference: some StringProtocol) throws(ParseError) -> OutgoingURL {
        if reference.hasPrefix("//"), let scheme = target.scheme { return try OutgoingURL("\(scheme):\(reference)") }
        if let colon = reference.firstIndex(of: ":"), !reference[..<colon].contains(where: { "/?#".contains($0) }) {
            return try OutgoingURL(reference)
        }
        let path = pathAndQuery.prefix { $0 != "?" }
        if reference.isEmpty || reference.hasPrefix("#") { return self }
        if reference.hasPrefix("/") { return try OutgoingURL(target, path: Self.withoutDots(reference)) }
        if reference.hasPrefix("?") { return try OutgoingURL(target, path: path + reference) }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return try OutgoingURL(target, path: Self.withoutDots(folder + reference))
    }

    /// A path and query in which every byte is one that a URL may have; what may not stand there is escaped.
    private static func checked(_ text: some StringProtocol) throws(ParseError) -> String {
        // Byte by byte: to a Character, a # with an accent behind it is another sign.
        let bytesBefore = text.utf8.prefix { $0 != UInt8(ascii: "#") }
        var bytes: [UInt8] = bytesBefore.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        var hexDigitsDue = 0
        for byte in bytesBefore {
            guard byte >= 0x20, byte != 0x7F else {
                throw ParseError(description: "a URL has a control character in it")
            }
            if hexDigitsDue > 0 {
                guard (byte as UInt8).isHexDigit else { break }
                hexDigitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                hexDigitsDue = 2
            }
            if byte > 0x7E || #" "<>\^`{|}"#.utf8.contains(byte) {
                bytes += Array("%".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        guard hexDigitsDue == 0 else {
            throw ParseError(description: "a URL has a % that two hexadecimal digits do not follow")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 3986 section 5.2.4, on the path alone.
    private static func withoutDots(_ text: some StringProtocol) -> String {
        let path = text.prefix { $0 != "?" && $0 != "#" }
        var segments: [Substring] = []
        let given = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in given.enumerated() {
            let isLast = index == given.count - 1
            switch segment {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(Substring(segment))
            }
        }
        return "/" + segments.joined(separator: "/") + text[path.endIndex...]
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)
}

extension OutgoingURL: CustomStringConvertible {
    /// The URL, without its query: a signed query is a secret.
    public var description: String {
        let path = pathAndQuery.prefix { $0 != "?" }
        return "\(target)\(path)\(path.endIndex == pathAndQuery.endIndex ? "" : "?…")"
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
