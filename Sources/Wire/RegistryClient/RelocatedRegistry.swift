public import OCI
public import RegistryContract

/// A registry whose repositories have other names than those that it is asked by.
///
/// Whoever asks for `example.com/foo/app` gets what `inner.example/bar/app` has: names are changed before anything
/// leaves, and nothing that comes back is.
public struct RelocatedRegistry: ForwardingRegistry {
    private let base: any Registry
    private let name: @Sendable (RepositoryName) throws -> RepositoryName

    /// Gives the repositories of a registry other names.
    ///
    /// - Parameters:
    ///   - base: Where the content is.
    ///   - name: What a repository is called there.
    public init(_ base: any Registry, name: @escaping @Sendable (RepositoryName) throws -> RepositoryName) {
        self.base = base
        self.name = name
    }

    /// By its other name.
    public func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
        (base, try name(repository))
    }

    /// The repositories, by the names that they have there.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await base.repositories(after: last, limit: limit)
    }
}
