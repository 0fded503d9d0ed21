import Glibc

/// Docker's list of registries that may be spoken to without TLS: hosts, and blocks of addresses.
///
/// Docker asks the DNS for the addresses of a host; here only a host that is an address is compared with a block.
struct InsecureRegistries {
    private var hosts: Set<String> = []
    private var blocks: [(address: [UInt8], bitCount: Int)] = []

    init(_ texts: [String]) {
        for text in texts {
            if let block = Self.block(text) {
                blocks.append(block)
            } else {
                hosts.insert(EndpointAddress(text).host)
            }
        }
    }

    /// Whether a host, with or without a port, is in the list; a host without a port stands for all ports.
    func contains(_ host: String) -> Bool {
        let address = EndpointAddress(host)
        if hosts.contains(address.host) { return true }
        guard let bytes = Self.address(address.hostName) else { return false }
        return blocks.contains { Self.isEqual($0.address, bytes, upTo: $0.bitCount) }
    }

    private static func block(_ text: String) -> (address: [UInt8], bitCount: Int)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[1]), let bytes = address(String(parts[0])),
            (0...bytes.count * 8).contains(count)
        else { return nil }
        return (bytes, count)
    }

    private static func address(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    private static func isEqual(_ one: [UInt8], _ other: [UInt8], upTo bitCount: Int) -> Bool {
        guard one.count == other.count else { return false }
        return (0..<bitCount).allSatisfy { bit in
            (one[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}
