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
    /// The project that a robot belongs to; nil for one of the whole installation, and for a user.
    public var project: String?
    /// What it is for, as its maker says.
    public var description: String

    /// Describes an account.
    public init(
        name: String,
        kind: Kind,
        password: String?,
        epoch: Int64? = nil,
        createdAt: Timestamp,
        disabledAt: Timestamp? = nil,
        project: String? = nil,
        description: String = ""
    ) {
        self.name = name
        self.kind = kind
        self.password = password
        self.epoch = epoch ?? createdAt.microseconds
        self.createdAt = createdAt
        self.disabledAt = disabledAt
        self.project = project
        self.description = description
    }
}

/// Accounts under one name, that roles can be given to.
public struct GroupFact: Hashable, Sendable {
    /// The name, unique among the groups.
    public var name: String
    /// When it was made.
    public var createdAt: Timestamp

    /// Describes a group.
    public init(name: String, createdAt: Timestamp) {
        self.name = name
        self.createdAt = createdAt
    }
}

/// A part of the names, and whether everyone may read there.
public struct ProjectFact: Hashable, Sendable {
    /// The name: what its repositories begin with.
    public var name: String
    /// Whether everyone may list and pull there.
    public var isPublic: Bool
    /// The blocks of addresses that it may be reached from, with a space between; empty for everywhere.
    public var addresses: String
    /// When it was made.
    public var createdAt: Timestamp

    /// Describes a project.
    public init(name: String, isPublic: Bool, addresses: String = "", createdAt: Timestamp) {
        self.name = name
        self.isPublic = isPublic
        self.addresses = addresses
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
