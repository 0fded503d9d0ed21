import BlobStorage
import Metadata
public import OCI
public import RegistryContract

/// Which callers read blobs where they lie, and not through this server.
public struct BlobRedirects: Sendable {
    /// How long an address holds that they get.
    public var lifetime: Duration
    /// Whether a caller is sent there for the blobs of a repository.
    public var applies: @Sendable (Caller, RepositoryName) -> Bool

    /// States a rule.
    public init(lifetime: Duration, applies: @escaping @Sendable (Caller, RepositoryName) -> Bool) {
        self.lifetime = lifetime
        self.applies = applies
    }
}

extension HostedRegistry {
    /// Small blobs are kept in memory here, and a question more would cost their readers more than their bytes.
    func blobLocation(_ digest: Digest, in repository: RepositoryName) async throws -> BlobLocation? {
        guard let redirects = host.options.redirects, redirects.applies(caller, repository) else { return nil }
        return try await translatingErrors {
            let blob = try await link(to: digest, in: repository).blob
            guard blob.byteCount > HostCache.smallBlobByteCountMax else { return nil }
            do {
                let stored = try await open(blob)
                guard case .remote(let remote) = stored.content else { return nil }
                return try await remote.location(for: redirects.lifetime).map { BlobLocation(url: $0) }
            } catch is DamagedBlob {
                // Whoever reads it here is told what is wrong.
                return nil
            }
        }
    }
}
