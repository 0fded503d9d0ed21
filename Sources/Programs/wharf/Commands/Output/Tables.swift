import AdminModel

extension User: TableRow {
    static let columns = ["NAME", "GROUPS", "STATE", "CREATED", "DESCRIPTION"]
    var cells: [String] {
        let state = isDisabled ? "closed" : hasPassword ? "open" : "no password"
        return [name, groups.joined(separator: ", "), state, createdAt.short, description]
    }
}

extension Group: TableRow {
    static let columns = ["NAME", "MEMBERS", "CREATED"]
    var cells: [String] { [name, members.joined(separator: ", "), createdAt.short] }
}

extension Project: TableRow {
    static let columns = ["NAME", "ACCESS", "ADDRESSES", "CREATED"]
    var cells: [String] {
        let blocks = addresses.isEmpty ? "any" : addresses.joined(separator: ", ")
        return [name, isPublic ? "public" : "private", blocks, createdAt.short]
    }
}

extension Member: TableRow {
    static let columns = ["SUBJECT", "ROLES"]
    var cells: [String] { [subject, roles.joined(separator: ", ")] }
}

extension Role: TableRow {
    static let columns = ["NAME", "KIND", "POLICIES"]
    var cells: [String] { [name, isBuiltIn ? "built in" : "own", policies.short] }
}

extension Robot: TableRow {
    static let columns = ["NAME", "STATE", "SECRETS", "EXPIRES", "LAST USED", "DESCRIPTION"]
    var cells: [String] {
        let used = secrets.compactMap(\.lastUsedAt).max()
        // The last one is what stays when the others have ended.
        let end = secrets.last.map { $0.expiresAt.short(else: "never") } ?? "-"
        return [
            name, isDisabled ? "closed" : secrets.isEmpty ? "no secret" : "open", "\(secrets.count)", end,
            used.short(else: "-"), description,
        ]
    }
}

extension Token: TableRow {
    static let columns = ["ID", "USER", "EXPIRES", "LAST USED", "LIMITED TO", "DESCRIPTION"]
    var cells: [String] {
        [
            id, user, expiresAt.short(else: "never"), lastUsedAt.short(else: "-"), policies?.short ?? "-", description,
        ]
    }
}

extension Session: TableRow {
    static let columns = ["ID", "USER", "EXPIRES", "LAST USED", "FROM", "CLIENT"]
    var cells: [String] {
        [id, user, expiresAt.short(else: "never"), lastUsedAt.short(else: "-"), lastAddress ?? "-", client]
    }
}

extension SigningKey: TableRow {
    static let columns = ["ID", "CREATED", "SIGNS"]
    var cells: [String] { [id, createdAt.short, isSigning ? "yes" : "no"] }
}

extension AuditEntry: TableRow {
    static let columns = ["AT", "WHO", "FROM", "ACTION", "TARGET", "OUTCOME", "TIMES", "REASON"]
    var cells: [String] {
        [at.short, principal, address.isEmpty ? "-" : address, action, target, outcome, "\(times)", reason]
    }
}

extension Caller: TableRow {
    static let columns = ["PRINCIPAL", "GROUPS", "MANAGES", "LOGIN ENDS"]
    var cells: [String] {
        let managed = managesInstallation ? "the installation" : managedProjects.joined(separator: ", ")
        return [
            principal, groups.isEmpty ? "-" : groups.joined(separator: ", "), managed.isEmpty ? "nothing" : managed,
            credentialExpiresAt.short(else: "never"),
        ]
    }
}

extension [Policy] {
    /// What they say in one line.
    fileprivate var short: String {
        map { policy in
            "\(policy.effect == .deny ? "deny " : "")\(policy.actions.joined(separator: ",")) on \(policy.repo)"
        }.joined(separator: "; ")
    }
}
