import Access
import AdminModel
import Identity
import Metadata

/// Everything that can be set, brought in at once and read back.
extension Management {
    /// Makes what is declared so, in one transaction; on a dry run only says what would change.
    ///
    /// What is not declared stays as it is: nothing is deleted but roles of members that are listed with fewer.
    public func apply(_ declaration: Declaration, isDryRun: Bool) async throws -> DeclarationResult {
        let reason = try requireInstallation()
        try requireUnlimited()
        let moment = now
        do {
            let result = try await change("declaration.apply", "installation", because: reason) { facts, details in
                var arrival = Arrival(facts: facts, moment: moment)
                try arrival.bring(declaration)
                // What was done is undone with the transaction: so a dry run finds all that the real one would.
                if isDryRun { throw DryRun(changes: arrival.changes) }
                for change in arrival.changes {
                    try note(change.action, change.target, because: reason, change.details, at: moment, in: facts)
                }
                details["changes"] = "\(arrival.changes.count)"
                return DeclarationResult(isDryRun: false, changes: arrival.changes)
            }
            if result.changes.contains(where: { $0.kind == "tagRule" }) { try await service.facts.settle() }
            return result
        } catch let dryRun as DryRun {
            return DeclarationResult(isDryRun: true, changes: dryRun.changes)
        }
    }

    /// Everything that can be declared, as it is.
    public func declaration() async throws -> Declaration {
        try requireInstallation()
        return try await read { facts in
            Declaration(
                roles: try facts.allRoles().filter { !$0.isBuiltIn }
                    .map { DeclaredRole(name: $0.name, policies: $0.policies) },
                users: try facts.users().map {
                    DeclaredUser(name: $0.name, description: $0.description, isDisabled: $0.isDisabled)
                },
                groups: try facts.memberGroups().map { DeclaredGroup(name: $0.name, members: $0.members) },
                projects: try facts.projects().map { fact in
                    let project = AdminModel.Project(fact)
                    return DeclaredProject(
                        name: project.name,
                        isPublic: project.isPublic,
                        addresses: project.addresses,
                        members: try facts.members(of: project.name),
                        tagRules: try facts.declaredTagRules(of: project.name),
                        quota: try Quota(declared: facts.quota(of: .project(project.name)))?.change
                    )
                },
                robots: try facts.robots().map {
                    DeclaredRobot(name: $0.name, description: $0.description, isDisabled: $0.disabledAt != nil)
                },
                members: try facts.members(of: nil)
            )
        }
    }

    /// Ends the transaction of a dry run.
    private struct DryRun: Error {
        let changes: [DeclarationChange]
    }
}

extension DeclarationChange {
    /// What the audit calls it: as it does where the same is done alone.
    fileprivate var action: String {
        switch (kind, operation) {
        case ("role", _), ("group", _), ("member", _): "\(kind).set"
        case ("tagRule", _): "tag-rule.set"
        default: "\(kind).\(operation.rawValue)"
        }
    }

    /// What it is done to.
    fileprivate var target: String {
        guard ["member", "tagRule"].contains(kind) else { return "\(kind):\(name)" }
        return name.firstRange(of: " of ").map { "project:\(name[$0.upperBound...])" } ?? "installation"
    }

    /// What differs.
    fileprivate var details: [String: String] {
        var details = Dictionary(fields.map { ($0.field, $0.to ?? "") }) { first, _ in first }
        let short = String(name[..<(name.firstRange(of: " of ")?.lowerBound ?? name.endIndex)])
        if kind == "member" { details["subject"] = short }
        if kind == "tagRule" { details["name"] = short }
        return details
    }
}

/// A declaration on its way into the facts, with what it changes.
private struct Arrival {
    let facts: Facts
    let moment: Timestamp
    var changes: [DeclarationChange] = []

    /// In an order in which nothing is named before it is there.
    mutating func bring(_ declaration: Declaration) throws {
        for role in try Self.unique(declaration.roles, "roles", by: \.name) { try bring(role) }
        for user in try Self.unique(declaration.users, "users", by: \.name) { try bring(user) }
        for project in try Self.unique(declaration.projects, "projects", by: \.name) { try bring(project) }
        for robot in try Self.unique(declaration.robots, "robots", by: \.name) { try bring(robot) }
        for group in try Self.unique(declaration.groups, "groups", by: \.name) { try bring(group) }
        for member in try Self.unique(declaration.members, "members", by: \.subject) { try bring(member, in: nil) }
        for project in declaration.projects ?? [] {
            for member in try Self.unique(project.members, "members", by: \.subject) {
                try bring(member, in: project.name)
            }
            for rule in try Self.unique(project.tagRules, "tagRules", by: \.name) { try bring(rule, in: project.name) }
        }
    }

    private static func unique<Item>(_ items: [Item]?, _ field: String, by key: (Item) -> String) throws -> [Item] {
        let items = items ?? []
        guard items.count <= Bounds.nameCountMax else {
            throw Problem(.invalid, "at most \(Bounds.nameCountMax) \(field)", field: field)
        }
        var seen: Set<String> = []
        for item in items where !seen.insert(key(item)).inserted {
            throw Problem(.unprocessable, "\(key(item)) is declared twice", field: field)
        }
        return items
    }

    private mutating func note(
        _ kind: String,
        _ name: String,
        isNew: Bool,
        _ fields: [FieldChange]
    ) {
        let differing = fields.filter { $0.from != $0.to }
        guard isNew || !differing.isEmpty else { return }
        changes.append(DeclarationChange(isNew ? .create : .change, kind, name, fields: differing))
    }

    private mutating func bring(_ wanted: DeclaredRole) throws {
        let current = try facts.role(wanted.name)
        if let current, current.isBuiltIn {
            guard try Policies.areSame(current.policies, wanted.policies) else {
                _ = try Management.ownRoleName(wanted.name)
                return
            }
            return
        }
        let name = try Bounds.name(wanted.name)
        let text = try Policies.text(wanted.policies, field: "roles")
        if let current, try Policies.areSame(current.policies, wanted.policies) { return }
        try facts.setRole(RoleFact(name: name, policies: text))
        let before = try current.map { try Policies.text($0.policies) }
        note("role", name, isNew: current == nil, [FieldChange("policies", from: before, to: text)])
    }

    private mutating func bring(_ wanted: DeclaredUser) throws {
        let current = try facts.user(wanted.name)
        let name = try Bounds.name(wanted.name)
        if current == nil {
            guard try facts.insertAccount(AccountFact(name: name, kind: .user, password: nil, createdAt: moment)) else {
                throw Problem(.conflict, "there is a robot \(name)", field: "users")
            }
        }
        let description = try wanted.description.map { try Bounds.description($0) }
        try bring(name, description, wanted.isDisabled, current?.description, current?.isDisabled, "user")
    }

    private mutating func bring(_ wanted: DeclaredRobot) throws {
        let current = try facts.robot(wanted.name, at: moment)
        if current == nil {
            let project = AccountName.project(ofRobot: wanted.name)
            let short = wanted.name.dropFirst(project.map { $0.utf8.count + 1 } ?? 0)
            guard let name = AccountName.robot(String(short), in: project) else {
                throw Problem(.invalid, "\(wanted.name) is no robot's name: PROJECT+NAME, or NAME", field: "robots")
            }
            if let project, try facts.project(project) == nil {
                throw Problem(.unprocessable, "there is no project \(project)", field: "robots")
            }
            let account = AccountFact(name: name, kind: .robot, password: nil, createdAt: moment, project: project)
            guard try facts.insertAccount(account) else {
                throw Problem(.conflict, "there is a user \(name)", field: "robots")
            }
        }
        let description = try wanted.description.map { try Bounds.description($0) }
        try bring(wanted.name, description, wanted.isDisabled, current?.description, current?.isDisabled, "robot")
    }

    private mutating func bring(
        _ name: String,
        _ description: String?,
        _ isDisabled: Bool?,
        _ currentDescription: String?,
        _ isDisabledNow: Bool?,
        _ kind: String
    ) throws {
        if let description { _ = try facts.setDescription(description, of: name) }
        if let isDisabled, isDisabled != isDisabledNow ?? false {
            _ = try facts.setDisabled(since: isDisabled ? moment : nil, name)
        }
        note(
            kind,
            name,
            isNew: isDisabledNow == nil,
            [
                FieldChange(
                    "description",
                    from: currentDescription,
                    to: description ?? currentDescription
                ),
                FieldChange(
                    "isDisabled",
                    from: isDisabledNow.map { "\($0)" },
                    to: isDisabled.map { "\($0)" } ?? isDisabledNow.map { "\($0)" }
                ),
            ]
        )
    }

    private mutating func bring(_ wanted: DeclaredGroup) throws {
        let current = try facts.group(wanted.name)
        let name = try Bounds.name(wanted.name)
        let members = try Bounds.names(wanted.members ?? current?.members ?? [], field: "members")
        if let current, current.members == members { return }
        _ = try Management.setGroup(name, members, at: moment, in: facts)
        note(
            "group",
            name,
            isNew: current == nil,
            [
                FieldChange(
                    "members",
                    from: current?.members.joined(separator: ", "),
                    to: members.joined(separator: ", ")
                )
            ]
        )
    }

    private mutating func bring(_ wanted: DeclaredProject) throws {
        let current = try facts.project(wanted.name)
        let name = try Bounds.project(wanted.name)
        let addresses = try Bounds.addresses(wanted.addresses)
        try facts.setProject(
            ProjectFact(
                name: name,
                isPublic: wanted.isPublic ?? false,
                addresses: addresses.joined(separator: " "),
                createdAt: current?.createdAt.timestamp ?? moment
            )
        )
        note(
            "project",
            name,
            isNew: current == nil,
            [
                FieldChange("isPublic", from: current.map { "\($0.isPublic)" }, to: "\(wanted.isPublic ?? false)"),
                FieldChange(
                    "addresses",
                    from: current.map { $0.addresses.joined(separator: ", ") } ?? "",
                    to: addresses.joined(separator: ", ")
                ),
            ] + (try bring(wanted.quota, of: name))
        )
    }

    private mutating func bring(_ wanted: DeclaredTagRule, in project: String) throws {
        let name = try Bounds.name(wanted.name)
        let current = try facts.tagRule(name, of: project)
        let fact = try Management.setTagRule(name, of: project, TagRuleChange(wanted), at: moment, in: facts)
        note(
            "tagRule",
            "\(name) of \(project)",
            isNew: current == nil,
            [
                FieldChange("kind", from: current?.kind, to: fact.kind),
                FieldChange("terms", from: current?.terms, to: fact.terms),
            ]
        )
    }

    /// Sets a quota, if one is declared; what differs.
    private func bring(_ wanted: QuotaChange?, of project: String) throws -> [FieldChange] {
        guard let wanted else { return [] }
        let current = try Quota(declared: facts.quota(of: .project(project)))?.change
        let set = Quota(try Management.setQuota(of: .project(project), wanted, facts)).change
        let (before, after) = (current?.details ?? [:], set.details)
        return Set(before.keys).union(after.keys).sorted().map { name in
            FieldChange("quota.\(name)", from: before[name], to: after[name])
        }
    }

    private mutating func bring(_ wanted: Member, in project: String?) throws {
        let current = try facts.members(of: project).first { $0.subject == wanted.subject }
        let roles = try Bounds.names(wanted.roles, field: "roles")
        guard Subject(wanted.subject) != nil else { throw Management.noSubject }
        if (current?.roles ?? []) == roles { return }
        _ = try Management.setMember(wanted.subject, of: project, roles, facts)
        note(
            "member",
            project.map { "\(wanted.subject) of \($0)" } ?? wanted.subject,
            isNew: current == nil,
            [
                FieldChange(
                    "roles",
                    from: current?.roles.joined(separator: ", "),
                    to: roles.joined(separator: ", ")
                )
            ]
        )
    }
}
