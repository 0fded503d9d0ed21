import OCI
import Outgoing
import Synchronization

/// What lets one request in.
struct Authorization: Sendable {
    /// The value of the field.
    var field: String
    /// The token that is in it.
    var token: String?
}

/// Who may call as whom: the tokens and credentials of one client.
final class TokenAuthority: Sendable {
    /// What one request for a token is for.
    struct Errand: Hashable, Sendable {
        var realm: TokenRealm
        var scopes: AccessScopes
    }

    private struct Known {
        var credential: RegistryCredential?
        var until: ContinuousClock.Instant
    }

    /// How long a credential is not asked for again: it may come from a program of its own.
    private static let credentialLifetime = Duration.seconds(60)
    /// For more repositories than this no credential is kept.
    private static let credentialCountMax = 1024

    let table = Mutex(TokenTable())
    let errands = SingleFlight<Errand, Token>()
    /// Refresh tokens that a token service has given in place of older ones.
    private let refreshTokens = Mutex<[TokenRealm: String]>([:])
    private let credentials = Mutex<[RepositoryName?: Known]>([:])
    private let source: (any CredentialSource)?
    private let host: RegistryHost
    private let time: ClientTime

    init(_ configuration: RegistryClient.Configuration) {
        source = configuration.credentials
        host = configuration.host
        time = configuration.time
    }

    /// What is known for a repository.
    func credential(for repository: RepositoryName?) async throws -> RegistryCredential? {
        guard let source else { return nil }
        let now = time.now()
        if let known = credentials.withLock({ $0[repository] }), known.until > now { return known.credential }
        let credential = try await source.credential(for: host, repository: repository)
        credentials.withLock { kept in
            if kept.count >= Self.credentialCountMax { kept = [:] }
            kept[repository] = Known(credential: credential, until: now + Self.credentialLifetime)
        }
        return credential
    }

    /// What was kept is wrong: it is asked for again.
    func forgetCredentials() {
        credentials.withLock { $0 = [:] }
        refreshTokens.withLock { $0 = [:] }
    }

    /// The refresh token that counts where one is known.
    func refreshToken(at realm: TokenRealm) -> String? {
        refreshTokens.withLock { $0[realm] }
    }

    /// A token service has given another refresh token.
    func keep(refreshToken: String, from realm: TokenRealm) {
        refreshTokens.withLock { $0[realm] = refreshToken }
    }
}
