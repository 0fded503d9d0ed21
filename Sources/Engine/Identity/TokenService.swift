import Access
import Metadata
import OCI

/// Hands out short-lived tokens: what was asked for, as far as policy allows it.
public struct TokenService: Sendable {
    /// What a client is given.
    public struct Grant: Sendable {
        /// The token, to be sent as `Bearer`.
        public let token: Secret
        /// How long it holds, in seconds.
        public let lifetime: Int64
        /// When it was made, in seconds since 1970.
        public let issuedAt: Int64
        /// To get further tokens without the password; nil unless it was asked for.
        public let refreshToken: Secret?
        /// What the token lets its bearer do.
        public let access: [TokenScope]
    }

    /// The most scopes that one request may ask for.
    public static let scopeCountMax = 100
    /// How long a token holds, in seconds.
    static let lifetime: Int64 = 300
    /// How long a refresh token holds.
    static let refreshLifetime = Duration.seconds(30 * 24 * 3600)

    private let authenticator: Authenticator
    private var directory: AccessDirectory { authenticator.directory }

    /// Hands out tokens to those whom an authenticator knows.
    public init(_ authenticator: Authenticator) {
        self.authenticator = authenticator
    }

    /// The service that tokens are for.
    public var service: String { authenticator.service }

    /// The public keys that verify its tokens, as a JSON Web Key Set.
    public var publicKeySet: String { directory.snapshot.keys.publicKeySet }

    /// Gives a token to somebody who has logged in, or to nobody.
    ///
    /// A token gets no other one, which would outlive it or do more; and a refresh token is for a password alone: what
    /// was handed out and is taken back must not live on in another. Throws ``NotAuthenticated``.
    public func grant(
        _ scopes: [TokenScope],
        to login: Login,
        withRefreshToken wantsRefreshToken: Bool = false,
        from origin: Origin = .unknown
    ) async throws -> Grant {
        guard !login.isByToken else { throw NotAuthenticated(reason: "a token gets no other token") }
        let moment = authenticator.now()
        let seconds = moment.microseconds / 1_000_000
        let snapshot = directory.snapshot
        let access = Self.merged(scopes).compactMap { Self.allowed($0, to: login.principal, under: snapshot.rules) }
        let account = try login.account.map { try authenticator.active($0, snapshot) }
        guard account?.fact.epoch ?? 0 == login.epoch else {
            throw NotAuthenticated(reason: "the account has changed since it logged in")
        }
        let lifetime = Self.lifetime(until: login.credentialEnd, from: seconds)
        let token = AccessToken(
            issuer: service,
            audience: service,
            subject: login.account ?? "",
            notBefore: seconds,
            expiresAt: seconds + lifetime,
            issuedAt: seconds,
            id: NewCredential.randomID(),
            access: access,
            epoch: login.epoch,
            credential: login.credential,
            limit: login.limit,
            addresses: login.addresses.isEmpty ? nil : login.addresses,
            credentialEnd: login.credentialEnd.map { $0.microseconds / 1_000_000 },
            groups: login.addedGroups(to: account)
        )
        var refreshToken: Secret?
        if wantsRefreshToken, login.credential == nil, let account {
            refreshToken = try await beginSession(of: account.fact, at: moment, from: origin)
        }
        return Grant(
            token: Secret(try snapshot.keys.sign(token)),
            lifetime: lifetime,
            issuedAt: seconds,
            refreshToken: refreshToken,
            access: access
        )
    }

    /// How long a token holds, in seconds: not longer than what it is made by.
    private static func lifetime(until end: Timestamp?, from seconds: Int64) -> Int64 {
        min(lifetime, end.map { max(1, $0.microseconds / 1_000_000 - seconds) } ?? lifetime)
    }

    /// Who has a refresh token.
    ///
    /// Throws ``NotAuthenticated``.
    public func login(refreshToken: Secret, from origin: Origin = .unknown) async throws -> Login {
        let moment = authenticator.now()
        return try await authenticator.lookingTwice {
            guard HandedOutSecret.kind(of: refreshToken) == .refresh,
                let credential = try await directory.credential(refreshToken.sha256, at: moment),
                credential.kind == .refresh
            else { throw NotAuthenticated(reason: "the refresh token is not one that holds") }
            return try authenticator.login(by: credential, at: moment, from: origin)
        }
    }

    /// Begins a session: a refresh token that ends when the account changes.
    private func beginSession(
        of account: AccountFact,
        at moment: Timestamp,
        from origin: Origin
    ) async throws -> Secret {
        let new = NewCredential(
            .refresh,
            of: account.name,
            label: "",
            at: moment,
            until: moment + Self.refreshLifetime,
            epoch: account.epoch,
            client: origin.client
        )
        try await directory.insert(new.fact)
        directory.noteUse(of: new.fact.id, at: moment, from: origin.address)
        return new.secret
    }

    /// Of several scopes of one thing, one with all their actions.
    private static func merged(_ scopes: [TokenScope]) -> [TokenScope] {
        var merged: [TokenScope] = []
        for scope in scopes {
            if let index = merged.firstIndex(where: { $0.type == scope.type && $0.name == scope.name }) {
                merged[index].actions += scope.actions.filter { !merged[index].actions.contains($0) }
            } else {
                merged.append(scope)
            }
        }
        return merged
    }

    /// What of a scope is allowed; nil where nothing is.
    private static func allowed(
        _ scope: TokenScope,
        to principal: Principal,
        under rules: AccessRules
    ) -> TokenScope? {
        // What a catalog shows is filtered name by name.
        if scope.type == "registry", scope.name == "catalog" { return scope }
        guard scope.type == "repository", let repository = try? RepositoryName(scope.name) else { return nil }
        var granted = scope
        granted.actions = scope.actions.filter { name in
            let actions = TokenScope.actions(of: name).actions
            return !actions.isEmpty && actions.contains { rules.decide(principal, $0, on: repository).isAllowed }
        }
        return granted.actions.isEmpty ? nil : granted
    }
}

extension Login {
    /// The groups that a source has the caller in and its account has not; nil for none.
    fileprivate func addedGroups(to account: AccessDirectory.Snapshot.Account?) -> Set<String>? {
        let added = principal.groups.subtracting(account?.groups ?? [])
        return added.isEmpty ? nil : added
    }
}
