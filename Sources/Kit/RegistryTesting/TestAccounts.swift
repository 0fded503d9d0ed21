import Access
public import Identity
public import Metadata

/// The accounts of tests about who may do what.
///
/// `alice` may do everything below `team`; `bob` may do nothing; everybody may read below `open`.
public enum TestAccounts {
    /// The password of both.
    public static let password = "pass-word:of those who may"

    /// Makes the accounts and the projects.
    ///
    /// - Returns: What knows them, and what lets them in, by passwords that are cheap to check, and by `clock`.
    public static func make(
        in facts: FactStore,
        _ clock: TestClock
    ) async throws -> (AccessDirectory, Authenticator) {
        let directory = try await AccessDirectory.load(facts, now: { clock.now() })
        let hash = try PasswordHash(of: Secret(password), cost: .least).description
        try await directory.change { (facts) throws in
            for name in ["alice", "bob"] {
                let account = AccountFact(name: name, kind: .user, password: hash, createdAt: clock.now())
                _ = try facts.insertAccount(account)
            }
            try facts.setProject(ProjectFact(name: "team", isPublic: false, createdAt: clock.now()))
            try facts.setProject(ProjectFact(name: "open", isPublic: true, createdAt: clock.now()))
            try facts.insertGrant(GrantFact(subject: "user:alice", role: "administrator", project: "team"))
        }
        let passwords = PasswordChecker(cost: .least)
        return (directory, Authenticator(service: "wharf", directory: directory, passwords: passwords) { clock.now() })
    }
}
