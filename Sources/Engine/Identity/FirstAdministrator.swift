import Access
import Metadata

/// The account that is there from the start, so that the first minute needs no configuration.
public enum FirstAdministrator {
    /// Its name.
    public static let name = "admin"

    /// Makes it with a random password, which is returned, where there is no account at all; nil where there is one.
    public static func make(in directory: AccessDirectory, now: @Sendable () -> Timestamp) async throws -> Secret? {
        guard directory.snapshot.accounts.isEmpty else { return nil }
        let password = Secret.randomPassword()
        let hash = try PasswordHash(of: password).description
        let account = AccountFact(name: name, kind: .user, password: hash, createdAt: now())
        let isMade = try await directory.change { facts in
            guard try facts.accounts().isEmpty, try facts.insertAccount(account) else { return false }
            let subject = Subject.user(name).description
            try facts.insertGrant(GrantFact(subject: subject, role: Role.administrator.name, project: nil))
            return true
        }
        return isMade ? password : nil
    }
}

extension Secret {
    /// A new password that a person can copy by eye: 24 letters and digits without those that look alike, 119 bits.
    static func randomPassword() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        return Secret((0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
