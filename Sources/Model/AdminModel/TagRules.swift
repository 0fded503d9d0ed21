/// What a rule of tags forbids.
public enum TagRuleKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// A tag that is there neither moves nor goes.
    case immutable
    /// A tag is made, moved and deleted only by those whom the rule names.
    case protected
}

/// Names, by patterns: globs, `/…/` for regular expressions, `semver:RANGE` for versions.
public struct NamePatterns: Codable, Hashable, Sendable {
    /// A name matches one of these; any does where there are none.
    public var include: [String]?
    /// A name matches none of these.
    public var exclude: [String]?

    /// States the values.
    public init(include: [String]? = nil, exclude: [String]? = nil) {
        self.include = include
        self.exclude = exclude
    }
}

/// A rule of a project that says which tags stay where they are.
public struct TagRule: Codable, Hashable, Sendable {
    /// The project, in whose repositories it holds.
    public var project: String
    /// The name, unique in the project.
    public var name: String
    /// What it forbids.
    public var kind: TagRuleKind
    /// The repositories that are meant; all of the project without it.
    public var repositories: NamePatterns?
    /// The tags that are meant; all without it.
    public var tags: NamePatterns?
    /// The roles whose holders may nevertheless, where it protects; without them those who manage the project.
    public var roles: [String]?
    /// When it was made.
    public var createdAt: Instant

    /// States the values.
    public init(
        project: String,
        name: String,
        kind: TagRuleKind,
        repositories: NamePatterns? = nil,
        tags: NamePatterns? = nil,
        roles: [String]? = nil,
        createdAt: Instant
    ) {
        self.project = project
        self.name = name
        self.kind = kind
        self.repositories = repositories
        self.tags = tags
        self.roles = roles
        self.createdAt = createdAt
    }
}

/// What a rule of tags is to be.
public struct TagRuleChange: Codable, Hashable, Sendable {
    /// What it forbids.
    public var kind: TagRuleKind
    /// The repositories that are meant; all of the project without it.
    public var repositories: NamePatterns?
    /// The tags that are meant; all without it.
    public var tags: NamePatterns?
    /// The roles whose holders may nevertheless, where it protects; without them those who manage the project.
    public var roles: [String]?

    /// States the values.
    public init(
        kind: TagRuleKind,
        repositories: NamePatterns? = nil,
        tags: NamePatterns? = nil,
        roles: [String]? = nil
    ) {
        self.kind = kind
        self.repositories = repositories
        self.tags = tags
        self.roles = roles
    }
}

/// A rule of tags, as a file declares it.
public struct DeclaredTagRule: Codable, Hashable, Sendable {
    /// The name, unique in the project.
    public var name: String
    /// What it forbids.
    public var kind: TagRuleKind
    /// The repositories that are meant; all of the project without it.
    public var repositories: NamePatterns?
    /// The tags that are meant; all without it.
    public var tags: NamePatterns?
    /// The roles whose holders may nevertheless, where it protects; without them those who manage the project.
    public var roles: [String]?

    /// States the values.
    public init(
        name: String,
        kind: TagRuleKind,
        repositories: NamePatterns? = nil,
        tags: NamePatterns? = nil,
        roles: [String]? = nil
    ) {
        self.name = name
        self.kind = kind
        self.repositories = repositories
        self.tags = tags
        self.roles = roles
    }
}
