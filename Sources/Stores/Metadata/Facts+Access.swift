/// Accounts, and the rules of who may do what: few enough to be held in memory whole.
extension Facts {
    /// A number that has grown when any of the rules, accounts or keys has changed.
    public func accessVersion() throws -> Int64 {
        try row(Statements.accessVersion)?.integer(0) ?? 0
    }

    /// Says that something has changed: to be called in the transaction that changes it.
    public func growAccessVersion() throws {
        try run(Statements.growAccessVersion)
    }

    // MARK: Accounts

    /// Every account, by name.
    public func accounts() throws -> [AccountFact] {
        try rows(Statements.accounts).map(Self.account)
    }

    /// An account.
    public func account(_ name: String) throws -> AccountFact? {
        try row(Statements.account, .text(name)).map(Self.account)
    }

    private static func account(_ row: Row) throws -> AccountFact {
        AccountFact(
            name: try row.text(0),
            kind: try row.value(1, AccountFact.Kind.init),
            password: try row.optionalText(2),
            epoch: try row.integer(3),
            createdAt: try row.time(4),
            disabledAt: try row.optionalTime(5),
            project: try row.optionalText(6),
            description: try row.text(7)
        )
    }

    /// Makes an account; false when the name is taken.
    public func insertAccount(_ account: AccountFact) throws -> Bool {
        try run(
            Statements.insertAccount,
            .text(account.name),
            .text(account.kind.rawValue),
            .optional(account.password),
            .integer(account.epoch),
            .time(account.createdAt),
            .optional(account.disabledAt),
            .optional(account.project),
            .text(account.description)
        ) > 0
    }

    /// Changes what an account is said to be for; false when there is no such account.
    public func setDescription(_ description: String, of account: String) throws -> Bool {
        try run(Statements.setDescription, .text(account), .text(description)) > 0
    }

    /// Changes a password and ends the tokens of before, though no credential; false when there is no such account.
    public func setPassword(_ password: String?, of account: String) throws -> Bool {
        try run(Statements.setPassword, .text(account), .optional(password)) > 0
    }

    /// Keeps another hash of the same password, which ends nothing; does nothing where the password has changed.
    public func renewPassword(_ password: String, of account: String, insteadOf old: String) throws {
        try run(Statements.renewPassword, .text(account), .text(password), .text(old))
    }

    /// Closes or opens an account, and ends the tokens of before, though no credential.
    ///
    /// False when there is no such account.
    public func setDisabled(since moment: Timestamp?, _ account: String) throws -> Bool {
        try run(Statements.setDisabled, .text(account), .optional(moment)) > 0
    }

    /// Takes an account away, with its credentials, its roles and its place in groups; false when there is none.
    public func deleteAccount(_ account: String) throws -> Bool {
        // A later account of that name begins with nothing.
        let subjects = [SQLValue.text("user:\(account)"), .text("robot:\(account)")]
        for statement in [Statements.deleteAccountGrants, Statements.forgetGrantsOfSubjects] {
            try run(statement, subjects[0], subjects[1])
        }
        return try run(Statements.deleteAccount, .text(account)) > 0
    }

    /// Who of another source of identity has which account.
    public func links() throws -> [(source: String, subject: String, account: String)] {
        try rows(Statements.links).map { (try $0.text(0), try $0.text(1), try $0.text(2)) }
    }

    /// Says that somebody of another source has an account, and no other one.
    public func setLink(source: String, subject: String, account: String) throws {
        try run(Statements.insertLink, .text(source), .text(subject), .text(account))
    }

    /// Says that somebody of another source has no account; false when they had none.
    public func deleteLink(source: String, subject: String) throws -> Bool {
        try run(Statements.deleteLink, .text(source), .text(subject)) > 0
    }

    // MARK: Groups

    /// Every group, by name.
    public func groups() throws -> [GroupFact] {
        try rows(Statements.groups).map { GroupFact(name: try $0.text(0), createdAt: try $0.time(1)) }
    }

    /// Makes a group; false when the name is taken.
    public func insertGroup(_ group: GroupFact) throws -> Bool {
        try run(Statements.insertGroup, .text(group.name), .time(group.createdAt)) > 0
    }

    /// Takes a group away, with its members and its roles; false when there is none.
    public func deleteGroup(_ name: String) throws -> Bool {
        guard try run(Statements.deleteGroup, .text(name)) > 0 else { return false }
        try run(Statements.deleteGroupMembers, .text(name))
        try run(Statements.deleteSubjectGrants, .text("group:\(name)"))
        try run(Statements.forgetGrantsOfSubjects, .text("group:\(name)"), .text("group:\(name)"))
        return true
    }

    /// Who is in which group, by group and account.
    public func groupMembers() throws -> [(group: String, account: String)] {
        try rows(Statements.groupMembers).map { (try $0.text(0), try $0.text(1)) }
    }

    /// Puts an account into a group.
    public func insertMember(_ account: String, of group: String) throws {
        try run(Statements.insertGroupMember, .text(group), .text(account))
    }

    /// Takes an account out of a group; false when it was not in it.
    public func deleteMember(_ account: String, of group: String) throws -> Bool {
        try run(Statements.deleteGroupMember, .text(group), .text(account)) > 0
    }

    // MARK: Rules

    /// Every project, by name.
    public func projects() throws -> [ProjectFact] {
        try rows(Statements.projects).map { row in
            ProjectFact(
                name: try row.text(0),
                isPublic: try row.integer(1) == 1,
                addresses: try row.text(3),
                createdAt: try row.time(2)
            )
        }
    }

    /// Makes a project, or changes whether it is public and from where it is reached.
    public func setProject(_ project: ProjectFact) throws {
        let isPublic: Int64 = project.isPublic ? 1 : 0
        try run(
            Statements.setProject,
            .text(project.name),
            .integer(isPublic),
            .time(project.createdAt),
            .text(project.addresses)
        )
    }

    /// Takes a project away, with the grants and robots in it, while its repositories stay; false when there is none.
    public func deleteProject(_ name: String) throws -> Bool {
        // No project has an empty name, which stands for everywhere in a grant.
        guard try run(Statements.deleteProject, .text(name)) > 0 else { return false }
        try run(Statements.deleteProjectGrants, .text(name))
        for robot in try accounts() where robot.project == name { _ = try deleteAccount(robot.name) }
        return true
    }

    /// Every role that is not built in, by name.
    public func roles() throws -> [RoleFact] {
        try rows(Statements.roles).map { RoleFact(name: try $0.text(0), policies: try $0.text(1)) }
    }

    /// Makes a role, or changes its policies.
    public func setRole(_ role: RoleFact) throws {
        try run(Statements.setRole, .text(role.name), .text(role.policies))
    }

    /// Takes a role away, and from all who have it; false when there is none.
    public func deleteRole(_ name: String) throws -> Bool {
        try run(Statements.deleteRoleGrants, .text(name))
        try run(Statements.forgetGrantsOfRole, .text(name))
        return try run(Statements.deleteRole, .text(name)) > 0
    }

    /// Who has which role where.
    public func grants() throws -> [GrantFact] {
        try rows(Statements.grants).map { row in
            let project = try row.text(2)
            return GrantFact(
                subject: try row.text(0),
                role: try row.text(1),
                project: project.isEmpty ? nil : project
            )
        }
    }

    /// Gives somebody a role.
    public func insertGrant(_ grant: GrantFact) throws {
        guard grant.project != "" else { throw MetadataError(.constraint, "a project has a name") }
        try run(Statements.insertGrant, .text(grant.subject), .text(grant.role), .text(grant.project ?? ""))
    }

    /// Takes a role from somebody; false when they did not have it.
    public func deleteGrant(_ grant: GrantFact) throws -> Bool {
        try run(Statements.deleteGrant, .text(grant.subject), .text(grant.role), .text(grant.project ?? "")) > 0
    }
}
