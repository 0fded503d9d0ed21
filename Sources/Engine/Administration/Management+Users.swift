import Access
import AdminModel
import Identity
import Metadata

/// Users and their passwords.
extension Management {
    /// Users, by name.
    public func users(after last: String?, limit: Int) async throws -> Page<User> {
        try requireInstallation()
        return Page(of: try await read { try $0.users() }, by: \.name, after: last, limit: limit)
    }

    /// A user: for who manages the installation, and for themselves.
    public func user(_ name: String) async throws -> User {
        if login.account != name { try requireInstallation() }
        guard let user = try await read({ try $0.user(name) }) else { throw Bounds.missing("user \(name)") }
        return user
    }

    /// Makes a user.
    public func create(_ new: NewUser) async throws -> MadeUser {
        let reason = try requireInstallation()
        try requireUnlimited()
        let name = try Bounds.name(new.name)
        let description = try Bounds.description(new.description)
        let groups = try Bounds.names(new.groups ?? [], field: "groups")
        let (hash, made) = try await password(new.password)
        let account = AccountFact(
            name: name,
            kind: .user,
            password: hash,
            createdAt: now,
            description: description
        )
        return try await change("user.create", "user:\(name)", because: reason) { facts, details in
            guard try facts.insertAccount(account) else {
                throw Problem(.conflict, "there is an account \(name) already", field: "name")
            }
            try Self.join(name, groups, in: facts)
            if !groups.isEmpty { details["groups"] = groups.joined(separator: ", ") }
            guard let user = try facts.user(name) else { throw Bounds.missing("user \(name)") }
            return MadeUser(user: user, password: made)
        }
    }

    /// Changes a user.
    public func change(_ name: String, _ change: UserChange) async throws -> User {
        let reason = try requireInstallation()
        try requireUnlimited()
        let description = try change.description.map { try Bounds.description($0) }
        let groups = try change.groups.map { try Bounds.names($0, field: "groups") }
        let moment = now
        return try await self.change("user.change", "user:\(name)", because: reason) { facts, details in
            guard let user = try facts.user(name) else { throw Bounds.missing("user \(name)") }
            try condition.check(user)
            if let description, description != user.description {
                _ = try facts.setDescription(description, of: name)
                details["description"] = description
            }
            if let groups, groups != user.groups {
                for group in user.groups { _ = try facts.deleteMember(name, of: group) }
                try Self.join(name, groups, in: facts)
                details["groups"] = groups.joined(separator: ", ")
            }
            if let isDisabled = change.isDisabled, isDisabled != user.isDisabled {
                _ = try facts.setDisabled(since: isDisabled ? moment : nil, name)
                try Self.endSessions(of: name, at: moment, in: facts)
                details["isDisabled"] = "\(isDisabled)"
            }
            return try facts.user(name) ?? user
        }
    }

    /// Sets a password: one's own with the one of now, or anybody's by who manages the installation.
    public func setPassword(of name: String, _ change: PasswordChange) async throws -> GivenPassword {
        let isOwn = login.account == name && login.principal.kind == .user
        let reason = isOwn ? nil : try requireInstallation()
        try requireUnlimited()
        if isOwn {
            guard login.isByPassword, let current = change.currentPassword,
                try await service.isPassword(current, of: name)
            else {
                throw Problem(.denied, "the password of now is needed, and right", field: "currentPassword")
            }
        }
        let (hash, made) = try await password(change.password)
        let moment = now
        return try await self.change("user.password", "user:\(name)", because: reason) { facts, _ in
            guard let user = try facts.user(name) else { throw Bounds.missing("user \(name)") }
            try condition.check(user)
            _ = try facts.setPassword(hash, of: name)
            try Self.endSessions(of: name, at: moment, in: facts)
            return GivenPassword(password: made)
        }
    }

    /// Deletes a user, with their credentials, roles and places in groups.
    public func deleteUser(_ name: String) async throws {
        let reason = try requireInstallation()
        _ = try await change("user.delete", "user:\(name)", because: reason) { facts, _ in
            guard let user = try facts.user(name) else { throw Bounds.missing("user \(name)") }
            try condition.check(user)
            return try facts.deleteAccount(name)
        }
    }

    /// Makes a user of a password that was hashed elsewhere, or gives it to one that is there.
    public func importUser(_ name: String, hash: String) async throws -> User {
        let reason = try requireInstallation()
        try requireUnlimited()
        let name = try Bounds.name(name)
        guard StoredPassword(hash) != nil else {
            throw Problem(
                .unprocessable,
                "that is no hash that passwords can be compared with: make one by bcrypt with `htpasswd -B`",
                field: "hash"
            )
        }
        let account = AccountFact(name: name, kind: .user, password: hash, createdAt: now)
        return try await change("user.import", "user:\(name)", because: reason) { facts, _ in
            try condition.check(try facts.user(name))
            if try !facts.insertAccount(account) {
                guard try facts.user(name) != nil else {
                    throw Problem(.conflict, "there is a robot \(name)", field: "name")
                }
                _ = try facts.setPassword(hash, of: name)
            }
            guard let user = try facts.user(name) else { throw Bounds.missing("user \(name)") }
            return user
        }
    }

    /// The hash of a password, and the password itself where it had to be made.
    private func password(_ given: String?) async throws -> (hash: String, made: String?) {
        let secret = try given.map { try Bounds.password($0) } ?? Secret.randomPassword()
        let hash = try await service.passwords.hash(secret).description
        return (hash, given == nil ? String(decoding: secret.bytes, as: UTF8.self) : nil)
    }

    /// Takes sessions away that the account's new epoch has ended, so that none is listed that is of no use.
    private static func endSessions(of name: String, at moment: Timestamp, in facts: Facts) throws {
        let end = NewCredential.tokensEnd(after: moment)
        while true {
            let sessions = try facts.credentials(.refresh, of: name, limit: PageLimit.max)
            for session in sessions { _ = try facts.deleteCredential(id: session.id, refusingTokensUntil: end) }
            guard sessions.count == PageLimit.max else { return }
        }
    }

    private static func join(_ account: String, _ groups: [String], in facts: Facts) throws {
        let known = Set(try facts.groups().map(\.name))
        for group in groups {
            guard known.contains(group) else {
                throw Problem(.unprocessable, "there is no group \(group): make it first", field: "groups")
            }
            try facts.insertMember(account, of: group)
        }
    }
}

extension ManagementService {
    /// Whether a password is that of an account.
    func isPassword(_ text: String, of name: String) async throws -> Bool {
        let stored = directory.snapshot.accounts[name]?.fact.password
        return try await passwords.check(Secret(text), against: stored, of: name) != .wrong
    }
}

extension Page {
    /// A page of a list that is all there, in the order of its keys' bytes.
    init(of items: [Item], by key: (Item) -> String, after last: String?, limit: Int) {
        let rest = items.sorted { key($0).utf8.lexicographicallyPrecedes(key($1).utf8) }
            .drop { item in last.map { !$0.utf8.lexicographicallyPrecedes(key(item).utf8) } ?? false }
        let page = Array(rest.prefix(limit))
        self.init(items: page, next: rest.count > limit ? page.last.map(key) : nil)
    }
}
