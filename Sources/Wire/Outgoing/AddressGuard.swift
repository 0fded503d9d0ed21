public import NetworkAddress

/// Which addresses may be dialled.
///
/// Whoever may name a URL that a server then dials (a webhook, a remote registry) may name what only that server can
/// reach: its neighbours, itself, or the machine that hands out credentials at 169.254.169.254. The guard looks at the
/// address that is connected to, and not at the name, which may mean something else a moment later.
public struct AddressGuard: Sendable, Equatable {
    /// Why an address is not dialled.
    public struct Refusal: Sendable, Equatable, CustomStringConvertible {
        /// The address.
        public let address: IPAddress
        /// What kind of address it is, such as `a private network (10.0.0.0/8)`.
        public let reason: String

        /// Both.
        public var description: String { "\(address) is \(reason)" }
    }

    /// Whether all but public addresses are refused.
    public let isPublicOnly: Bool
    /// The blocks that may be dialled all the same.
    public let allowed: [AddressBlock]

    /// Every address: for what an operator or a person at a terminal has named.
    public static let anywhere = AddressGuard(isPublicOnly: false, allowed: [])

    /// Only addresses of the public internet, and those of the blocks: for what users of a server may name.
    public static func publicOnly(allowing allowed: [AddressBlock] = []) -> AddressGuard {
        AddressGuard(isPublicOnly: true, allowed: allowed)
    }

    /// Why an address may not be dialled, or nil when it may.
    ///
    /// An IPv6 address that carries an IPv4 address (NAT64, 6to4, Teredo, the old compatible form) is what it carries.
    public func refusal(of address: IPAddress) -> Refusal? {
        guard isPublicOnly, !allowed.contains(where: { $0.contains(address) }) else { return nil }
        if let special = Self.special.first(where: { $0.block.contains(address) }) {
            return Refusal(address: address, reason: "\(special.name) (\(special.block))")
        }
        for (way, carried) in Self.carried(by: address) {
            if let inner = refusal(of: carried) {
                return Refusal(address: address, reason: "\(way) for \(inner)")
            }
        }
        return nil
    }

    /// The addresses that routers on the way would take this one for.
    private static func carried(by address: IPAddress) -> [(way: String, IPAddress)] {
        let bytes = address.bytes
        guard bytes.count == 16 else { return [] }
        var found: [(String, [UInt8])] = []
        // RFC 6052 section 2.1, RFC 4291 section 2.5.5.1, RFC 3056 section 2, RFC 4380 section 4.
        if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
            found.append(("a NAT64 address", Array(bytes[12...])))
        }
        if bytes.starts(with: [UInt8](repeating: 0, count: 12)) {
            found.append(("an IPv4-compatible address", Array(bytes[12...])))
        }
        if bytes.starts(with: [0x20, 0x02]) { found.append(("a 6to4 address", Array(bytes[2..<6]))) }
        if bytes.starts(with: [0x20, 0x01, 0, 0]) {
            found.append(("a Teredo address", Array(bytes[4..<8])))
            found.append(("a Teredo address", bytes[12...].map { ~$0 }))
        }
        return found.compactMap { way, four in
            IPAddress(four.map { "\($0)" }.joined(separator: ".")).map { (way, $0) }
        }
    }

    /// The registries of special addresses (RFC 6890) and multicast.
    private static let special: [(block: AddressBlock, name: String)] = [
        ("0.0.0.0/8", "an address of this host"), ("127.0.0.0/8", "a loopback address"),
        ("10.0.0.0/8", "a private network"), ("172.16.0.0/12", "a private network"),
        ("192.168.0.0/16", "a private network"), ("100.64.0.0/10", "a carrier's own network"),
        ("169.254.0.0/16", "a link-local address"), ("192.0.0.0/24", "a protocol assignment"),
        ("192.0.2.0/24", "for documentation"), ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"), ("192.88.99.0/24", "a 6to4 relay"),
        ("198.18.0.0/15", "for benchmarks"), ("224.0.0.0/4", "a multicast address"), ("240.0.0.0/4", "reserved"),
        ("::/128", "the unspecified address"), ("::1/128", "a loopback address"),
        ("64:ff9b:1::/48", "a local translation"),
        ("100::/64", "a discarding address"), ("2001:2::/48", "for benchmarks"),
        ("2001:10::/28", "no address of a host"),
        ("2001:20::/28", "no address of a host"), ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"), ("5f00::/16", "a segment of a route"), ("fc00::/7", "a private network"),
        ("fe80::/10", "a link-local address"), ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
    ].compactMap { text, name in AddressBlock(text).map { ($0, name) } }
}
