public import OCI
public import Outgoing

/// What lets somebody into a registry; it never prints.
public enum RegistryCredential: Sendable, Hashable {
    /// A user's name and password.
    case password(OutgoingCredentials)
    /// A refresh token that the registry's token service gave (OAuth 2.0); Docker calls it an identity token.
    case identityToken(String)
    /// A token that goes straight to the registry as a bearer's.
    case registryToken(String)
}

extension RegistryCredential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of what it is.
    public var description: String { "<redacted>" }
    /// Nothing of what it is.
    public var debugDescription: String { "<redacted>" }
    /// Nothing of what it is.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where credentials come from.
public protocol CredentialSource: Sendable {
    /// What is known for a registry, and for a repository of it where that makes a difference; nil for nothing.
    func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential?
}
