/// A secret that was handed out for an account, known by its hash.
public struct CredentialFact: Hashable, Sendable {
    /// What the secret is for.
    public enum Kind: String, Hashable, Sendable {
        /// A person's own, in place of the password.
        case personal
        /// A robot's.
        case robot
        /// To get further tokens of the token service.
        case refresh
    }

    /// The name by which it is listed and taken back.
    public var id: String
    /// The SHA-256 of the secret, in hexadecimal digits.
    public var secretHash: String
    /// Whose it is.
    public var account: String
    /// What it is for.
    public var kind: Kind
    /// What its owner calls it.
    public var label: String
    /// What it is limited to, as the text of policies; nil where it may do all that its owner may.
    public var policies: String?
    /// When it was made.
    public var createdAt: Timestamp
    /// Until when it holds; nil for ever.
    public var expiresAt: Timestamp?
    /// The epoch of its account when a session began; nil for what outlives a new password.
    public var epoch: Int64?
    /// The blocks of addresses that it may be used from, with a space between; empty for everywhere.
    public var addresses: String
    /// The program that a session was begun by, as it calls itself.
    public var client: String
    /// When it was used last, as far as it was written down; nil for never.
    public var lastUsedAt: Timestamp?
    /// From where it was used last.
    public var lastAddress: String?

    /// Describes a credential.
    public init(
        id: String,
        secretHash: String,
        account: String,
        kind: Kind,
        label: String,
        policies: String? = nil,
        createdAt: Timestamp,
        expiresAt: Timestamp? = nil,
        epoch: Int64? = nil,
        addresses: String = "",
        client: String = "",
        lastUsedAt: Timestamp? = nil,
        lastAddress: String? = nil
    ) {
        self.id = id
        self.secretHash = secretHash
        self.account = account
        self.kind = kind
        self.label = label
        self.policies = policies
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.epoch = epoch
        self.addresses = addresses
        self.client = client
        self.lastUsedAt = lastUsedAt
        self.lastAddress = lastAddress
    }
}

/// A key that signs tokens.
public struct SigningKeyFact: Hashable, Sendable {
    /// The id, as tokens name it.
    public var id: String
    /// Its secret number, as bytes.
    public var privateKey: [UInt8]
    /// When it was made.
    public var createdAt: Timestamp

    /// Describes a key.
    public init(id: String, privateKey: [UInt8], createdAt: Timestamp) {
        self.id = id
        self.privateKey = privateKey
        self.createdAt = createdAt
    }
}

extension SigningKeyFact: CustomStringConvertible, CustomReflectable {
    /// The id, and nothing of the key.
    public var description: String { "the key \(id)" }
    /// Nothing: what prints a value looks in here.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a request with an idempotency key was answered.
public struct KeptAnswerFact: Hashable, Sendable {
    /// The hash of the key, so that the key is known to its sender alone.
    public var keyHash: String
    /// The hash of who asked for what: the same key for something else is a mistake.
    public var requestHash: String
    /// The answer, sealed.
    public var answer: [UInt8]
    /// When it was given.
    public var createdAt: Timestamp

    /// Describes a kept answer.
    public init(keyHash: String, requestHash: String, answer: [UInt8], createdAt: Timestamp) {
        self.keyHash = keyHash
        self.requestHash = requestHash
        self.answer = answer
        self.createdAt = createdAt
    }
}
