import NetworkAddress

/// Where a server waits for connections: an address of this machine and a port.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 or IPv6 address without brackets, or a name that resolves to one.
    public let host: String
    /// The port; 0 lets the system choose one.
    public let port: Int

    /// That address, taken as it is.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// As it stands in a URL, such as `127.0.0.1:5000` or `[::1]:5000`.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether only programs on this machine can connect.
    ///
    /// Of names only `localhost` counts: what another name resolves to can change.
    public var isLoopback: Bool {
        guard let block = AddressBlock(host) else { return host == "localhost" }
        return AddressBlock.loopback.contains { $0.contains(block) }
    }
}

extension ListenAddress: SettingValue {
    static let placeholder = "HOST:PORT"
    static let expected =
        "an address and a port such as 127.0.0.1:5000, [::1]:5000, or 0.0.0.0:5000 for every address of this machine"

    init?(settingText: String) {
        guard let colon = settingText.lastIndex(of: ":") else { return nil }
        let digits = settingText[settingText.index(after: colon)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), port <= 65535 else {
            return nil
        }
        var host = settingText[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), AddressBlock(String(host)) != nil else { return nil }
        } else {
            let isName = host.utf8.allSatisfy { byte in
                byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...0x39).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            guard !host.isEmpty, isName else { return nil }
        }
        self.init(host: String(host), port: port)
    }

    var settingText: String { description }
}
