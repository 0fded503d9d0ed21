import Access
import Metadata
import OCI
import RegistryTesting

@testable import Identity

/// Accounts in a database of their own, and who finds out who calls.
struct House {
    let folder: TemporaryFolder
    let engine: any MetadataEngine
    let facts: FactStore
    let clock: TestClock
    let directory: AccessDirectory
    let authenticator: Authenticator
    let tokens: TokenService

    static let password = Secret("correct horse")

    /// An empty house, with the account `alice` in it, who may do everything below `team`.
    init() async throws {
        let (folder, clock) = (try TemporaryFolder(inMemory: true), TestClock())
        let engine = try await TestDatabase.current.open(in: folder)
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        let directory = try await AccessDirectory.load(facts, now: { clock.now() })
        let authenticator = Authenticator(
            service: "wharf",
            directory: directory,
            passwords: PasswordChecker(cost: .least),
            now: { clock.now() }
        )
        (self.folder, self.engine, self.facts, self.clock) = (folder, engine, facts, clock)
        (self.directory, self.authenticator, tokens) = (directory, authenticator, TokenService(authenticator))
        try await add("alice")
        try await directory.change { facts in
            try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: clock.now()))
            try facts.insertGrant(GrantFact(subject: "user:alice", role: "administrator", project: "team"))
        }
    }

    /// Makes an account with the password of all of them.
    func add(_ name: String, kind: AccountFact.Kind = .user) async throws {
        let hash = try PasswordHash(of: Self.password, cost: .least).description
        let account = AccountFact(name: name, kind: kind, password: hash, createdAt: clock.now())
        _ = try await directory.change { try $0.insertAccount(account) }
    }

    /// Hands a secret out.
    func handOut(
        _ kind: CredentialFact.Kind,
        to account: String,
        policies: String? = nil,
        for lifetime: Duration? = nil
    ) async throws -> (secret: Secret, id: String) {
        let secret = HandedOutSecret.random(kind)
        let now = clock.now()
        let fact = CredentialFact(
            id: "credential-\(now.microseconds)",
            secretHash: secret.sha256,
            account: account,
            kind: kind,
            label: "for a test",
            policies: policies,
            createdAt: now,
            expiresAt: lifetime.map { now + $0 }
        )
        try await directory.insert(fact)
        return (secret, fact.id)
    }

    func login(_ name: String, _ secret: Secret = password) async throws -> Login {
        try await authenticator.login(.basic(name: name, secret))
    }

    func login(token: Secret) async throws -> Login {
        try await authenticator.login(.bearer(token))
    }

    /// A token of somebody with a password.
    func token(_ name: String = "alice", _ scopes: TokenScope...) async throws -> Secret {
        try await tokens.grant(scopes, to: try await login(name)).token
    }

    /// Whether a principal may do something now.
    func may(_ login: Login, _ action: Action, on repository: String) throws -> Bool {
        directory.snapshot.rules.decide(login.principal, action, on: try RepositoryName(repository)).isAllowed
    }

    /// Whether credentials are refused, and not for another fault.
    func refuses(_ body: () async throws -> Login) async throws -> Bool {
        do {
            _ = try await body()
            return false
        } catch is NotAuthenticated {
            return true
        }
    }
}
