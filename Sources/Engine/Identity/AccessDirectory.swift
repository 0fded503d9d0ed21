import Access
import Metadata
import Synchronization

/// All accounts, rules and keys, as a server remembers them.
///
/// A request is decided from memory. What this server changes is so for the next request; what another one changes is
/// seen when ``refresh()`` is called next.
public final class AccessDirectory: Sendable {
    /// What is remembered, all of one moment.
    public struct Snapshot: Sendable {
        /// An account, and the groups that it is in.
        public struct Account: Sendable {
            /// What is known of it.
            public var fact: AccountFact
            /// The names of its groups.
            public var groups: Set<String>
        }

        let version: Int64
        /// By name.
        public let accounts: [String: Account]
        /// What decides.
        public let rules: AccessRules
        /// The newest first.
        public let keys: TokenKeys
    }

    private let facts: FactStore
    private let current: Mutex<Snapshot>

    private init(facts: FactStore, _ snapshot: Snapshot) {
        self.facts = facts
        current = Mutex(snapshot)
    }

    /// Reads everything once; where there is no key yet that signs tokens, makes one.
    public static func load(_ facts: FactStore, now: @Sendable () -> Timestamp) async throws -> AccessDirectory {
        if try await facts.read({ try $0.signingKeys() }).isEmpty {
            let key = TokenKeys.Key()
            let fact = SigningKeyFact(id: key.id, privateKey: key.bytes.bytes, createdAt: now())
            try await facts.write { facts in
                guard try facts.signingKeys().isEmpty else { return }
                try facts.insertSigningKey(fact)
                try facts.growAccessVersion()
            }
        }
        return AccessDirectory(facts: facts, try await facts.read { try Snapshot(reading: $0) })
    }

    /// What is remembered.
    public var snapshot: Snapshot { current.withLock { $0 } }

    /// Reads everything again if anything has changed since.
    public func refresh() async throws {
        let known = snapshot.version
        let newer = try await facts.read { facts in
            try facts.accessVersion() == known ? nil : try Snapshot(reading: facts)
        }
        guard let newer else { return }
        current.withLock { if newer.version > $0.version { $0 = newer } }
    }

    /// Changes facts of accounts and rules, in one transaction; what is remembered has the change when this returns.
    public func change<Value: Sendable>(
        _ body: @escaping @Sendable (Facts) throws -> Value
    ) async throws -> Value {
        let value = try await facts.write { facts in
            let value = try body(facts)
            try facts.growAccessVersion()
            return value
        }
        try await refresh()
        return value
    }

    /// The credential of a secret, if it still holds.
    func credential(_ hash: String, at moment: Timestamp) async throws -> CredentialFact? {
        guard let found = try await facts.read({ try $0.credential(hash: hash) }) else { return nil }
        if let end = found.expiresAt, end <= moment { return nil }
        return found
    }

    /// Records a credential, which changes no rule.
    func insert(_ credential: CredentialFact) async throws {
        try await facts.write { try $0.insertCredential(credential) }
    }
}

extension AccessDirectory.Snapshot {
    fileprivate init(reading facts: Facts) throws {
        let version = try facts.accessVersion()
        var groups: [String: Set<String>] = [:]
        for (group, account) in try facts.groupMembers() { groups[account, default: []].insert(group) }
        let accounts = try facts.accounts().map { fact in
            (fact.name, Account(fact: fact, groups: groups[fact.name] ?? []))
        }
        let roles = try facts.roles().map { Role(name: $0.name, policies: try PolicyText.read($0.policies)) }
        let grants = try facts.grants().compactMap { fact in
            Subject(fact.subject).map { Grant($0, role: fact.role, project: fact.project) }
        }
        let projects = try facts.projects().map { Project(name: $0.name, isPublic: $0.isPublic) }
        let keys = try facts.signingKeys().reversed().map { try TokenKeys.Key(Secret($0.privateKey)) }
        self.init(
            version: version,
            accounts: Dictionary(accounts) { first, _ in first },
            rules: AccessRules(roles: roles, grants: grants, projects: projects),
            keys: TokenKeys(keys)
        )
    }
}
