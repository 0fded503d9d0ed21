import Access
import Metadata
import Synchronization

/// All accounts, rules and keys, as a server remembers them.
///
/// A request is decided from memory. What this server changes is so for the next request; what another one changes is
/// seen when ``refresh()`` is called next.
public final class AccessDirectory: Sendable {
    /// What is remembered, all of one moment.
    ///
    /// A class, because each request holds on to it, and to copy so many fields costs more than to look something up.
    public final class Snapshot: Sendable {
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
        /// What nobody may change.
        public let readOnly: ReadOnlyRules
        /// The newest first.
        public let keys: TokenKeys
        /// The id of the key that signs at a moment.
        public func signingKeyID(at moment: Timestamp) -> String? { keys.signing(at: moment)?.id }
        /// The ids of credentials that were taken back: what they made ends.
        let endedCredentials: Set<String>
        /// Which account somebody has, by what a source calls them.
        let links: [Link: String]

        /// Somebody, as a source calls them.
        struct Link: Hashable, Sendable {
            var source: String
            var subject: String
        }

        /// Reads everything in one transaction.
        fileprivate init(reading facts: Facts) throws {
            version = try facts.accessVersion()
            var groups: [String: Set<String>] = [:]
            for (group, account) in try facts.groupMembers() { groups[account, default: []].insert(group) }
            let accounts = try facts.accounts().map { fact in
                (fact.name, Account(fact: fact, groups: groups[fact.name] ?? []))
            }
            self.accounts = Dictionary(accounts) { first, _ in first }
            let roles = try facts.roles().map { Role(name: $0.name, policies: try PolicyText.read($0.policies)) }
            let grants = try facts.grants().compactMap { fact in
                Subject(fact.subject).map { Grant($0, role: fact.role, project: fact.project) }
            }
            let projects = try facts.projects().map { fact in
                Project(name: fact.name, isPublic: fact.isPublic, addresses: AddressList.blocks(fact.addresses))
            }
            rules = AccessRules(roles: roles, grants: grants, projects: projects)
            readOnly = ReadOnlyRules(
                try facts.readOnlyScopes().map { fact in
                    ReadOnlyRules.Rule(
                        project: fact.scope == ReadOnlyFact.everything ? nil : fact.scope,
                        reason: fact.reason
                    )
                }
            )
            let keys = try facts.signingKeys().reversed().map { fact in
                try TokenKeys.Key(Secret(fact.privateKey), signsFrom: fact.createdAt + TokenKeys.noticeTime)
            }
            self.keys = TokenKeys(keys)
            endedCredentials = Set(try facts.endedCredentials())
            let links = try facts.links().map { (Link(source: $0.source, subject: $0.subject), $0.account) }
            self.links = Dictionary(links) { first, _ in first }
        }

        /// The account that somebody of a source is linked to; nil for none.
        func account(of identity: SourceIdentity, in source: String) -> String? {
            source == LocalAccounts.name
                ? identity.subject : links[Link(source: source, subject: identity.subject)]
        }
    }

    let facts: FactStore
    private let current: Mutex<Snapshot>
    private let uses = Mutex<[String: Use]>([:])

    /// When a credential was used last, and from where.
    private struct Use {
        var moment: Timestamp
        var address: String
    }

    private init(facts: FactStore, _ snapshot: Snapshot) {
        self.facts = facts
        current = Mutex(snapshot)
    }

    /// Reads everything once; where there is no key yet that signs tokens, makes one.
    public static func load(_ facts: FactStore, now: @Sendable () -> Timestamp) async throws -> AccessDirectory {
        if try await facts.read({ try $0.signingKeys() }).isEmpty {
            let fact = TokenKeys.newFact(at: now())
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

    // MARK: Uses

    /// Remembers that a credential was used; ``writeUses()`` writes it down.
    func noteUse(of id: String, at moment: Timestamp, from address: String) {
        uses.withLock { uses in
            guard uses.count < Self.useCountMax || uses[id] != nil else { return }
            uses[id] = Use(moment: moment, address: address)
        }
    }

    /// Writes down when credentials were used since it was done last.
    public func writeUses() async throws {
        let noted = uses.withLock { uses in
            defer { uses = [:] }
            return uses
        }
        guard !noted.isEmpty else { return }
        try await facts.write { facts in
            for (id, use) in noted { try facts.noteUse(of: id, at: use.moment, from: use.address) }
        }
    }

    /// The most credentials whose use is remembered between two writes; of more than these it is not told.
    private static let useCountMax = 10_000
}
