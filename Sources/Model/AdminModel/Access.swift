/// Who calls.
public struct Caller: Codable, Hashable, Sendable {
    /// Who, such as `user:alice`.
    public var principal: String
    /// The groups that they are in, in order.
    public var groups: [String]
    /// Whether they may manage accounts, roles and projects.
    public var managesInstallation: Bool
    /// The projects whose members and robots they may manage, in order.
    public var managedProjects: [String]
    /// Until when the credential in use holds; not given for one without an end.
    public var credentialExpiresAt: Instant?

    /// States the values.
    public init(
        principal: String,
        groups: [String] = [],
        managesInstallation: Bool = false,
        managedProjects: [String] = [],
        credentialExpiresAt: Instant? = nil
    ) {
        self.principal = principal
        self.groups = groups
        self.managesInstallation = managesInstallation
        self.managedProjects = managedProjects
        self.credentialExpiresAt = credentialExpiresAt
    }
}

/// Whether somebody may do something, and why.
public struct Explanation: Codable, Hashable, Sendable {
    /// Who, such as `user:alice`.
    public var principal: String
    /// What.
    public var action: String
    /// On which repository.
    public var repository: String
    /// Whether they may.
    public var isAllowed: Bool
    /// A sentence that names the rule that decided.
    public var reason: String
    /// The role that decided; not given where none did.
    public var role: String?
    /// Who has that role: the caller, or a group of theirs.
    public var subject: String?
    /// The project that the role is held in, or that decided by being public or closed.
    public var project: String?
    /// The policy of the role that decided.
    public var policy: Policy?

    /// States the values.
    public init(
        principal: String,
        action: String,
        repository: String,
        isAllowed: Bool,
        reason: String,
        role: String? = nil,
        subject: String? = nil,
        project: String? = nil,
        policy: Policy? = nil
    ) {
        self.principal = principal
        self.action = action
        self.repository = repository
        self.isAllowed = isAllowed
        self.reason = reason
        self.role = role
        self.subject = subject
        self.project = project
        self.policy = policy
    }
}

/// A key that signs tokens.
public struct SigningKey: Codable, Hashable, Sendable {
    /// The id, as tokens and the key set name it.
    public var id: String
    /// When it was made.
    public var createdAt: Instant
    /// Whether it signs now; the others only verify what they signed.
    public var isSigning: Bool

    /// States the values.
    public init(id: String, createdAt: Instant, isSigning: Bool) {
        self.id = id
        self.createdAt = createdAt
        self.isSigning = isSigning
    }
}
