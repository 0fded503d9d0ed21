import NetworkAddress

/// What goes through no proxy: `NO_PROXY`.
///
/// Entries are parted by commas or spaces. A name stands for itself and all names below it, with or without a dot or
/// `*.` before it; an address or a block such as `10.0.0.0/8` for addresses, but not for the names that have them;
/// `*` alone for everything. A port after a name or an address binds the entry to that port.
public struct ProxyExceptions: Sendable, Equatable {
    private enum Place: Sendable, Equatable {
        case everything
        case name(String)
        case block(AddressBlock)
    }

    private struct Entry: Sendable, Equatable {
        let place: Place
        let port: Int?
    }

    private let entries: [Entry]

    /// No list of people is longer.
    private static let entriesMax = 1024

    /// Reads a list; what cannot be an entry stands for nothing.
    public init(_ text: String) {
        entries = text.split { ", \t\n".contains($0) }.prefix(Self.entriesMax).compactMap { Self.entry($0) }
    }

    /// Whether a host goes through no proxy.
    public func contains(host: String, port: Int) -> Bool {
        let name = Self.trimmed(host)
        let address = IPAddress(name)
        return entries.contains { entry in
            guard entry.port == nil || entry.port == port else { return false }
            return switch entry.place {
            case .everything: true
            case .name(let ending): address == nil && (name == ending || name.hasSuffix(".\(ending)"))
            case .block(let block): address.map { block.contains($0) } ?? false
            }
        }
    }

    private static func entry(_ text: Substring) -> Entry? {
        if text == "*" { return Entry(place: .everything, port: nil) }
        if let block = block(text) { return Entry(place: .block(block), port: nil) }
        if text.hasPrefix("["), text.hasSuffix("]"), let block = block(text.dropFirst().dropLast()) {
            return Entry(place: .block(block), port: nil)
        }
        var text = text
        if text.hasPrefix("*.") { text = text.dropFirst() }
        while text.hasPrefix(".") { text = text.dropFirst() }
        guard let place = HostAndPort(text) else { return nil }
        if let block = AddressBlock(place.host) { return Entry(place: .block(block), port: place.port) }
        return Entry(place: .name(trimmed(place.host)), port: place.port)
    }

    /// A block; bits behind the prefix are passed over, as curl does.
    private static func block(_ text: Substring) -> AddressBlock? {
        if let block = AddressBlock(String(text)) { return block }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            (0...address.bytes.count * 8).contains(length)
        else { return nil }
        let bytes = address.bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, length - index * 8))
            return kept == 0 ? 0 : byte & (0xFF << UInt8(8 - kept))
        }
        let text =
            bytes.count == 4
            ? bytes.map { "\($0)" }.joined(separator: ".")
            : stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
                .joined(separator: ":")
        return AddressBlock("\(text)/\(length)")
    }

    /// A name without the dot at its end, which says only that it is complete.
    private static func trimmed(_ host: String) -> String {
        host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
