import Access
import Metadata

/// The account that is there from the start, so that the first minute needs no configuration.
public enum FirstAdministrator {
    /// Its name.
    public static let name = "admin"

    /// The fewest characters that a password which somebody chose may have.
    public static let passwordLengthMin = 8

    /// The password that was chosen is too short.
    public struct ShortPassword: Error, Hashable, Sendable, CustomStringConvertible {
        /// A sentence for who chose it.
        public var description: String {
            "the administrator's password must have at least \(passwordLengthMin) characters"
        }
    }

    /// Makes it where there is no account at all, with a random password, which is returned.
    ///
    /// - Parameters:
    ///   - directory: where it is made.
    ///   - now: the time.
    ///   - chosen: gives the password to take instead, and is asked only where there is no account.
    /// - Returns: the password that was made; nil where there is an account, or where the password was chosen.
    /// - Throws: ``ShortPassword``, what `chosen` throws, and the faults of what lies below.
    public static func make(
        in directory: AccessDirectory,
        now: @Sendable () -> Timestamp,
        password chosen: () async throws -> Secret? = { nil }
    ) async throws -> Secret? {
        guard directory.snapshot.accounts.isEmpty else { return nil }
        let given = try await chosen()
        if let given, String(decoding: given.bytes, as: UTF8.self).count < passwordLengthMin { throw ShortPassword() }
        let password = given ?? .randomPassword()
        let hash = try PasswordHash(of: password).description
        let account = AccountFact(name: name, kind: .user, password: hash, createdAt: now())
        let isMade = try await directory.change { facts in
            guard try facts.accounts().isEmpty, try facts.insertAccount(account) else { return false }
            let subject = Subject.user(name).description
            try facts.insertGrant(GrantFact(subject: subject, role: Role.administrator.name, project: nil))
            return true
        }
        return isMade && given == nil ? password : nil
    }
}

extension Secret {
    /// A new password that a person can copy by eye: 24 letters and digits without those that look alike, 119 bits.
    public static func randomPassword() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        return Secret((0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
