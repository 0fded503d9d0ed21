import Access
import AdminModel
import Identity
import Metadata

/// Personal tokens, and sessions.
extension Management {
    /// Personal tokens, by id: the caller's, those of a user, or everybody's where `user` is `*`.
    public func tokens(of user: String?, after last: String?, limit: Int) async throws -> Page<Token> {
        let owner = try requireOwner(user)
        let found = try await read { facts in
            try facts.credentials(.personal, of: owner, after: last, limit: limit + 1).map { try Token($0) }
        }
        return Page(items: Array(found.prefix(limit)), next: found.count > limit ? found[limit - 1].id : nil)
    }

    /// A personal token.
    public func token(_ id: String) async throws -> Token {
        try requireLogin()
        let found = try await read { try $0.credential(id: id) }
        return try Token(try own(found, .personal, "token \(id)"))
    }

    /// Makes a personal token: for oneself with one's password, or for anybody by who manages the installation.
    public func create(_ new: NewToken) async throws -> MadeToken {
        let isOwn = new.user == nil || new.user == login.account
        if login.principal.kind == .local, new.user == nil {
            throw Problem(.invalid, "say whose the token is to be", field: "user")
        }
        if isOwn {
            guard login.isByPassword else {
                throw refusal("make a token other than with the password")
            }
        }
        let reason = isOwn ? nil : try requireInstallation()
        try requireUnlimited()
        let owner = new.user ?? login.account ?? ""
        let moment = now
        let credential = NewCredential(
            .personal,
            of: owner,
            label: try Bounds.description(new.description),
            policies: try new.policies.map { try Policies.text($0) },
            addresses: try Bounds.addresses(new.addresses),
            at: moment,
            until: try Bounds.end(new.expiresAt, never: new.neverExpires, from: moment, else: Bounds.lifetime)
        )
        return try await change("token.create", "user:\(owner)", because: reason) { facts, details in
            guard try facts.user(owner) != nil else {
                throw Problem(.unprocessable, "there is no user \(owner)", field: "user")
            }
            let count = try facts.credentials(.personal, of: owner, limit: Bounds.tokenCountMax).count
            guard count < Bounds.tokenCountMax else {
                throw Problem(.conflict, "the user has \(count) tokens already: delete some first")
            }
            try facts.insertCredential(credential.fact)
            details["token"] = credential.fact.id
            return MadeToken(
                token: try Token(credential.fact),
                secret: String(decoding: credential.secret.bytes, as: UTF8.self)
            )
        }
    }

    /// Takes a personal token back; what was made by it ends within seconds.
    public func deleteToken(_ id: String) async throws {
        try await end(id, .personal, "token.delete", "token \(id)") { try Token($0) }
    }

    /// Sessions, by id: the caller's, those of a user, or everybody's where `user` is `*`.
    public func sessions(of user: String?, after last: String?, limit: Int) async throws -> Page<Session> {
        let owner = try requireOwner(user)
        let found = try await read { facts in
            try facts.credentials(.refresh, of: owner, after: last, limit: limit + 1).map { Session($0) }
        }
        return Page(items: Array(found.prefix(limit)), next: found.count > limit ? found[limit - 1].id : nil)
    }

    /// A session.
    public func session(_ id: String) async throws -> Session {
        try requireLogin()
        return Session(try own(try await read { try $0.credential(id: id) }, .refresh, "session \(id)"))
    }

    /// Ends a session; tokens that were made by it end within seconds.
    public func deleteSession(_ id: String) async throws {
        try await end(id, .refresh, "session.end", "session \(id)") { Session($0) }
    }

    // MARK: Whose

    /// Whose credentials are asked for; nil for everybody's.
    private func requireOwner(_ user: String?) throws -> String? {
        if let user, user != login.account {
            try requireInstallation()
            return user == "*" ? nil : user
        }
        guard let account = login.account else { throw refusal("see one's own, being nobody") }
        try requireOwn(account)
        return account
    }

    /// A credential that is the caller's, or that they manage; to others it is not there.
    private func own(_ found: CredentialFact?, _ kind: CredentialFact.Kind, _ what: String) throws -> CredentialFact {
        guard let found, found.kind == kind, isOwn(found) || managesInstallation else { throw Bounds.missing(what) }
        return found
    }

    private func isOwn(_ found: CredentialFact) -> Bool {
        found.account == login.account && login.principal.limits.isEmpty
    }

    private func end(
        _ id: String,
        _ kind: CredentialFact.Kind,
        _ action: String,
        _ what: String,
        shown: @escaping @Sendable (CredentialFact) throws -> some Versioned
    ) async throws {
        try requireLogin()
        let moment = now
        let managing = service.directory.snapshot.rules.decideManagement(by: login.principal)
        _ = try await change(action, what, because: managing.isAllowed ? managing : nil) { facts, details in
            let found = try own(try facts.credential(id: id), kind, what)
            try condition.check(try shown(found))
            details["user"] = found.account
            return try facts.deleteCredential(
                id: id,
                refusingTokensUntil: NewCredential.tokensEnd(after: moment)
            )
        }
    }
}
