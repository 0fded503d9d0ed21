import NetworkAddress

/// A server that is called over HTTP: a scheme, a host, maybe a port, and no path.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// As it stands in a URL, without a slash at its end.
    public let description: String
}

extension ServerAddress: SettingValue {
    static let placeholder = "URL"
    static let expected = "a URL without a path, such as https://s3.example.com or http://127.0.0.1:9000"

    init?(settingText: String) {
        let text = settingText.hasSuffix("/") ? String(settingText.dropLast()) : settingText
        guard
            let match = text.wholeMatch(
                of: #/https?://(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?<port>[0-9]{1,5}))?/#
            )
        else { return nil }
        if let port = match.port {
            guard let number = Int(port), (1...65535).contains(number) else { return nil }
        }
        if match.host.hasPrefix("["), AddressBlock(String(match.host.dropFirst().dropLast())) == nil { return nil }
        description = text
    }

    var settingText: String { description }
}
