import OCI
import Selectors

/// All that decides who may do what, as it was at one moment.
///
/// Total: each question has an answer, and it is no unless something says yes. A denial beats whatever allows.
public struct AccessRules: Sendable {
    let roles: [String: Role]
    let grants: [Grant]
    let projects: [String: Project]

    /// States the rules; a role of one's own goes before a built-in one of its name.
    public init(roles: [Role] = [], grants: [Grant], projects: [Project] = []) {
        self.roles = Dictionary(Role.builtIn.map { ($0.name, $0) }) { _, last in last }
            .merging(roles.map { ($0.name, $0) }) { _, own in own }
        self.grants = grants
        self.projects = Dictionary(projects.map { ($0.name, $0) }) { _, last in last }
    }

    /// Decides whether somebody may do one thing with one repository.
    public func decide(_ principal: Principal, _ action: Action, on repository: RepositoryName) -> Decision {
        if principal.kind == .local { return Decision(.localAdministrator) }
        let name = repository.description
        var allowing: Decision.Reason?
        for grant in grants where grant.subject.includes(principal) {
            guard isHeld(grant, for: name), let role = roles[grant.role] else { continue }
            for policy in role.policies where policy.covers(action, name) {
                if policy.effect == .deny { return Decision(.denied(grant, policy)) }
                allowing = allowing ?? .granted(grant, policy)
            }
        }
        if allowing == nil, action == .list || action == .pull { allowing = publicProject(of: name) }
        guard let allowing else { return Decision(.nothingAllows) }
        return isWithinLimit(principal, action, name) ? Decision(allowing) : Decision(.beyondLimit)
    }

    private func isHeld(_ grant: Grant, for name: String) -> Bool {
        guard let project = grant.project else { return true }
        return projects[project]?.contains(name) ?? false
    }

    /// Of nested projects the longest name decides: a private one within a public one is private.
    private func publicProject(of name: String) -> Decision.Reason? {
        guard let project = project(of: name), project.isPublic else { return nil }
        return .publicProject(project.name)
    }

    /// The project that a repository belongs to: the one with the longest name.
    public func project(of name: String) -> Project? {
        var end = name.endIndex
        while true {
            if let project = projects[String(name[..<end])] { return project }
            guard let slash = name[..<end].utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
            end = slash
        }
    }

    private func isWithinLimit(_ principal: Principal, _ action: Action, _ name: String) -> Bool {
        principal.limits.allSatisfy { limit in
            let covering = limit.filter { $0.covers(action, name) }
            return covering.contains { $0.effect == .allow } && !covering.contains { $0.effect == .deny }
        }
    }
}

extension Policy {
    fileprivate func covers(_ action: Action, _ name: String) -> Bool {
        actions.contains(ActionSet(action)) && repositories.matches(name)
    }
}
