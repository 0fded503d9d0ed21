#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An IP address: four bytes, or sixteen.
///
/// An IPv4 address that is mapped into IPv6 (RFC 4291 section 2.5.5.2) is taken for the IPv4 address that it is.
public struct IPAddress: Sendable, Hashable {
    /// The bytes in network order: 4 of them, or 16 for IPv6.
    public let bytes: [UInt8]

    /// The address that a text names, such as `10.0.0.1` or `fd00::1`; nil when it names none.
    ///
    /// The zone of a link-local address, as in `fe80::1%eth0`, is passed over.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.textByteCountMax else { return nil }
        var text = text
        if let zone = text.utf8.firstIndex(of: UInt8(ascii: "%")) { text = String(text[..<zone]) }
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let all = withUnsafeBytes(of: sixteen) { Array($0) }
        bytes = all.starts(with: Self.mappedPrefix) ? Array(all.suffix(4)) : all
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// No address is longer, with the zone that Linux allows.
    private static let textByteCountMax = 64
}

extension IPAddress: CustomStringConvertible {
    /// The usual form of the address (RFC 5952 for IPv6).
    public var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
