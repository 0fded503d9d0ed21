public import Outgoing

/// Where tokens are asked for: what a challenge names, if credentials may go there.
///
/// A registry may name any host over TLS, as Docker Hub names `auth.docker.io`, and then gets the credentials for the
/// registry sent there; Docker does so, and a registry that wants to misuse them has them anyway. In the clear only the
/// registry's own host is asked, and only when the registry itself is spoken to in the clear: a registry over TLS
/// cannot have a password sent where anybody reads along, and one in the clear cannot have it sent to a third.
public struct TokenRealm: Hashable, Sendable {
    /// Where tokens are asked for.
    public let url: OutgoingURL
    /// What the registry calls itself there.
    public let service: String?

    /// Longer names of services are none.
    private static let serviceByteCountMax = 1024

    /// Reads a challenge.
    ///
    /// - Parameters:
    ///   - challenge: a challenge of the scheme Bearer.
    ///   - target: the registry that it came from.
    /// - Throws: a sentence part that follows the name of the registry.
    public init(_ challenge: AuthenticationChallenge, from target: OutgoingTarget) throws(Refusal) {
        guard let text = challenge.parameters["realm"] else {
            throw Refusal(reason: "asks for a token and does not say where to get it")
        }
        let url: OutgoingURL
        do {
            url = try OutgoingURL(text)
        } catch {
            throw Refusal(reason: "asks for a token from what cannot be asked: \(error)")
        }
        if !url.target.isSecure {
            guard !target.isSecure, url.target.host == target.host else {
                throw Refusal(
                    reason: "asks for a token from \(url), where anybody could read the password along: "
                        + "its operator should name a token service over https"
                )
            }
        }
        self.url = url
        service = challenge.parameters["service"].flatMap { $0.utf8.count <= Self.serviceByteCountMax ? $0 : nil }
    }

    /// Why no token is asked for.
    public struct Refusal: Error {
        /// A sentence part that follows the name of the registry.
        public let reason: String
    }
}
