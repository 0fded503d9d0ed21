import Glibc

/// What a server is called by its clients, as a certificate can have it: a host name, a wildcard, or an IP address.
public struct CertificateName: Hashable, Sendable, CustomStringConvertible {
    /// How the name is written into a certificate.
    enum Form: Hashable, Sendable {
        case host
        /// The four or sixteen bytes of the address.
        case address([UInt8])
    }

    /// The longest host name, in characters (RFC 1035, section 2.3.4).
    public static let lengthMax = 253
    /// The longest part of a host name between two dots, in characters.
    public static let labelLengthMax = 63

    /// The name in lower case, an address in its shortest form, without brackets.
    public let description: String
    let form: Form

    /// Reads a name as a person types it; an IPv6 address may stand in brackets.
    ///
    /// - Throws: ``UnusableCertificate`` with ``UnusableCertificate/Code/name`` and the reason.
    public init(_ text: String) throws(UnusableCertificate) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        if let (bytes, canonical) = Self.address(isBracketed ? String(text.dropFirst().dropLast()) : text) {
            guard !isBracketed || bytes.count == 16 else { throw Self.refusal(text, "brackets are for IPv6 alone") }
            (form, description) = (.address(bytes), canonical)
            return
        }
        try Self.check(text)
        (form, description) = (.host, text.lowercased())
    }

    /// Whether it stands for every name one label longer than what follows its asterisk.
    public var isWildcard: Bool { description.hasPrefix("*.") }

    /// Whether it is an IP address.
    public var isAddress: Bool { form != .host }

    /// The name as it stands in an address with a port: IPv6 in brackets.
    public var authorityHost: String { description.contains(":") ? "[\(description)]" : description }

    private static func address(_ text: String) -> (bytes: [UInt8], text: String)? {
        // What inet_pton takes ends at a zero byte, so such a text would be read in part.
        guard !text.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            guard inet_pton(family, text, &bytes) == 1 else { continue }
            var canonical = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(family, bytes, &canonical, socklen_t(canonical.count)) != nil else { continue }
            return (bytes, String(decoding: canonical.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return nil
    }

    private static func check(_ text: String) throws(UnusableCertificate) {
        guard !text.isEmpty else { throw refusal(text, "a name has at least one character") }
        guard text.utf8.count <= lengthMax else { throw refusal(text, "it is longer than \(lengthMax) characters") }
        guard !text.contains("/") else { throw refusal(text, "give the host alone, without https:// and path") }
        guard !text.contains(":") else { throw refusal(text, "give the host alone, without a port") }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw refusal(text, "a host name is in ASCII: write it as xn--…")
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels.first == "*" ? labels.dropFirst() : labels[...] {
            guard !label.contains("*") else {
                throw refusal(text, "an asterisk stands for the whole first label: *.example.com")
            }
            guard isLabel(label) else {
                throw refusal(
                    text,
                    "each part between dots has 1 to \(labelLengthMax) letters, digits and inner hyphens"
                )
            }
        }
        // OpenSSL matches nothing against an asterisk with one label behind it, and every client refuses it alone.
        guard labels.first != "*" || labels.count >= 3 else {
            throw refusal(text, "clients want two labels behind an asterisk: *.example.com")
        }
        // As browsers have it: what ends in a number is meant as an IPv4 address, and is a wrong one.
        guard let last = labels.last, !last.utf8.allSatisfy(isDigit) else {
            throw refusal(text, "it is no IPv4 address, and a host name does not end in a number")
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...labelLengthMax).contains(label.utf8.count) else { return false }
        let isHyphenInside = label.utf8.first != UInt8(ascii: "-") && label.utf8.last != UInt8(ascii: "-")
        return isHyphenInside
            && label.utf8.allSatisfy { byte in
                let letter = byte | 0x20
                return isDigit(byte) || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func refusal(_ text: String, _ reason: String) -> UnusableCertificate {
        let shown = text.prefix(80).unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : String($0) }
        return UnusableCertificate(
            .name,
            "\"\(shown.joined())\" is neither a host name nor an IP address: \(reason)"
        )
    }
}
