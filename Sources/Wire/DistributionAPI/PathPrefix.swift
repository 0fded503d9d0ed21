import NIOHTTP1

/// The part of the path that stands before `/v2` where clients reach the registry.
///
/// A proxy that serves the registry under a path of its own either passes that path on (then the configuration names
/// it) or takes it off and says so in `X-Forwarded-Prefix`. Locations carry it, and never a scheme or a host: they are
/// right behind any proxy, which need not tell the registry its name.
public struct PathPrefix: Sendable {
    private static let byteCountMax = 256
    private let configured: String

    /// A configured prefix, empty for none: `/registry`, without a slash at its end.
    ///
    /// Nil when it is not well formed.
    public init?(_ configured: String) {
        guard configured.isEmpty || Self.isWellFormed(configured) else { return nil }
        self.configured = configured
    }

    /// The target without the configured prefix, if it has it.
    func strip(_ target: String) -> Substring {
        guard !configured.isEmpty, target.hasPrefix(configured + "/") else { return target[...] }
        return target.dropFirst(configured.count)
    }

    /// What Locations begin with.
    func outside(_ headers: HTTPHeaders, target: String) -> String {
        if let forwarded = headers.first(name: "x-forwarded-prefix"), forwarded != "/", Self.isWellFormed(forwarded) {
            return forwarded
        }
        return !configured.isEmpty && target.hasPrefix(configured + "/") ? configured : ""
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
