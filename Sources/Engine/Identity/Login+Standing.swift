import Access
import Metadata

/// Whether a login still holds: a body may be hours on its way, and the account be closed meanwhile.
extension Login {
    /// Whether the account is as it was, and the credential was not taken back, by what a transaction sees.
    public func holds(in facts: Facts, at moment: Timestamp) throws -> Bool {
        guard let account else { return true }
        guard let fact = try facts.account(account), fact.disabledAt == nil, fact.epoch == epoch else { return false }
        guard let credential else { return true }
        guard let found = try facts.credential(id: credential) else { return false }
        return found.expiresAt.map { $0 > moment } ?? true
    }
}

extension AccessDirectory {
    /// The rules of now, for somebody who has logged in; nil where the login holds no longer.
    public func rules(for login: Login) -> AccessRules? {
        let snapshot = snapshot
        guard let account = login.account else { return snapshot.rules }
        guard let fact = snapshot.accounts[account]?.fact, fact.disabledAt == nil, fact.epoch == login.epoch else {
            return nil
        }
        if let credential = login.credential, snapshot.endedCredentials.contains(credential) { return nil }
        return snapshot.rules
    }
}
