import NetworkAddress
import OCI
import Selectors

/// All that decides who may do what, as it was at one moment.
///
/// Total: each question has an answer, and it is no unless something says yes. A denial beats whatever allows.
///
/// A value that never changes, and a class, because each request holds on to it.
public final class AccessRules: Sendable {
    let roles: [String: Role]
    let projects: [String: Project]
    private let grants: [Subject: [Grant]]
    /// Whether any project is closed to some addresses: mostly none is, and callers' need not be known.
    public let looksAtAddresses: Bool

    /// States the rules; a role of one's own goes before a built-in one of its name.
    public init(roles: [Role] = [], grants: [Grant], projects: [Project] = []) {
        self.roles = Dictionary(Role.builtIn.map { ($0.name, $0) }) { _, last in last }
            .merging(roles.map { ($0.name, $0) }) { _, own in own }
        self.grants = Dictionary(grouping: grants, by: \.subject)
        self.projects = Dictionary(projects.map { ($0.name, $0) }) { _, last in last }
        looksAtAddresses = projects.contains { !$0.addresses.isEmpty }
    }

    /// Decides whether somebody may do one thing with one repository.
    public func decide(_ principal: Principal, _ action: Action, on repository: RepositoryName) -> Decision {
        if principal.kind == .local { return Decision(.localAdministrator) }
        let name = repository.description
        var allowing: Decision.Reason?
        for grant in grants(of: principal) {
            guard isHeld(grant, for: name), let role = roles[grant.role] else { continue }
            for policy in role.policies where policy.covers(action, name) {
                if policy.effect == .deny { return Decision(.denied(grant, policy)) }
                allowing = allowing ?? .granted(grant, policy)
            }
        }
        if allowing == nil, action == .list || action == .pull { allowing = publicProject(of: name) }
        guard let allowing else { return Decision(.nothingAllows) }
        if let project = projectClosed(to: principal.address, around: name) {
            return Decision(.addressNotAllowed(project))
        }
        return isWithinLimit(principal, action, name) ? Decision(allowing) : Decision(.beyondLimit)
    }

    /// Decides whether somebody may manage the installation: its accounts, roles and projects.
    ///
    /// That takes a role that is held everywhere and gives `manage` on everything.
    public func decideManagement(by principal: Principal) -> Decision {
        if principal.kind == .local { return Decision(.localAdministrator) }
        var allowing: Decision.Reason?
        for grant in grants(of: principal) where grant.project == nil {
            for policy in roles[grant.role]?.policies ?? [] where policy.coversManagement {
                if policy.effect == .deny { return Decision(.denied(grant, policy)) }
                allowing = allowing ?? .granted(grant, policy)
            }
        }
        guard let allowing else { return Decision(.nothingAllows) }
        let isWithinLimit = principal.limits.allSatisfy { limit in
            let covering = limit.filter(\.coversManagement)
            return covering.contains { $0.effect == .allow } && !covering.contains { $0.effect == .deny }
        }
        return isWithinLimit ? Decision(allowing) : Decision(.beyondLimit)
    }

    /// Decides whether somebody may manage a project: they have `manage` on its name, and on what is below it.
    ///
    /// Who had it on the name alone could otherwise give roles in the project that reach further than their own.
    public func decideManagement(of project: String, by principal: Principal) -> Decision {
        let whole = decideManagement(by: principal)
        if whole.isAllowed { return whole }
        var decision = whole
        for name in [project, "\(project)/0", "\(project)/0/0", "\(project)/0/0/0/0/0/0/0/0"] {
            guard let repository = try? RepositoryName(name) else { return whole }
            decision = decide(principal, .manage, on: repository)
            guard decision.isAllowed else { return decision }
        }
        return decision
    }

    /// Whether somebody has one of some roles in a project, in one around it, or everywhere.
    public func has(_ principal: Principal, oneOf roles: [String], in project: String) -> Bool {
        if principal.kind == .local { return true }
        return grants(of: principal).contains { roles.contains($0.role) && isHeld($0, for: project) }
    }

    /// The grants that are for somebody.
    func grants(of principal: Principal) -> [Grant] {
        var found = grants[.anyone] ?? []
        switch principal.kind {
        case .user: found += grants[.user(principal.name)] ?? []
        case .robot: found += grants[.robot(principal.name)] ?? []
        case .local, .anonymous: break
        }
        if principal.kind != .anonymous { found += grants[.authenticated] ?? [] }
        for group in principal.groups.sorted() { found += grants[.group(group)] ?? [] }
        return found
    }

    /// The first project around a name, the nearest first, that an address may not reach.
    private func projectClosed(to address: IPAddress?, around name: String) -> String? {
        guard looksAtAddresses else { return nil }
        return projects(around: name).first { !$0.isOpen(to: address) }?.name
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
        projects(around: name).first { _ in true }
    }

    /// The projects that a name is in, the longest first.
    private func projects(around name: String) -> some Sequence<Project> {
        sequence(first: name[...]) { part in
            part.utf8.lastIndex(of: UInt8(ascii: "/")).map { part[..<$0] }
        }.lazy.compactMap { [projects] in projects[String($0)] }
    }

    private func isWithinLimit(_ principal: Principal, _ action: Action, _ name: String) -> Bool {
        principal.limits.allSatisfy { limit in
            var isAllowed = false
            for policy in limit where policy.covers(action, name) {
                if policy.effect == .deny { return false }
                isAllowed = true
            }
            return isAllowed
        }
    }
}

extension Policy {
    fileprivate func covers(_ action: Action, _ name: String) -> Bool {
        actions.contains(ActionSet(action)) && repositories.matches(name)
    }

    /// Whether it is about managing everything.
    fileprivate var coversManagement: Bool {
        actions.contains(.manage) && repositories.isEverything
    }
}
