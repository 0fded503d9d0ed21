public import OCI
public import Selectors

/// A rule of a project that says which tags stay where they are.
///
/// It holds in all repositories of the project, also in those of projects within it. Rules add up: a tag moves only
/// where each of them lets it.
public struct TagRule: Hashable, Sendable {
    /// What a rule forbids.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A tag that is there neither moves nor goes; one that is not there may be made.
        case immutable
        /// A tag is made, moved and deleted only by those whom the rule names.
        case protected
    }

    /// The project.
    public let project: String
    /// The name, unique in the project.
    public let name: String
    /// What it forbids.
    public let kind: Kind
    /// The repositories that are meant, of those in the project.
    public let repositories: NameSelector
    /// The tags that are meant.
    public let tags: NameSelector
    /// Who may nevertheless, where the rule protects: those who have one of these roles in the project or everywhere;
    /// where there are none, those who manage the project.
    public let roles: [String]

    /// States a rule.
    public init(
        project: String,
        name: String,
        kind: Kind,
        repositories: NameSelector = NameSelector(),
        tags: NameSelector = NameSelector(),
        roles: [String] = []
    ) {
        self.project = project
        self.name = name
        self.kind = kind
        self.repositories = repositories
        self.tags = tags
        self.roles = roles
    }

    /// Whether the rule is about a tag.
    ///
    /// A tag that stands for referrers (`sha256-…`) is meant only by a pattern that begins so: signing tools move such
    /// tags to add to what they list, and follow the manifest that they are about.
    public func covers(_ tag: Tag, in repository: RepositoryName) -> Bool {
        let (tagName, repositoryName) = (tag.description, repository.description)
        guard Self.contains(project, repositoryName), repositories.matches(repositoryName) else { return false }
        guard TagSelector.isReferrerTag(tag) else { return tags.matches(tagName) }
        return tags.include.contains { $0.isOfReferrerTags && $0.matches(tagName) }
            && !tags.exclude.contains { $0.matches(tagName) }
    }

    private static func contains(_ project: String, _ repository: String) -> Bool {
        let (bytes, prefix) = (repository.utf8, project.utf8)
        guard bytes.starts(with: prefix) else { return false }
        let rest = bytes.dropFirst(prefix.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    /// The names of all projects that a repository may be in, the shortest first.
    public static func projects(around repository: RepositoryName) -> [String] {
        var names: [String] = []
        for component in repository.components {
            names.append(names.last.map { "\($0)/\(component)" } ?? String(component))
        }
        return names
    }
}

extension TagRule: CustomStringConvertible {
    /// As a sentence names it: `the immutable rule releases of the project team`.
    public var description: String { "the \(kind.rawValue) rule \(name) of the project \(project)" }
}

extension NamePattern {
    /// Whether the pattern begins as the tags of referrers do.
    fileprivate var isOfReferrerTags: Bool {
        let text =
            switch self {
            case .exactly(let name): name
            case .glob(let glob): glob.description
            case .regex(let pattern): String(pattern.description.drop { $0 == "^" })
            case .semver: ""
            }
        return Digest.Algorithm.allCases.contains { algorithm in
            text.hasPrefix("\(algorithm.rawValue)-") || text.hasPrefix("\(algorithm.rawValue)\\-")
        }
    }
}
