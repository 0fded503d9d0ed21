public import OCI

/// What nobody may change, whoever they are: everything, or projects.
public struct ReadOnlyRules: Sendable, Hashable {
    /// Why something may not be changed.
    public struct Rule: Sendable, Hashable {
        /// A project, or nil for everything.
        public let project: String?
        /// The reason, as who made the rule gave it.
        public let reason: String

        /// States it.
        public init(project: String?, reason: String) {
            (self.project, self.reason) = (project, reason)
        }

        /// What is read-only, and why, for whoever is refused.
        public var sentence: String {
            let what = project.map { "the project \($0)" } ?? "the registry"
            return "\(what) is read-only\(reason.isEmpty ? "" : ": \(reason)")"
        }
    }

    private let whole: Rule?
    private let projects: [String: Rule]

    /// Rules, one at most for each project and for everything.
    public init(_ rules: [Rule] = []) {
        whole = rules.first { $0.project == nil }
        projects = Dictionary(rules.compactMap { rule in rule.project.map { ($0, rule) } }) { first, _ in first }
    }

    /// The rule that keeps a repository from being changed, the widest first; nil where it may be.
    public func rule(for repository: RepositoryName) -> Rule? {
        if let whole { return whole }
        guard !projects.isEmpty else { return nil }
        var name = ""
        for part in repository.description.split(separator: "/") {
            name += name.isEmpty ? part : "/\(part)"
            if let rule = projects[name] { return rule }
        }
        return nil
    }
}
