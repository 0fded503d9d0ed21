/// Everything that can be set, as one file says it: what is listed is to be so; what is not listed stays as it is.
public struct Declaration: Codable, Hashable, Sendable {
    /// Roles of one's own.
    public var roles: [DeclaredRole]?
    /// Users; a new one gets no password, which is set apart.
    public var users: [DeclaredUser]?
    /// Groups and who is in them.
    public var groups: [DeclaredGroup]?
    /// Projects with their members.
    public var projects: [DeclaredProject]?
    /// Robots; a new one gets no secret, which is made apart.
    public var robots: [DeclaredRobot]?
    /// Who has which roles everywhere.
    public var members: [Member]?

    /// States the values.
    public init(
        roles: [DeclaredRole]? = nil,
        users: [DeclaredUser]? = nil,
        groups: [DeclaredGroup]? = nil,
        projects: [DeclaredProject]? = nil,
        robots: [DeclaredRobot]? = nil,
        members: [Member]? = nil
    ) {
        self.roles = roles
        self.users = users
        self.groups = groups
        self.projects = projects
        self.robots = robots
        self.members = members
    }
}

/// A role, as a file declares it.
public struct DeclaredRole: Codable, Hashable, Sendable {
    /// The name.
    public var name: String
    /// All that it says.
    public var policies: [Policy]

    /// States the values.
    public init(name: String, policies: [Policy]) {
        self.name = name
        self.policies = policies
    }
}

/// A user, as a file declares it.
public struct DeclaredUser: Codable, Hashable, Sendable {
    /// The name.
    public var name: String
    /// Who it is, in words.
    public var description: String?
    /// Whether nobody can log in as it.
    public var isDisabled: Bool?

    /// States the values.
    public init(name: String, description: String? = nil, isDisabled: Bool? = nil) {
        self.name = name
        self.description = description
        self.isDisabled = isDisabled
    }
}

/// A group, as a file declares it.
public struct DeclaredGroup: Codable, Hashable, Sendable {
    /// The name.
    public var name: String
    /// All the accounts in it; without it they stay as they are.
    public var members: [String]?

    /// States the values.
    public init(name: String, members: [String]? = nil) {
        self.name = name
        self.members = members
    }
}

/// A project, as a file declares it.
public struct DeclaredProject: Codable, Hashable, Sendable {
    /// The name.
    public var name: String
    /// Whether everyone may list and pull there; no without it.
    public var isPublic: Bool?
    /// The blocks of addresses that it may be reached from; everywhere without it.
    public var addresses: [String]?
    /// All who have roles in it; without it they stay as they are.
    public var members: [Member]?
    /// Rules of tags; those that are not listed stay as they are.
    public var tagRules: [DeclaredTagRule]?
    /// How much there may be in it; without it that stays as it is.
    public var quota: QuotaChange?

    /// States the values.
    public init(
        name: String,
        isPublic: Bool? = nil,
        addresses: [String]? = nil,
        members: [Member]? = nil,
        tagRules: [DeclaredTagRule]? = nil,
        quota: QuotaChange? = nil
    ) {
        self.quota = quota
        self.name = name
        self.isPublic = isPublic
        self.addresses = addresses
        self.members = members
        self.tagRules = tagRules
    }
}

/// A robot, as a file declares it.
public struct DeclaredRobot: Codable, Hashable, Sendable {
    /// The name to log in with: `PROJECT+NAME` for one of a project.
    public var name: String
    /// What it is for.
    public var description: String?
    /// Whether it cannot log in.
    public var isDisabled: Bool?

    /// States the values.
    public init(name: String, description: String? = nil, isDisabled: Bool? = nil) {
        self.name = name
        self.description = description
        self.isDisabled = isDisabled
    }
}

/// What bringing in a declaration changes, or would change.
public struct DeclarationResult: Codable, Hashable, Sendable {
    /// Whether nothing was changed.
    public var isDryRun: Bool
    /// What was or would be changed, in the order of doing; none where all is so already.
    public var changes: [DeclarationChange]

    /// States the values.
    public init(isDryRun: Bool, changes: [DeclarationChange]) {
        self.isDryRun = isDryRun
        self.changes = changes
    }
}

/// One difference between what a declaration says and what is.
public struct DeclarationChange: Codable, Hashable, Sendable {
    /// What is done about it.
    public enum Operation: String, Codable, Hashable, Sendable, CaseIterable {
        case create
        case change
        case delete
    }

    /// What is done.
    public var operation: Operation
    /// To what kind of thing: `role`, `user`, `group`, `project`, `robot`, `member`, `tagRule`.
    public var kind: String
    /// Its name.
    public var name: String
    /// The fields that differ: what is now, and what is to be, as text.
    public var fields: [FieldChange]

    /// States the values.
    public init(_ operation: Operation, _ kind: String, _ name: String, fields: [FieldChange] = []) {
        self.operation = operation
        self.kind = kind
        self.name = name
        self.fields = fields
    }
}

/// A field whose value differs.
public struct FieldChange: Codable, Hashable, Sendable {
    /// The name of the field.
    public var field: String
    /// Its value now; not given where there is none.
    public var from: String?
    /// Its value to be; not given where there is none.
    public var to: String?

    /// States the values.
    public init(_ field: String, from: String?, to: String?) {
        self.field = field
        self.from = from
        self.to = to
    }
}
