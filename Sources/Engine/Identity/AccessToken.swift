/// What a short-lived token says, as a JSON Web Token (RFC 7519) with the claims of Docker's token specification.
public struct AccessToken: Hashable, Sendable, Codable {
    /// The registry that made it.
    public var issuer: String
    /// The service that it is for.
    public var audience: String
    /// The account that it stands for; empty for nobody.
    public var subject: String
    /// Seconds since 1970 from when it holds.
    public var notBefore: Int64
    /// Seconds since 1970 until when it holds.
    public var expiresAt: Int64
    /// Seconds since 1970 when it was made.
    public var issuedAt: Int64
    /// Its own name.
    public var id: String
    /// What its bearer may do at most.
    public var access: [TokenScope]
    /// The epoch of the account when it was made: one that has grown since ends the token.
    public var epoch: Int64
    /// The credential that it was made for; nil for a password.
    public var credential: String?
    /// What that credential is limited to, as the text of policies; nil where it is not limited.
    public var limit: String?
    /// The addresses that the credential may be used from; nil for everywhere.
    public var addresses: String?
    /// Seconds since 1970 until when the credential holds; nil for ever.
    public var credentialEnd: Int64?
    /// The groups that the source of the account had it in, besides its own; nil for none.
    public var groups: Set<String>?

    enum CodingKeys: String, CodingKey {
        case issuer = "iss"
        case audience = "aud"
        case subject = "sub"
        case notBefore = "nbf"
        case expiresAt = "exp"
        case issuedAt = "iat"
        case id = "jti"
        case access
        case epoch = "wharf_epoch"
        case credential = "wharf_credential"
        case limit = "wharf_limit"
        case addresses = "wharf_addresses"
        case credentialEnd = "wharf_credential_exp"
        case groups = "wharf_groups"
    }
}
