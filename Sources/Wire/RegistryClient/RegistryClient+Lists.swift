import DistributionGrammar
import Documents
public import OCI
import Outgoing
public import RegistryContract

/// Tags and repositories.
extension RegistryClient: RegistryLister {
    /// Tags after a text, at most `limit` of them.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        let list = RemoteList<Tag>(
            name: "tags \(repository)",
            call: { query in
                let path = DistributionRequest.tags(repository, query).target
                let scope = AccessScope.repository(repository, "pull")
                var call = Call(.get, .path(path), scopes: [scope], "list", "the tags of \(repository)")
                call.repository = repository
                return call
            },
            // What is no tag cannot be asked for, and was made by a registry with other rules.
            elements: { bytes, _ in try Self.texts("tags", in: bytes).compactMap { try? Tag($0) } },
            key: { $0.description }
        )
        return try await page(of: list, after: last, limit: limit)
    }

    /// Names of repositories after a text, at most `limit` of them, as far as the registry tells.
    ///
    /// Most registries list them in another order than the contract's, which shows only at later pages: a list of more
    /// than one page is read whole.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await introduce()
        let list = RemoteList<RepositoryName>(
            name: "catalog",
            call: { query in
                let path = DistributionRequest.catalog(query).target
                var call = Call(.get, .path(path), scopes: [.catalog], "list", "the repositories")
                call.missing = .unsupported
                return call
            },
            elements: { bytes, _ in
                try Self.texts("repositories", in: bytes).compactMap { try? RepositoryName($0) }
            },
            key: { $0.description },
            isReadWhole: true
        )
        return try await page(of: list, after: last, limit: limit)
    }

    /// The texts of a list in an object; null stands for none, as Go writes it.
    private static func texts(_ name: String, in bytes: [UInt8]) throws -> [String] {
        let value = try JSONValue(json: bytes)
        switch value[name] {
        case .array(let items)?:
            return items.compactMap { item in
                if case .string(let text) = item { return text }
                return nil
            }
        case .null?: return []
        default: throw UnreadableList(name: name)
        }
    }
}

/// What was to be a list and has none.
struct UnreadableList: Error, CustomStringConvertible {
    let name: String

    var description: String { "it has no list of \(name)" }
}
