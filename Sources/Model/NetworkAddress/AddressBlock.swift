/// A block of IP addresses, such as `10.0.0.0/8`, `fd00::/8`, or one address alone.
public struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// The first address of the block in network order: 4 bytes, or 16 for IPv6.
    public let bytes: [UInt8]
    /// How many leading bits all addresses of the block share.
    public let prefixLength: Int
    /// The block as it was written.
    public let description: String

    /// The addresses that only this machine can come from.
    public static let loopback: [AddressBlock] = ["127.0.0.0/8", "::1"].compactMap { AddressBlock($0) }

    /// The block that the text names, or nil when it names none.
    ///
    /// A block whose address has bits behind its prefix, such as `10.0.0.1/8`, is refused: it is not clear what was
    /// meant.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].contains("%"), let bytes = IPAddress(String(parts[0]))?.bytes else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]) else {
                return nil
            }
            guard given <= length else { return nil }
            length = given
        }
        guard bytes == Self.masked(bytes, to: length) else { return nil }
        self.bytes = bytes
        prefixLength = length
        description = text
    }

    /// Whether every address of `other` is in this block.
    public func contains(_ other: AddressBlock) -> Bool {
        bytes.count == other.bytes.count && prefixLength <= other.prefixLength
            && Self.masked(other.bytes, to: prefixLength) == bytes
    }

    /// Whether an address is in this block.
    public func contains(_ address: IPAddress) -> Bool {
        bytes.count == address.bytes.count && Self.masked(address.bytes, to: prefixLength) == bytes
    }

    private static func masked(_ bytes: [UInt8], to length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, length - index * 8))
            return kept == 0 ? 0 : byte & (0xff << UInt8(8 - kept))
        }
    }
}

extension Collection<AddressBlock> {
    /// Whether an address is in one of the blocks; what is no address is in none.
    public func contain(_ address: String) -> Bool {
        guard !isEmpty, let address = IPAddress(address) else { return false }
        return contains { $0.contains(address) }
    }
}
