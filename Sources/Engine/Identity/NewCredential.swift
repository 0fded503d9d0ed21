import Metadata

/// A credential that was just made, with its secret: the only moment at which both are together.
public struct NewCredential: Sendable {
    /// What is kept of it.
    public let fact: CredentialFact
    /// The secret, to be shown once.
    public let secret: Secret

    /// Makes a secret for an account.
    ///
    /// - Parameters:
    ///   - kind: what it is for.
    ///   - account: whose it is.
    ///   - label: what its owner calls it.
    ///   - policies: what it is limited to; nil for all that its owner may do.
    ///   - addresses: the blocks of addresses that it may be used from; empty for everywhere.
    ///   - moment: now.
    ///   - end: until when it holds; nil for ever.
    ///   - epoch: that of the account, for what ends when the account changes.
    ///   - client: the program that it is made for, as it calls itself.
    public init(
        _ kind: CredentialFact.Kind,
        of account: String,
        label: String,
        policies: String? = nil,
        addresses: [String] = [],
        at moment: Timestamp,
        until end: Timestamp?,
        epoch: Int64? = nil,
        client: String = ""
    ) {
        secret = HandedOutSecret.random(kind)
        fact = CredentialFact(
            id: Self.randomID(),
            secretHash: secret.sha256,
            account: account,
            kind: kind,
            label: label,
            policies: policies,
            createdAt: moment,
            expiresAt: end,
            epoch: epoch,
            addresses: addresses.joined(separator: " "),
            client: client
        )
    }

    /// A name that nobody else takes: 128 random bits as 26 letters and digits.
    static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        let halves = (0..<2).map { _ in
            let text = String(generator.next() as UInt64, radix: 36)
            return String(repeating: "0", count: 13 - text.utf8.count) + text
        }
        return halves.joined()
    }

    /// By when every token that was made by a credential has ended, if that is taken back now.
    public static func tokensEnd(after moment: Timestamp) -> Timestamp {
        moment + .seconds(TokenService.lifetime + 2 * Authenticator.clockSkew)
    }
}
