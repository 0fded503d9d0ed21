import Metadata
import OCI
import RegistryContract

extension HostedRegistry {
    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await translatingErrors {
            try await facts.read { facts in
                let target = try facts.known(repository)
                return Page(try facts.tags(in: target, after: last, limit: limit + 1), limit: limit)
            }
        }
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await translatingErrors {
            try await facts.read { facts in
                Page(try facts.repositories(after: last, limit: limit + 1), limit: limit)
            }
        }
    }

    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try await translatingErrors {
            let stored = try await facts.read { facts in
                try facts.referrers(
                    of: subject,
                    in: repository,
                    artifactType: artifactType,
                    after: last,
                    limit: limit + 1
                )
            }
            return Page(await Self.descriptors(of: stored.prefix(limit)), hasMore: stored.count > limit)
        }
    }

    /// The descriptors that a list of referrers shows, with the annotations of each manifest.
    @concurrent
    private static func descriptors(of manifests: ArraySlice<Metadata.StoredManifest>) async -> [Descriptor] {
        manifests.map { stored in
            let manifest = try? Manifest(parsing: stored.bytes, contentType: stored.fact.mediaType)
            return Descriptor(
                mediaType: stored.fact.mediaType,
                digest: stored.fact.digest,
                size: stored.fact.byteCount,
                artifactType: stored.fact.artifactType,
                annotations: manifest?.annotations ?? [:]
            )
        }
    }
}
