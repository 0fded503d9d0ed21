public import OCI
public import Selectors

/// What is to be kept in step with what: copies of many images, declared.
///
/// Each value has its key in the YAML form, which commands read, and where besides it is said how registries are
/// reached:
///
///     sync:
///       - from: docker.io                      # SyncRule.source: the registry
///         repositories:                        # SyncRule.repositories, a NameSelector
///           - library/alpine                   # .exactly: needs no list, which some registries do not give
///           - glob: team/**                    # .glob
///           - regex: (app|web)-\d+             # .regex
///         exclude-repositories:
///           - glob: "**/test-*"
///         tags:                                # SyncRule.tags, a TagSelector
///           include:
///             - latest
///             - semver: ^3.18                  # .semver
///           exclude:
///             - regex: .*-rc.*
///           newest: 5                          # TagSelector.Newest.count
///           by: version                        # TagSelector.Newest.order: version, name
///         to:                                  # SyncRule.targets, texts that SyncTarget reads
///           - mirror.example.com/hub/{repository}
///         platforms: [linux/amd64, linux/arm64]
///         sparse: false                        # with platforms: the index as it is
///         referrers: true                      # TransferOptions.copiesReferrers
///         signatures: true                     # TransferOptions.copiesSignatureTags
///         delete: false                        # SyncRule.deletes
public struct SyncPlan: Sendable {
    /// The rules, in the order in which they were written.
    public var rules: [SyncRule]

    /// Makes a plan.
    public init(rules: [SyncRule]) {
        self.rules = rules
    }
}

/// Some repositories of one registry, and where their tags are to be too.
public struct SyncRule: Sendable {
    /// The registry that images come from.
    public var source: String
    /// Which of its repositories.
    public var repositories: NameSelector
    /// Which of their tags.
    public var tags: TagSelector
    /// Where they go to.
    public var targets: [SyncTarget]
    /// What is copied with an image, and how.
    public var options: TransferOptions
    /// Whether tags of a target go away that the rule covers and that its source has no more.
    ///
    /// What `newest` leaves out is still there, and so nothing is deleted for it. Nothing is deleted in a repository
    /// whose source could not be listed, or has no tags at all, or of which a copy failed.
    public var deletes: Bool

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - source: The registry that images come from.
    ///   - repositories: Which of its repositories.
    ///   - tags: Which of their tags.
    ///   - targets: Where they go to.
    ///   - options: What is copied with an image, and how.
    ///   - deletes: Whether tags go away that the source has no more.
    public init(
        source: String,
        repositories: NameSelector,
        tags: TagSelector = TagSelector(),
        targets: [SyncTarget],
        options: TransferOptions = TransferOptions(),
        deletes: Bool = false
    ) {
        self.source = source
        self.repositories = repositories
        self.tags = tags
        self.targets = targets
        self.options = options
        self.deletes = deletes
    }
}

/// Where repositories go to: `registry/path`, of which `{repository}` is the whole name at the source, and `{name}` its
/// last component.
public struct SyncTarget: Hashable, Sendable {
    /// Why a text is no target.
    public enum ParseError: Error, Hashable, Sendable {
        /// There is no registry before the first slash, or nothing behind it.
        case incomplete
        /// Braces around something else than `repository` or `name`.
        case placeholder(String)
        /// What is left is no name of a repository.
        case path(RepositoryName.ParseError)
    }

    /// The registry.
    public var registry: String
    /// The name of the repository there, with its placeholders.
    public var path: String

    /// Reads a target.
    ///
    /// - Parameter text: `registry/path`.
    /// - Throws: what is wrong with it.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        guard let slash = text.firstIndex(of: "/"), slash > text.startIndex else { throw .incomplete }
        registry = String(text[..<slash])
        path = String(text[text.index(after: slash)...])
        guard !path.isEmpty else { throw .incomplete }
        for part in path.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            let word = part.prefix { $0 != "}" }
            guard word == "repository" || word == "name", word.endIndex < part.endIndex else {
                throw .placeholder(String(word))
            }
        }
        do throws(RepositoryName.ParseError) {
            _ = try RepositoryName(filled(with: "a", name: "a"))
        } catch {
            throw .path(error)
        }
    }

    /// The repository that a repository of the source becomes.
    public func repository(for source: RepositoryName) throws(RepositoryName.ParseError) -> RepositoryName {
        try RepositoryName(filled(with: source.description, name: String(source.components.last ?? "")))
    }

    private func filled(with repository: String, name: String) -> String {
        path.replacing("{repository}", with: repository).replacing("{name}", with: name)
    }
}

extension SyncTarget.ParseError: CustomStringConvertible {
    /// A sentence part that follows the target.
    public var description: String {
        switch self {
        case .incomplete: "is not of the form registry/path, such as mirror.example.com/{repository}"
        case .placeholder(let word): "has {\(word)}, but there are only {repository} and {name}"
        case .path: "has a path that makes no name of a repository: lower-case letters, digits, . _ - and /"
        }
    }
}
