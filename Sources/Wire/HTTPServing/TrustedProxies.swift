import NIOHTTP1
import NetworkAddress

/// Whose word about a client's address is taken: the addresses of proxies in front of the server.
public struct TrustedProxies: Sendable {
    private let blocks: [AddressBlock]

    /// Trusts proxies in these blocks.
    public init(_ blocks: [AddressBlock]) {
        self.blocks = blocks
    }

    /// The address of the client: the peer's, or what a trusted peer says of its own client.
    ///
    /// `X-Forwarded-For` is read from its end, where the nearest proxy wrote, back to the first address that is not a
    /// trusted proxy's: what stands before that one could have been written by anybody.
    func clientAddress(peer: String, headers: HTTPHeaders) -> String {
        // Most requests name none, and to read an address costs more than to look for it.
        guard headers.contains(name: "x-forwarded-for"), isTrusted(peer) else { return peer }
        var client = peer
        let hops = headers[canonicalForm: "x-forwarded-for"].suffix(Self.hopCountMax)
        for hop in hops.reversed() {
            guard IPAddress(String(hop)) != nil else { break }
            client = String(hop)
            guard isTrusted(client) else { break }
        }
        return client
    }

    /// More proxies than this in a row are not believed.
    private static let hopCountMax = 16

    private func isTrusted(_ address: String) -> Bool {
        blocks.contain(address)
    }
}
