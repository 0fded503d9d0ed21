import Access
import Foundation
import Metadata
import NetworkAddress
import Synchronization

/// Finds out who calls.
public struct Authenticator: Sendable {
    /// The service that tokens are for, and who makes them.
    let service: String
    let directory: AccessDirectory
    let passwords: PasswordChecker
    private let sources: [any IdentitySource]
    let now: @Sendable () -> Timestamp
    /// Signatures that were found right; all else that makes a token hold is looked at each time.
    private let tokens = Remembered<KnownToken>(countMax: 4096)

    /// How far the clocks of two servers may be apart, in seconds.
    static let clockSkew: Int64 = 300
    /// The longest token that is remembered, in bytes: one for a few repositories has less than half of that.
    private static let rememberedByteCountMax = 4096

    /// Finds out who calls by what `directory` remembers, at the time that `now` says.
    ///
    /// Passwords are asked of the accounts of the directory, and then of `sources` in their order.
    public init(
        service: String,
        directory: AccessDirectory,
        passwords: PasswordChecker,
        sources: [any IdentitySource] = [],
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.service = service
        self.directory = directory
        self.passwords = passwords
        self.sources = [LocalAccounts(directory, passwords)] + sources
        self.now = now
    }

    /// Who calls.
    ///
    /// Throws ``NotAuthenticated``, and the faults of what lies below.
    public func login(_ credentials: Credentials, from origin: Origin = .unknown) async throws -> Login {
        try await lookingTwice {
            switch credentials {
            case .bearer(let token): try login(token: token, from: origin)
            case .basic(let name, let secret): try await login(name, secret, from: origin)
            }
        }
    }

    /// Looks again at whom this server refuses by what it remembers, if another one has changed that since: an account
    /// may log in here in the moment in which it was made there.
    func lookingTwice(_ look: () async throws -> Login) async throws -> Login {
        let version = directory.snapshot.version
        do {
            return try await look()
        } catch let refusal as NotAuthenticated {
            // Where nobody can tell, it stays refused, and counts as that.
            guard (try? await directory.refresh()) != nil, directory.snapshot.version != version else { throw refusal }
            return try await look()
        }
    }

    /// A sentence for somebody whose credential ends within a span of time; nil for all others.
    public func warning(to login: Login, within span: Duration) -> String? {
        guard let end = login.credentialEnd, now() + span > end else { return nil }
        let moment = Date(timeIntervalSince1970: Double(end.microseconds / 1_000_000)).ISO8601Format()
        return "the credential in use ends at \(moment): get a new one"
    }

    // MARK: Tokens

    private func login(token text: Secret, from origin: Origin) throws -> Login {
        let snapshot = directory.snapshot
        let known = try known(text.bytes, by: snapshot.keys)
        let token = known.token
        try check(token)
        guard !token.subject.isEmpty else {
            return Login(principal: Login.anonymous(from: origin).principal, isByToken: true, isNew: false)
        }
        let account = try active(token.subject, snapshot)
        guard account.fact.epoch == token.epoch else {
            throw NotAuthenticated(reason: "the token was made before the account changed")
        }
        if let credential = token.credential, snapshot.endedCredentials.contains(credential) {
            throw NotAuthenticated(reason: "the token was made by a credential that was taken back")
        }
        try check(known.used.addresses, origin)
        return Login(
            principal: Self.principal(
                account,
                in: snapshot,
                limits: known.limits,
                groups: token.groups ?? [],
                from: origin
            ),
            account: account.fact,
            credential: known.used,
            isByToken: true,
            isNew: false
        )
    }

    /// A token whose signature was found right, with what it says made ready.
    private final class KnownToken: Sendable {
        let token: AccessToken
        let keyID: String
        let used: Login.Used
        let limits: [[Policy]]

        init(_ signed: TokenKeys.Signed) throws {
            token = signed.token
            keyID = signed.keyID
            used = Login.Used(signed.token)
            limits =
                try [signed.token.access.flatMap(\.policies)]
                + (signed.token.limit.map { [try PolicyText.read($0)] } ?? [])
        }
    }

    private func check(_ addresses: String, _ origin: Origin) throws {
        guard !AddressList.allows(addresses, origin.address) else { return }
        throw NotAuthenticated(reason: "the credential may not be used from \(origin.address)")
    }

    private func known(_ text: [UInt8], by keys: TokenKeys) throws -> KnownToken {
        // A key that was dropped ends what it signed, also what was found right before.
        if let known = tokens.value(for: text), keys.have(known.keyID) { return known }
        guard let verified = keys.verified(text) else {
            throw NotAuthenticated(reason: "the token is not one that this registry has signed")
        }
        let known = try KnownToken(verified)
        // A long one is looked at anew each time: so many of them would take much memory.
        if text.count <= Self.rememberedByteCountMax { tokens.remember(known, for: text) }
        return known
    }

    private func check(_ token: AccessToken) throws {
        let moment = now().microseconds / 1_000_000
        guard token.issuer == service, token.audience == service else {
            throw NotAuthenticated(reason: "the token is for \(token.audience)")
        }
        guard token.notBefore <= moment + Self.clockSkew, moment - Self.clockSkew < token.expiresAt else {
            throw NotAuthenticated(reason: "the token does not hold now")
        }
    }

    // MARK: Names

    private func login(_ name: String, _ secret: Secret, from origin: Origin) async throws -> Login {
        if let kind = HandedOutSecret.kind(of: secret) {
            return try await login(name, secret, kind, from: origin)
        }
        for source in sources {
            guard let identity = try await source.identity(of: name, secret) else { continue }
            // What is remembered of now: the account may have changed meanwhile.
            let snapshot = directory.snapshot
            let account = try active(snapshot.account(of: identity, in: source.name), snapshot)
            return Login(
                principal: Self.principal(account, in: snapshot, groups: identity.groups, from: origin),
                account: account.fact,
                isNew: identity.isNew,
                remember: identity.remember
            )
        }
        throw NotAuthenticated(reason: "wrong name or password")
    }

    private func login(
        _ name: String,
        _ secret: Secret,
        _ kind: CredentialFact.Kind,
        from origin: Origin
    ) async throws -> Login {
        let moment = now()
        guard kind != .refresh, let credential = try await directory.credential(secret.sha256, at: moment),
            credential.kind == kind, credential.account.utf8.elementsEqual(name.utf8)
        else { throw NotAuthenticated(reason: "the secret is not one that was handed out for this account") }
        try check(credential.addresses, origin)
        return try login(by: credential, at: moment, from: origin)
    }

    /// A login by a credential that was found, and that holds.
    func login(by credential: CredentialFact, at moment: Timestamp, from origin: Origin) throws -> Login {
        let snapshot = directory.snapshot
        let account = try active(credential.account, snapshot)
        if let epoch = credential.epoch, epoch != account.fact.epoch {
            throw NotAuthenticated(reason: "the session began before the account changed")
        }
        directory.noteUse(of: credential.id, at: moment, from: origin.address)
        let limits = try credential.policies.map { [try PolicyText.read($0)] } ?? []
        return Login(
            principal: Self.principal(account, in: snapshot, limits: limits, from: origin),
            account: account.fact,
            credential: Login.Used(credential)
        )
    }

    func active(
        _ name: String?,
        _ snapshot: AccessDirectory.Snapshot
    ) throws -> AccessDirectory.Snapshot.Account {
        guard let name, let account = snapshot.accounts[name], account.fact.disabledAt == nil else {
            throw NotAuthenticated(reason: "the account \(name ?? "") is gone or closed")
        }
        return account
    }

    /// An account as policy sees it; its address only where that decides anything.
    static func principal(
        _ account: AccessDirectory.Snapshot.Account,
        in snapshot: AccessDirectory.Snapshot,
        limits: [[Policy]] = [],
        groups: Set<String> = [],
        from origin: Origin
    ) -> Principal {
        Principal(
            kind: account.fact.kind == .user ? .user : .robot,
            name: account.fact.name,
            groups: groups.isEmpty ? account.groups : account.groups.union(groups),
            limits: limits,
            address: snapshot.rules.looksAtAddresses ? IPAddress(origin.address) : nil
        )
    }
}
