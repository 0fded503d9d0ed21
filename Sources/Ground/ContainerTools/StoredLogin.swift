/// What a tool keeps to log in at a registry; however it is printed, its secret is not shown.
public enum StoredLogin: Sendable, Hashable {
    /// A name and a password.
    case password(user: String, password: String)
    /// A refresh token of the registry's token service; some registries want a name beside it.
    case identityToken(user: String?, token: String)
    /// A token that is sent as it is, as `Authorization: Bearer`.
    case registryToken(String)

    /// The name, where there is one.
    public var user: String? {
        switch self {
        case .password(let user, _): user
        case .identityToken(let user, _): user
        case .registryToken: nil
        }
    }
}

extension StoredLogin: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind and the name.
    public var description: String {
        switch self {
        case .password(let user, _): "the password of \(user)"
        case .identityToken(let user, _): user.map { "an identity token of \($0)" } ?? "an identity token"
        case .registryToken: "a registry token"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Nothing: `dump` looks in here.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where a login is kept.
public enum LoginPlace: Sendable, Hashable, CustomStringConvertible {
    /// In a file, as base64, which anybody who can read the file can read too.
    case file(path: String)
    /// With a credential helper, which a file names.
    case helper(name: String, namedIn: String)
    /// In a variable of the environment.
    case environment(String)

    /// Such as `the file /root/.docker/config.json`.
    public var description: String {
        switch self {
        case .file(let path): "the file \(path)"
        case .helper(let name, let path): "the credential helper docker-credential-\(name) (named in \(path))"
        case .environment(let name): "the environment variable \(name)"
        }
    }
}

/// A login that was found, and where.
public struct FoundLogin: Sendable, Hashable {
    /// The login.
    public let login: StoredLogin
    /// Where it is kept.
    public let place: LoginPlace
    /// The key that it stands under, such as `registry.example/team`; a helper's is the address that it was asked for.
    public let key: String

    /// States a login.
    public init(login: StoredLogin, place: LoginPlace, key: String) {
        self.login = login
        self.place = place
        self.key = key
    }
}
