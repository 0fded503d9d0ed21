import Glibc
import NIOHTTP1

/// Whose word about a client's address is taken: the addresses of proxies in front of the server.
public struct TrustedProxies: Sendable {
    private let ranges: [AddressRange]

    /// Trusts proxies in these ranges, each `ADDRESS` or `ADDRESS/BITS`.
    ///
    /// Nil when one of them cannot be read.
    public init?(_ ranges: [String]) {
        let parsed = ranges.map { AddressRange($0) }
        guard parsed.allSatisfy({ $0 != nil }) else { return nil }
        self.ranges = parsed.compactMap { $0 }
    }

    /// The address of the client: the peer's, or what a trusted peer says of its own client.
    ///
    /// `X-Forwarded-For` is read from its end, where the nearest proxy wrote, back to the first address that is not a
    /// trusted proxy's: what stands before that one could have been written by anybody.
    func clientAddress(peer: String, headers: HTTPHeaders) -> String {
        guard isTrusted(peer), headers.contains(name: "x-forwarded-for") else { return peer }
        var client = peer
        let hops = headers[canonicalForm: "x-forwarded-for"].suffix(Self.hopCountMax)
        for hop in hops.reversed() {
            guard AddressRange.bytes(of: String(hop)) != nil else { break }
            client = String(hop)
            guard isTrusted(client) else { break }
        }
        return client
    }

    /// More proxies than this in a row are not believed.
    private static let hopCountMax = 16

    private func isTrusted(_ address: String) -> Bool {
        guard let bytes = AddressRange.bytes(of: address) else { return false }
        return ranges.contains { $0.contains(bytes) }
    }
}

/// A range of IP addresses.
struct AddressRange: Sendable {
    private let prefix: [UInt8]
    private let bitCount: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        prefix = bytes
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return nil }
            bitCount = bits
        } else {
            bitCount = bytes.count * 8
        }
    }

    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == prefix.count else { return false }
        let whole = bitCount / 8
        guard address.prefix(whole) == prefix.prefix(whole) else { return false }
        let rest = bitCount % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return address[whole] & mask == prefix[whole] & mask
    }

    /// The bytes of an address: four, or sixteen; an IPv4 address mapped into IPv6 counts as IPv4.
    static func bytes(of text: String) -> [UInt8]? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return withUnsafeBytes(of: v4) { Array($0) } }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: v6) { Array($0) }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
    }
}
