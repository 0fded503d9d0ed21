import NIOHTTP1

/// The part of the path that stands before `/v2` where clients reach the registry.
///
/// A proxy that serves the registry under a path of its own either passes that path on (then the configuration names
/// it) or takes it off and says so in `X-Forwarded-Prefix`. Locations carry it, and never a scheme or a host: they are
/// right behind any proxy, which need not tell the registry its name.
public struct PathPrefix: Sendable {
    private static let byteCountMax = 256
    private let configured: String

    /// No prefix but the one that a proxy tells.
    public static let none = PathPrefix(unchecked: "")

    private init(unchecked configured: String) {
        self.configured = configured
    }

    /// A configured prefix, empty for none: `/registry`, without a slash at its end.
    ///
    /// Nil when it is not well formed.
    public init?(_ configured: String) {
        guard configured.isEmpty || Self.isWellFormed(configured) else { return nil }
        self.configured = configured
    }

    /// The target without the configured prefix, if it has it.
    public func strip(_ target: String) -> Substring {
        leads(target) ? Substring(target.utf8.dropFirst(configured.utf8.count)) : target[...]
    }

    /// What Locations begin with.
    func outside(_ headers: HTTPHeaders, target: String) -> String {
        if let forwarded = headers.first(name: "x-forwarded-prefix"), forwarded != "/", Self.isWellFormed(forwarded) {
            return forwarded
        }
        return leads(target) ? configured : ""
    }

    /// Compared as bytes: as a Character, "/" followed by a combining mark is another than "/".
    private func leads(_ target: String) -> Bool {
        !configured.isEmpty && target.utf8.starts(with: configured.utf8)
            && target.utf8.dropFirst(configured.utf8.count).first == UInt8(ascii: "/")
    }

    private static func isWellFormed(_ prefix: String) -> Bool {
        prefix.utf8.count <= byteCountMax && prefix.hasPrefix("/") && !prefix.hasPrefix("//") && !prefix.hasSuffix("/")
            && prefix.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "/-._~".utf8.contains(byte)
                }
            }
    }
}
