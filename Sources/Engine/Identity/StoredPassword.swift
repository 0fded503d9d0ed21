/// What is kept of a password, of any kind that may be kept.
public enum StoredPassword: Hashable, Sendable {
    /// What the registry makes itself.
    case scrypt(PasswordHash)
    /// What was brought from a htpasswd file.
    case bcrypt(BcryptHash)

    /// Reads what ``description`` wrote; nil for anything else.
    public init?(_ text: String) {
        if let hash = PasswordHash(text) {
            self = .scrypt(hash)
        } else if let hash = BcryptHash(text) {
            self = .bcrypt(hash)
        } else {
            return nil
        }
    }

    /// Whether a password is the one; takes from a millisecond to a second, by the cost that is kept with the hash.
    public func isOf(_ password: Secret) throws -> Bool {
        switch self {
        case .scrypt(let hash): try hash.isOf(password)
        case .bcrypt(let hash): hash.isOf(password)
        }
    }

    /// Whether a better hash should be made as soon as the password is known: after a login that was right.
    public var needsRenewal: Bool {
        switch self {
        case .scrypt: false
        case .bcrypt: true
        }
    }
}

extension StoredPassword: CustomStringConvertible {
    /// The hash as it is stored.
    public var description: String {
        switch self {
        case .scrypt(let hash): hash.description
        case .bcrypt(let hash): hash.description
        }
    }
}
