/// Somebody who can log in, or a program that can.
public struct AccountFact: Hashable, Sendable {
    /// What kind of account it is.
    public enum Kind: String, Hashable, Sendable {
        case user
        case robot
    }

    /// The name, unique among all accounts.
    public var name: String
    /// What kind of account it is.
    public var kind: Kind
    /// What is kept of its password; nil where it has none.
    public var password: String?
    /// A number that grows when the tokens that the account was given before are to end.
    ///
    /// It begins with the moment at which the account was made, so that what an earlier one of that name was given
    /// is of no use.
    public var epoch: Int64
    /// When it was made.
    public var createdAt: Timestamp
    /// Since when nobody can log in as it; nil where they can.
    public var disabledAt: Timestamp?

    /// Describes an account.
    public init(
        name: String,
        kind: Kind,
        password: String?,
        epoch: Int64? = nil,
        createdAt: Timestamp,
        disabledAt: Timestamp? = nil
    ) {
        self.name = name
        self.kind = kind
        self.password = password
        self.epoch = epoch ?? createdAt.microseconds
        self.createdAt = createdAt
        self.disabledAt = disabledAt
    }
}

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

    /// Describes a credential.
    public init(
        id: String,
        secretHash: String,
        account: String,
        kind: Kind,
        label: String,
        policies: String? = nil,
        createdAt: Timestamp,
        expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.secretHash = secretHash
        self.account = account
        self.kind = kind
        self.label = label
        self.policies = policies
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// A part of the names, and whether everyone may read there.
public struct ProjectFact: Hashable, Sendable {
    /// The name: what its repositories begin with.
    public var name: String
    /// Whether everyone may list and pull there.
    public var isPublic: Bool
    /// When it was made.
    public var createdAt: Timestamp

    /// Describes a project.
    public init(name: String, isPublic: Bool, createdAt: Timestamp) {
        self.name = name
        self.isPublic = isPublic
        self.createdAt = createdAt
    }
}

/// A role of one's own, with the text of its policies.
public struct RoleFact: Hashable, Sendable {
    /// The name, as grants give it.
    public var name: String
    /// What it gives and takes, as the text of policies.
    public var policies: String

    /// Describes a role.
    public init(name: String, policies: String) {
        self.name = name
        self.policies = policies
    }
}

/// A role that somebody has.
public struct GrantFact: Hashable, Sendable {
    /// Who, such as `user:alice`.
    public var subject: String
    /// The name of the role.
    public var role: String
    /// Where; nil for everywhere.
    public var project: String?

    /// Describes a grant.
    public init(subject: String, role: String, project: String?) {
        self.subject = subject
        self.role = role
        self.project = project
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
