import OCI
import RegistryContract

/// Whole lists, page by page.
enum Listing {
    /// How much is asked for at once.
    private static let pageSize = 1000
    /// No list is longer: more than this is held by no terminal, and by little memory.
    static let countMax = 1_000_000
    /// No list has more pages, however little is on each.
    private static let pageCountMax = 10_000

    /// All tags of a repository, in bytewise order, each once whoever lists one twice.
    static func tags(of place: OpenedLocation) async throws -> [Tag] {
        let tags = try await all(of: "tags of \(place.name)") { last in
            try await place.registry.tags(in: place.repository, after: last?.description, limit: pageSize)
        }
        return tags.once
    }

    /// All repositories of a registry, in bytewise order.
    static func repositories(of registry: any Registry, named name: String) async throws -> [RepositoryName] {
        try await all(of: "repositories of \(name)") { last in
            try await registry.repositories(after: last?.description, limit: pageSize)
        }
    }

    /// All that refers to a manifest.
    static func referrers(
        to subject: Digest,
        artifactType: String? = nil,
        of place: OpenedLocation
    ) async throws -> [Descriptor] {
        try await all(of: "referrers of \(subject)") { last in
            try await place.registry.referrers(
                to: subject,
                artifactType: artifactType,
                in: place.repository,
                after: last?.digest,
                limit: pageSize
            )
        }
    }

    private static func all<Element: Sendable>(
        of what: String,
        _ page: (Element?) async throws -> Page<Element>
    ) async throws -> [Element] {
        var elements: [Element] = []
        for _ in 0..<pageCountMax {
            let next = try await page(elements.last)
            elements += next.elements
            guard next.hasMore, !next.elements.isEmpty else { return elements }
            guard elements.count < countMax else {
                throw Failure(description: "There are more than \(countMax) \(what): narrow down what you look for.")
            }
        }
        throw Failure(
            description:
                "There are more than \(pageCountMax) pages of the \(what), with little on them: they may never "
                + "end. Ask the registry's operator."
        )
    }
}

extension Array where Element: Hashable {
    /// Each of its elements once, where it came first.
    var once: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
