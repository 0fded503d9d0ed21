/// A person who can log in, or a program that logs in as one.
public struct User: Codable, Hashable, Sendable {
    /// The name, unique among all accounts.
    public var name: String
    /// Who it is, in words.
    public var description: String
    /// The groups that it is in, in order.
    public var groups: [String]
    /// Whether nobody can log in as it.
    public var isDisabled: Bool
    /// Whether it has a password in this registry.
    public var hasPassword: Bool
    /// When it was made.
    public var createdAt: Instant

    /// States the values.
    public init(
        name: String,
        description: String = "",
        groups: [String] = [],
        isDisabled: Bool = false,
        hasPassword: Bool = true,
        createdAt: Instant
    ) {
        self.name = name
        self.description = description
        self.groups = groups
        self.isDisabled = isDisabled
        self.hasPassword = hasPassword
        self.createdAt = createdAt
    }
}

/// A user to be made.
public struct NewUser: Codable, Hashable, Sendable {
    /// The name: 1 to 128 letters, digits and `._-@`, the first a letter or digit.
    public var name: String
    /// The password, of 8 characters at least; without it one is made and told in the answer.
    public var password: String?
    /// Who it is, in words.
    public var description: String?
    /// The groups to put it into.
    public var groups: [String]?

    /// States the values.
    public init(name: String, password: String? = nil, description: String? = nil, groups: [String]? = nil) {
        self.name = name
        self.password = password
        self.description = description
        self.groups = groups
    }
}

/// What is to be changed of a user; what is not given stays.
public struct UserChange: Codable, Hashable, Sendable {
    /// Who it is, in words.
    public var description: String?
    /// All the groups that it is to be in.
    public var groups: [String]?
    /// Whether nobody may log in as it: its tokens and sessions end at once.
    public var isDisabled: Bool?

    /// States the values.
    public init(description: String? = nil, groups: [String]? = nil, isDisabled: Bool? = nil) {
        self.description = description
        self.groups = groups
        self.isDisabled = isDisabled
    }
}

/// A user that was made, with the password that was made for it.
public struct MadeUser: Codable, Hashable, Sendable {
    /// The user.
    public var user: User
    /// The password, shown this once; not given where the caller gave one.
    public var password: String?

    /// States the values.
    public init(user: User, password: String? = nil) {
        self.user = user
        self.password = password
    }
}

/// A password to be set; every session of the user ends, and every bearer token; personal tokens stay.
public struct PasswordChange: Codable, Hashable, Sendable {
    /// The new password, of 8 characters at least; without it one is made and told.
    public var password: String?
    /// The password of now; needed to change one's own.
    public var currentPassword: String?

    /// States the values.
    public init(password: String? = nil, currentPassword: String? = nil) {
        self.password = password
        self.currentPassword = currentPassword
    }
}

/// The answer to a change of a password.
public struct GivenPassword: Codable, Hashable, Sendable {
    /// The password that was made, shown this once; not given where the caller gave one.
    public var password: String?

    /// States the values.
    public init(password: String? = nil) {
        self.password = password
    }
}

/// A password that was hashed elsewhere, to be given to a user.
public struct PasswordImport: Codable, Hashable, Sendable {
    /// The hash, as `htpasswd -B` writes it.
    public var hash: String

    /// States the value.
    public init(hash: String) {
        self.hash = hash
    }
}

/// Accounts under one name, that roles can be given to.
public struct Group: Codable, Hashable, Sendable {
    /// The name, unique among the groups.
    public var name: String
    /// The accounts in it, in order.
    public var members: [String]
    /// When it was made.
    public var createdAt: Instant

    /// States the values.
    public init(name: String, members: [String] = [], createdAt: Instant) {
        self.name = name
        self.members = members
        self.createdAt = createdAt
    }
}

/// Who is to be in a group.
public struct GroupMembers: Codable, Hashable, Sendable {
    /// All the accounts that are to be in it.
    public var members: [String]

    /// States the values.
    public init(members: [String]) {
        self.members = members
    }
}
