public import OCI
public import RegistryContract

/// One repository of one registry: where images come from, or go to.
public struct Place: Sendable {
    /// The registry.
    public var registry: any Registry
    /// The repository in it.
    public var repository: RepositoryName
    /// What names the registry: two places with the same name share blobs, so that they can be mounted.
    public var registryName: String
    /// How a person would write it, where that is not the registry and the repository.
    public var shownName: String?

    /// Names a place.
    public init(
        registry: any Registry,
        repository: RepositoryName,
        registryName: String,
        shownName: String? = nil
    ) {
        self.registry = registry
        self.repository = repository
        self.registryName = registryName
        self.shownName = shownName
    }
}
