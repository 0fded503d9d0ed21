import Access
import AdminModel
import Identity
import Metadata
import OCI

/// Projects, and who has which roles in them or everywhere.
extension Management {
    /// Projects, by name: those that the caller may see.
    public func projects(after last: String?, limit: Int) async throws -> Page<AdminModel.Project> {
        try requireLogin()
        let seen = try await read { try $0.projects() }.filter { sees($0.name) }.map { AdminModel.Project($0) }
        return Page(of: seen, by: \.name, after: last, limit: limit)
    }

    /// A project that the caller may see.
    public func project(_ name: String) async throws -> AdminModel.Project {
        try requireLogin()
        guard sees(name), let project = try await read({ try $0.project(name) }) else {
            throw Bounds.missing("project \(name)")
        }
        return project
    }

    /// Makes a project.
    public func create(_ new: NewProject) async throws -> AdminModel.Project {
        let reason = try requireProject(new.name)
        let name = try Bounds.project(new.name)
        let fact = ProjectFact(
            name: name,
            isPublic: new.isPublic ?? false,
            addresses: try Bounds.addresses(new.addresses).joined(separator: " "),
            createdAt: now
        )
        return try await change("project.create", "project:\(name)", because: reason) { facts, details in
            guard try facts.project(name) == nil else {
                throw Problem(.conflict, "there is a project \(name) already", field: "name")
            }
            try facts.setProject(fact)
            details["isPublic"] = "\(fact.isPublic)"
            if !fact.addresses.isEmpty { details["addresses"] = fact.addresses }
            return AdminModel.Project(fact)
        }
    }

    /// Says what a project is, and makes it where there is none.
    public func setProject(_ name: String, _ wanted: ProjectChange) async throws -> AdminModel.Project {
        let reason = try requireProject(name)
        let name = try Bounds.project(name)
        let addresses = try Bounds.addresses(wanted.addresses).joined(separator: " ")
        let moment = now
        return try await change("project.set", "project:\(name)", because: reason) { facts, details in
            let current = try facts.project(name)
            try condition.check(current)
            let fact = ProjectFact(
                name: name,
                isPublic: wanted.isPublic ?? false,
                addresses: addresses,
                createdAt: current?.createdAt.timestamp ?? moment
            )
            try facts.setProject(fact)
            details["isPublic"] = "\(fact.isPublic)"
            details["addresses"] = addresses
            return AdminModel.Project(fact)
        }
    }

    /// Whether the caller may see that there is a project: who may list in it, or manage it.
    func sees(_ name: String) -> Bool {
        if managesInstallation { return true }
        guard let repository = try? RepositoryName(name) else { return false }
        let rules = service.directory.snapshot.rules
        return rules.decide(login.principal, .list, on: repository).isAllowed
            || rules.decideManagement(of: name, by: login.principal).isAllowed
    }

    // MARK: Members

    /// Who has which roles in a project, or everywhere, by subject.
    public func members(of project: String?, after last: String?, limit: Int) async throws -> Page<Member> {
        try requireMembers(of: project)
        let members = try await read { facts in
            if let project, try facts.project(project) == nil { throw Bounds.missing("project \(project)") }
            return try facts.members(of: project)
        }
        return Page(of: members, by: \.subject, after: last, limit: limit)
    }

    /// The roles that somebody has in a project, or everywhere.
    public func member(_ subject: String, of project: String?) async throws -> Member {
        try requireMembers(of: project)
        let found = try await read { try $0.members(of: project) }.first { $0.subject == subject }
        guard let found else { throw Bounds.missing("member \(subject)") }
        return found
    }

    /// Says which roles somebody has in a project, or everywhere; none takes them away.
    public func setMember(_ subject: String, of project: String?, _ wanted: MemberRoles) async throws -> Member {
        let reason = try requireMembers(of: project)
        try requireUnlimited()
        let roles = try Bounds.names(wanted.roles, field: "roles")
        let target = project.map { "project:\($0)" } ?? "installation"
        return try await change("member.set", target, because: reason) { facts, details in
            let current = try facts.members(of: project).first { $0.subject == subject }
            try condition.check(current)
            details["subject"] = subject
            details["roles"] = roles.joined(separator: ", ")
            return try Self.setMember(subject, of: project, roles, facts)
        }
    }

    static func setMember(_ subject: String, of project: String?, _ roles: [String], _ facts: Facts) throws -> Member {
        if let project, try facts.project(project) == nil { throw Bounds.missing("project \(project)") }
        guard Subject(subject) != nil else { throw noSubject }
        let current = try facts.members(of: project).first { $0.subject == subject }?.roles ?? []
        for role in current where !roles.contains(role) {
            _ = try facts.deleteGrant(GrantFact(subject: subject, role: role, project: project))
        }
        try give(roles.filter { !current.contains($0) }, to: subject, in: project, facts)
        return Member(subject: subject, roles: roles)
    }

    @discardableResult
    private func requireMembers(of project: String?) throws -> Decision {
        try project.map { try requireProject($0) } ?? requireInstallation()
    }

    /// Gives roles to a subject; both must be there.
    static func give(_ roles: [String], to subject: String, in project: String?, _ facts: Facts) throws {
        guard !roles.isEmpty else { return }
        try requireSubject(subject, facts)
        let known = Set(try facts.allRoles().map(\.name))
        for role in roles {
            guard known.contains(role) else {
                throw Problem(
                    .unprocessable,
                    "there is no role \(role): there are \(known.sorted().prefix(50).joined(separator: ", "))",
                    field: "roles"
                )
            }
            try facts.insertGrant(GrantFact(subject: subject, role: role, project: project))
        }
    }

    static let noSubject = Problem(
        .invalid,
        "a subject is user:NAME, group:NAME, robot:NAME, authenticated or anyone",
        field: "subject"
    )

    private static func requireSubject(_ text: String, _ facts: Facts) throws {
        guard Subject(text) != nil else { throw noSubject }
        guard try isThere(text, facts) else {
            throw Problem(.unprocessable, "there is no \(text)", field: "subject")
        }
    }

    /// Whether there is somebody who can have a role.
    static func isThere(_ subject: String, _ facts: Facts) throws -> Bool {
        switch Subject(subject) {
        case .user(let name): try facts.user(name) != nil
        case .robot(let name): try facts.account(name)?.kind == .robot
        case .group(let name): try facts.groups().contains { $0.name == name }
        case .authenticated, .anyone: true
        case nil: false
        }
    }
}
