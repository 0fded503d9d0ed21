/// What a role says of some repositories.
public struct Policy: Codable, Hashable, Sendable {
    /// Whether a policy gives or takes.
    public enum Effect: String, Codable, Hashable, Sendable, CaseIterable {
        case allow
        case deny
    }

    /// Whether it gives or takes; it gives without it.
    public var effect: Effect?
    /// A pattern of repositories: `team/*` is one level, `team/**` all below, a lone `*` everything.
    public var repo: String
    /// The actions: list, pull, push, tag, overwrite, delete, scan, sign, manage; or `*` for all.
    public var actions: [String]

    /// States the values.
    public init(effect: Effect? = nil, repo: String, actions: [String]) {
        self.effect = effect
        self.repo = repo
        self.actions = actions
    }
}

/// A name for what somebody may do.
public struct Role: Codable, Hashable, Sendable {
    /// The name, as members have it.
    public var name: String
    /// Whether it is there from the start, and cannot be changed.
    public var isBuiltIn: Bool
    /// What it says; a denial beats what allows.
    public var policies: [Policy]

    /// States the values.
    public init(name: String, isBuiltIn: Bool = false, policies: [Policy]) {
        self.name = name
        self.isBuiltIn = isBuiltIn
        self.policies = policies
    }
}

/// What a role is to say.
public struct RolePolicies: Codable, Hashable, Sendable {
    /// All of it.
    public var policies: [Policy]

    /// States the values.
    public init(policies: [Policy]) {
        self.policies = policies
    }
}
