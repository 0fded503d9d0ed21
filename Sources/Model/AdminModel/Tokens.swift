/// A secret of a person's own, in place of the password.
public struct Token: Codable, Hashable, Sendable {
    /// The id by which it is taken back.
    public var id: String
    /// Whose it is.
    public var user: String
    /// What its owner calls it.
    public var description: String
    /// What it is limited to; not given where it may do all that its owner may.
    public var policies: [Policy]?
    /// The blocks of addresses that it may be used from; none for everywhere.
    public var addresses: [String]
    /// When it was made.
    public var createdAt: Instant
    /// Until when it holds; not given for one without an end.
    public var expiresAt: Instant?
    /// When it was used last, to the minute.
    public var lastUsedAt: Instant?
    /// From where it was used last.
    public var lastAddress: String?

    /// States the values.
    public init(
        id: String,
        user: String,
        description: String = "",
        policies: [Policy]? = nil,
        addresses: [String] = [],
        createdAt: Instant,
        expiresAt: Instant? = nil,
        lastUsedAt: Instant? = nil,
        lastAddress: String? = nil
    ) {
        self.id = id
        self.user = user
        self.description = description
        self.policies = policies
        self.addresses = addresses
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.lastAddress = lastAddress
    }
}

/// A personal token to be made.
public struct NewToken: Codable, Hashable, Sendable {
    /// Whose it is to be; without it, the caller's.
    public var user: String?
    /// What its owner calls it.
    public var description: String?
    /// What it is to be limited to; without it, all that its owner may do.
    public var policies: [Policy]?
    /// The blocks of addresses that it may be used from.
    public var addresses: [String]?
    /// Until when it is to hold; 90 days without it.
    public var expiresAt: Instant?
    /// Whether it is to hold for ever.
    public var neverExpires: Bool?

    /// States the values.
    public init(
        user: String? = nil,
        description: String? = nil,
        policies: [Policy]? = nil,
        addresses: [String]? = nil,
        expiresAt: Instant? = nil,
        neverExpires: Bool? = nil
    ) {
        self.user = user
        self.description = description
        self.policies = policies
        self.addresses = addresses
        self.expiresAt = expiresAt
        self.neverExpires = neverExpires
    }
}

/// A personal token that was made, with its secret.
public struct MadeToken: Codable, Hashable, Sendable {
    /// The token.
    public var token: Token
    /// The secret to log in with, shown this once.
    public var secret: String

    /// States the values.
    public init(token: Token, secret: String) {
        self.token = token
        self.secret = secret
    }
}

/// A client that stays logged in by a refresh token.
public struct Session: Codable, Hashable, Sendable {
    /// The id by which it is ended.
    public var id: String
    /// Whose it is.
    public var user: String
    /// The program, as it calls itself.
    public var client: String
    /// When it began.
    public var createdAt: Instant
    /// Until when it holds.
    public var expiresAt: Instant?
    /// When it was used last, to the minute.
    public var lastUsedAt: Instant?
    /// From where it was used last.
    public var lastAddress: String?

    /// States the values.
    public init(
        id: String,
        user: String,
        client: String = "",
        createdAt: Instant,
        expiresAt: Instant? = nil,
        lastUsedAt: Instant? = nil,
        lastAddress: String? = nil
    ) {
        self.id = id
        self.user = user
        self.client = client
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.lastAddress = lastAddress
    }
}
