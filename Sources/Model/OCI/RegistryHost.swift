/// Where a registry is: a host name or address, and a port where it is not the scheme's own.
public struct RegistryHost: Hashable, Sendable {
    /// Why a text is no host.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes before the port.
        case empty
        /// Longer than ``RegistryHost/byteCountMax``.
        case tooLong
        /// A label outside the grammar of names, or something in brackets that is no IPv6 address.
        case name
        /// Not a number from 1 to 65535.
        case port
    }

    /// The longest name that the DNS has, in bytes (RFC 1035 section 2.3.4).
    public static let byteCountMax = 253

    /// The name or address in lower case (but for a single label), an IPv6 address without its brackets.
    public let name: String
    /// The port, where one was written.
    public let port: Int?

    /// Docker Hub, as references name it; its API is at ``RegistryHost/dockerHubEndpoint``.
    public static let dockerHub = RegistryHost(known: "docker.io")
    /// Where Docker Hub's API is.
    public static let dockerHubEndpoint = RegistryHost(known: "registry-1.docker.io")

    private init(known: String) {
        name = known
        port = nil
    }

    /// Reads `host`, `host:port`, `[address]:port`.
    ///
    /// Names follow the grammar of Docker's references: labels of letters, digits and hyphens that neither begin nor
    /// end with a hyphen, parted by dots. `index.docker.io` is `docker.io`.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.byteCountMax + 6 else { throw .tooLong }
        let name: ArraySlice<UInt8>
        var rest: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { throw .name }
            name = bytes[1..<end]
            rest = bytes[(end + 1)...]
            guard Self.isAddress(name) else { throw .name }
        } else {
            let end = bytes.firstIndex(of: ASCII.colon) ?? bytes.endIndex
            name = bytes[..<end]
            rest = bytes[end...]
            guard !name.isEmpty else { throw .empty }
            guard name.count <= Self.byteCountMax else { throw .tooLong }
            guard Self.isName(name) else { throw .name }
        }
        if let first = rest.popFirst() {
            guard first == ASCII.colon, rest.count <= 5, rest.allSatisfy({ (0x30...0x39).contains($0) }),
                let port = Int(Substring(decoding: rest, as: UTF8.self)), (1...65535).contains(port)
            else { throw .port }
            self.port = port
        } else {
            port = nil
        }
        let written = String(decoding: name, as: UTF8.self)
        let lower = written.lowercased()
        // A capital is all that tells a single label from the first part of a repository's name.
        let isPlain = port == nil && !name.contains(ASCII.dot) && !name.contains(ASCII.colon) && lower != "localhost"
        self.name = lower == "index.docker.io" ? "docker.io" : isPlain ? written : lower
    }

    /// Whether it is this machine by its name or address: Docker speaks HTTP without TLS there.
    ///
    /// A name that only begins like an address, such as `127.example`, is anybody's.
    public var isLoopback: Bool {
        let isAddress = name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == ASCII.dot }
        return name == "localhost" || name == "::1" || (isAddress && name.hasPrefix("127."))
    }

    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        name.split(separator: ASCII.dot, omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return first != ASCII.dash && last != ASCII.dash
                && label.allSatisfy { ASCII.isAlphanumeric($0) || $0 == ASCII.dash }
        }
    }

    /// The characters of an IPv6 address; whether it is one, whoever dials it finds out.
    private static func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
        (2...45).contains(text.count) && text.contains(ASCII.colon)
            && text.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) || byte == ASCII.colon
                    || byte == ASCII.dot
            }
    }
}

extension RegistryHost: CustomStringConvertible {
    /// As it stands in a reference and in `config.json`: the port only where one was written.
    public var description: String {
        let host = name.utf8.contains(ASCII.colon) ? "[\(name)]" : name
        return port.map { "\(host):\($0)" } ?? host
    }
}
