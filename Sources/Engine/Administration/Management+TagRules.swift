import AdminModel
import Identity
import Metadata

/// The rules of projects that say which tags stay where they are.
extension Management {
    /// The rules of a project, by name.
    public func tagRules(of project: String, after last: String?, limit: Int) async throws -> Page<TagRule> {
        try requireProject(project)
        let rules = try await read { facts in
            guard try facts.project(project) != nil else { throw Bounds.missing("project \(project)") }
            return try facts.tagRules(of: project).map { try TagRule($0) }
        }
        return Page(of: rules, by: \.name, after: last, limit: limit)
    }

    /// A rule of a project.
    public func tagRule(_ name: String, of project: String) async throws -> TagRule {
        try requireProject(project)
        guard let fact = try await read({ try $0.tagRule(name, of: project) }) else {
            throw Bounds.missing("rule \(name) in the project \(project)")
        }
        return try TagRule(fact)
    }

    /// Says what a rule is, and makes it where there is none.
    ///
    /// It holds for each push that begins when this returns, at every server.
    public func setTagRule(_ name: String, of project: String, _ wanted: TagRuleChange) async throws -> TagRule {
        let reason = try requireProject(project)
        let name = try Bounds.name(name)
        let moment = now
        let rule = try await changeTags("tag-rule.set", "project:\(project)", because: reason) { facts, details in
            let current = try facts.tagRule(name, of: project)
            try condition.check(try current.map { try TagRule($0) })
            let fact = try Self.setTagRule(name, of: project, wanted, at: moment, in: facts)
            (details["name"], details["kind"], details["terms"]) = (name, fact.kind, fact.terms)
            return try TagRule(fact)
        }
        try await service.facts.settle()
        return rule
    }

    /// Makes or changes a rule of a project that is there.
    static func setTagRule(
        _ name: String,
        of project: String,
        _ wanted: TagRuleChange,
        at moment: Timestamp,
        in facts: Facts
    ) throws -> TagRuleFact {
        guard try facts.project(project) != nil else { throw Bounds.missing("project \(project)") }
        let rules = try facts.tagRules(of: project)
        let current = rules.first { $0.name == name }
        guard current != nil || rules.count < Bounds.tagRuleCountMax else {
            throw Problem(.conflict, "a project has at most \(Bounds.tagRuleCountMax) rules of tags")
        }
        let known = Set(try facts.allRoles().map(\.name))
        if let role = wanted.roles?.first(where: { !known.contains($0) }) {
            throw Problem(.unprocessable, "there is no role \(role)", field: "roles")
        }
        let fact = try wanted.fact(name, of: project, createdAt: current?.createdAt ?? moment)
        try facts.setTagRule(fact)
        return fact
    }

    /// Takes a rule away.
    public func deleteTagRule(_ name: String, of project: String) async throws {
        let reason = try requireProject(project)
        _ = try await changeTags("tag-rule.delete", "project:\(project)", because: reason) { facts, details in
            guard let current = try facts.tagRule(name, of: project) else {
                throw Bounds.missing("rule \(name) in the project \(project)")
            }
            try condition.check(try TagRule(current))
            details["name"] = name
            return try facts.deleteTagRule(name, of: project)
        }
    }
}
