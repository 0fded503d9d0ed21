import Metadata

/// A place that knows who has which password: the accounts of this registry, or a directory elsewhere.
///
/// Policy never asks which it was.
public protocol IdentitySource: Sendable {
    /// The name of the source, by which accounts are linked to it.
    var name: String { get }

    /// Who somebody is by a name and a password; nil when the source does not know the name, or the password is
    /// another.
    ///
    /// Takes as long for a name that it does not know. Throws ``TooManyLogins``, and the faults of what it asks.
    func identity(of name: String, _ password: Secret) async throws -> SourceIdentity?
}

/// Somebody, as a source knows them.
public struct SourceIdentity: Sendable {
    /// What the source calls them, for ever; the name of the account where the source is this registry.
    public var subject: String
    /// The groups that the source has them in, besides those of their account.
    public var groups: Set<String>
    /// Whether the source had to compare the password, and did not remember it.
    public var isNew: Bool
    /// Has the source remember the password, once the login was let through; nil where nothing is remembered.
    public var remember: (@Sendable () -> Void)?

    /// Names somebody.
    public init(
        subject: String,
        groups: Set<String> = [],
        isNew: Bool = true,
        remember: (@Sendable () -> Void)? = nil
    ) {
        self.subject = subject
        self.groups = groups
        self.isNew = isNew
        self.remember = remember
    }
}

/// The accounts of this registry, with the passwords that are kept of them.
public struct LocalAccounts: IdentitySource {
    /// The name under which no link is needed.
    public static let name = "local"

    /// The name of the source.
    public var name: String { Self.name }

    private let directory: AccessDirectory
    private let passwords: PasswordChecker

    /// Knows the accounts of a directory.
    public init(_ directory: AccessDirectory, _ passwords: PasswordChecker) {
        self.directory = directory
        self.passwords = passwords
    }

    /// The account of a name whose password it is.
    public func identity(of name: String, _ password: Secret) async throws -> SourceIdentity? {
        let known = directory.snapshot.accounts[name].flatMap { account in
            // A dictionary also finds what Unicode calls the same.
            let isNamed = account.fact.name.utf8.elementsEqual(name.utf8)
            return isNamed && account.fact.disabledAt == nil ? account : nil
        }
        // Also for a name that is nobody's, and for as long: the time tells nothing.
        let answer = try await passwords.check(password, against: known?.fact.password, of: name)
        guard answer != .wrong, let known else { return nil }
        guard case .right(let mark) = answer else { return SourceIdentity(subject: name, isNew: false) }
        try await renew(known.fact, password)
        return SourceIdentity(subject: name) { [passwords] in passwords.remember(mark) }
    }

    /// Keeps a better hash of a password that was found right, where the one that is kept came from elsewhere.
    private func renew(_ account: AccountFact, _ password: Secret) async throws {
        guard let old = account.password, StoredPassword(old)?.needsRenewal == true else { return }
        let new = try await passwords.hash(password).description
        try await directory.change { try $0.renewPassword(new, of: account.name, insteadOf: old) }
    }
}
