import Access
import Crypto
import Metadata
import Synchronization

/// What a caller sends to say who it is.
public enum Credentials: Sendable {
    /// A name with a password, or with a secret that was handed out for it.
    case basic(name: String, Secret)
    /// A token of the token service.
    case bearer(Secret)
}

/// Somebody who has said who they are, and how.
public struct Login: Sendable {
    /// Who it is, as policy sees it.
    public let principal: Principal
    /// The name of the account; nil for nobody.
    public let account: String?
    /// The id of the credential that was used; nil for a password.
    public let credential: String?
    /// What that credential is limited to, as the text of policies; nil where it is not limited.
    let limit: String?
    /// The epoch of the account; 0 for nobody.
    let epoch: Int64
    /// Whether a token of the token service was used, so that another one may get further.
    public let isByToken: Bool

    init(
        principal: Principal,
        account: AccountFact? = nil,
        credential: String? = nil,
        limit: String? = nil,
        isByToken: Bool = false
    ) {
        self.principal = principal
        self.account = account?.name
        epoch = account?.epoch ?? 0
        self.credential = credential
        self.limit = limit
        self.isByToken = isByToken
    }

    /// Nobody has said who they are.
    public static let anonymous = Login(principal: .anonymous)
}

/// The credentials are not those of anybody.
///
/// It tells nothing more: not whether there is such an account, nor what was wrong.
public struct NotAuthenticated: Error, Sendable {
    /// A sentence for the log.
    public let reason: String

    /// States the reason.
    public init(reason: String) {
        self.reason = reason
    }
}

/// Finds out who calls.
public struct Authenticator: Sendable {
    /// The service that tokens are for, and who makes them.
    let service: String
    let directory: AccessDirectory
    let passwords: PasswordChecker
    let now: @Sendable () -> Timestamp
    /// Signatures that were found right; all else that makes a token hold is looked at each time.
    private let tokens = Remembered<TokenKeys.Signed>(countMax: 4096)

    /// How far the clocks of two servers may be apart, in seconds.
    static let clockSkew: Int64 = 60

    /// Finds out who calls by what `directory` remembers, at the time that `now` says.
    public init(
        service: String,
        directory: AccessDirectory,
        passwords: PasswordChecker,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.service = service
        self.directory = directory
        self.passwords = passwords
        self.now = now
    }

    /// Who calls.
    ///
    /// Throws ``NotAuthenticated``, and the faults of what lies below.
    public func login(_ credentials: Credentials) async throws -> Login {
        switch credentials {
        case .bearer(let token): try login(token: token)
        case .basic(let name, let secret): try await login(name, secret)
        }
    }

    // MARK: Tokens

    private func login(token text: Secret) throws -> Login {
        let snapshot = directory.snapshot
        let token = try signed(text.bytes, by: snapshot.keys)
        try check(token)
        guard !token.subject.isEmpty else {
            return Login(principal: .anonymous, isByToken: true)
        }
        let account = try active(token.subject, snapshot)
        guard account.fact.epoch == token.epoch else {
            throw NotAuthenticated(reason: "the token was made before the account changed")
        }
        var limits = [token.access.flatMap(\.policies)]
        if let limit = token.limit { limits.append(try PolicyText.read(limit)) }
        return Login(
            principal: Self.principal(account, limits: limits),
            account: account.fact,
            credential: token.credential,
            limit: token.limit,
            isByToken: true
        )
    }

    private func signed(_ text: [UInt8], by keys: TokenKeys) throws -> AccessToken {
        // A key that was dropped ends what it signed, also what was found right before.
        if let known = tokens.value(for: text), keys.have(known.keyID) { return known.token }
        guard let verified = keys.verified(text) else {
            throw NotAuthenticated(reason: "the token is not one that this registry has signed")
        }
        tokens.remember(verified, for: text)
        return verified.token
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

    private func login(_ name: String, _ secret: Secret) async throws -> Login {
        let snapshot = directory.snapshot
        if let kind = HandedOutSecret.kind(of: secret) {
            return try await login(name, secret, kind, snapshot)
        }
        let known = snapshot.accounts[name].flatMap { $0.fact.disabledAt == nil ? $0 : nil }
        // Also for a name that is nobody's, and for as long: the time tells nothing.
        let isRight = try await passwords.check(secret, against: known?.fact.password, of: name)
        guard isRight, let known else { throw NotAuthenticated(reason: "wrong name or password") }
        return Login(principal: Self.principal(known), account: known.fact)
    }

    private func login(
        _ name: String,
        _ secret: Secret,
        _ kind: CredentialFact.Kind,
        _ snapshot: AccessDirectory.Snapshot
    ) async throws -> Login {
        guard kind != .refresh, let credential = try await directory.credential(secret.sha256, at: now()),
            credential.kind == kind, credential.account == name
        else { throw NotAuthenticated(reason: "the secret is not one that was handed out for this account") }
        let account = try active(name, snapshot)
        let limits = try credential.policies.map { [try PolicyText.read($0)] } ?? []
        return Login(
            principal: Self.principal(account, limits: limits),
            account: account.fact,
            credential: credential.id,
            limit: credential.policies
        )
    }

    func active(
        _ name: String,
        _ snapshot: AccessDirectory.Snapshot
    ) throws -> AccessDirectory.Snapshot.Account {
        guard let account = snapshot.accounts[name], account.fact.disabledAt == nil else {
            throw NotAuthenticated(reason: "the account \(name) is gone or closed")
        }
        return account
    }

    static func principal(_ account: AccessDirectory.Snapshot.Account, limits: [[Policy]] = []) -> Principal {
        Principal(
            kind: account.fact.kind == .user ? .user : .robot,
            name: account.fact.name,
            groups: account.groups,
            limits: limits
        )
    }
}
