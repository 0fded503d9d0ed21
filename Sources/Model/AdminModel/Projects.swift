/// A part of the names: the project's own name, as a repository, and all below it.
public struct Project: Codable, Hashable, Sendable {
    /// The first path component of its repositories, or more of them.
    public var name: String
    /// Whether everyone may list and pull there.
    public var isPublic: Bool
    /// The blocks of addresses that it may be reached from; none for everywhere.
    public var addresses: [String]
    /// When it was made.
    public var createdAt: Instant

    /// States the values.
    public init(name: String, isPublic: Bool = false, addresses: [String] = [], createdAt: Instant) {
        self.name = name
        self.isPublic = isPublic
        self.addresses = addresses
        self.createdAt = createdAt
    }
}

/// What a project is to be.
public struct ProjectChange: Codable, Hashable, Sendable {
    /// Whether everyone may list and pull there; no without it.
    public var isPublic: Bool?
    /// The blocks of addresses that it may be reached from; everywhere without it.
    public var addresses: [String]?

    /// States the values.
    public init(isPublic: Bool? = nil, addresses: [String]? = nil) {
        self.isPublic = isPublic
        self.addresses = addresses
    }
}

/// A project to be made.
public struct NewProject: Codable, Hashable, Sendable {
    /// The first path component of its repositories, or more of them.
    public var name: String
    /// Whether everyone may list and pull there; no without it.
    public var isPublic: Bool?
    /// The blocks of addresses that it may be reached from; everywhere without it.
    public var addresses: [String]?

    /// States the values.
    public init(name: String, isPublic: Bool? = nil, addresses: [String]? = nil) {
        self.name = name
        self.isPublic = isPublic
        self.addresses = addresses
    }
}

/// Somebody who has roles, in a project or everywhere.
public struct Member: Codable, Hashable, Sendable {
    /// Who: `user:NAME`, `group:NAME`, `robot:NAME`, `authenticated` or `anyone`.
    public var subject: String
    /// The roles that they have there, in order.
    public var roles: [String]

    /// States the values.
    public init(subject: String, roles: [String]) {
        self.subject = subject
        self.roles = roles
    }
}

/// The roles that somebody is to have.
public struct MemberRoles: Codable, Hashable, Sendable {
    /// All the roles that they are to have there; none takes them away.
    public var roles: [String]

    /// States the values.
    public init(roles: [String]) {
        self.roles = roles
    }
}
