import NetworkAddress

/// An address as limits count it: IPv4 by the address, IPv6 by the first 64 bits, of which a customer has at least one
/// whole block.
///
/// What is no address counts as one and the same.
public struct CountedAddress: Sendable, Hashable {
    private enum Kind: UInt8 {
        case none
        case four
        case six
    }

    private let kind: Kind
    private let bits: UInt64

    /// What an address counts as.
    public init(_ address: String) {
        let bytes = IPAddress(address)?.bytes ?? []
        bits = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        kind =
            switch bytes.count {
            case 4: .four
            case 16: .six
            default: .none
            }
    }
}

extension CountedAddress: CustomStringConvertible {
    /// The address, or the block such as `2001:db8::/64`.
    public var description: String {
        switch kind {
        case .none:
            return "unknown"
        case .four:
            return (0..<4).reversed().map { String(bits >> ($0 * 8) & 0xFF) }.joined(separator: ".")
        case .six:
            let groups = (0..<4).reversed().map { String(bits >> ($0 * 16) & 0xFFFF, radix: 16) }
            let text = groups.joined(separator: ":") + "::"
            return (IPAddress(text)?.description ?? text) + "/64"
        }
    }
}
