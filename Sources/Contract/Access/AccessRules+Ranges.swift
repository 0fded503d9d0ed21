import Selectors

extension AccessRules {
    /// What the names of all repositories begin with where a principal may do something: a list looks nowhere else.
    ///
    /// In bytewise order, none of them the beginning of another; `[""]` is everywhere.
    public func prefixes(of action: Action, for principal: Principal) -> [String] {
        if principal.kind == .local { return [""] }
        var prefixes: Set<String> = []
        for grant in grants(of: principal) {
            for policy in roles[grant.role]?.policies ?? [] {
                guard policy.effect == .allow, policy.actions.contains(ActionSet(action)) else { continue }
                if let prefix = prefix(of: policy, in: grant) { prefixes.insert(prefix) }
            }
        }
        if action == .list || action == .pull {
            prefixes.formUnion(projects.values.filter(\.isPublic).map(\.name))
        }
        return Self.outermost(prefixes)
    }

    /// Nil where the pattern and the project have nothing in common.
    private func prefix(of policy: Policy, in grant: Grant) -> String? {
        let literal = policy.repositories.literalPrefix
        guard let project = grant.project else { return literal }
        if literal.utf8.starts(with: project.utf8) { return literal }
        return project.utf8.starts(with: literal.utf8) ? project : nil
    }

    private static func outermost(_ prefixes: Set<String>) -> [String] {
        var outermost: [String] = []
        for prefix in prefixes.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if let last = outermost.last, prefix.utf8.starts(with: last.utf8) { continue }
            outermost.append(prefix)
        }
        return outermost
    }
}
