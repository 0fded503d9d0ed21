import Metadata
import OCI
import RegistryContract
import Synchronization

/// Which repositories have a quota, as far as this process has asked lately: where there is none, nothing is asked
/// before bytes are brought.
///
/// It may be some seconds behind, and decides nothing: that is done when bytes are committed.
final class QuotaWatch: Sendable {
    private struct Known {
        var hasQuota: Bool
        var until: ContinuousClock.Instant
    }

    /// How long an answer holds.
    private static let holding = Duration.seconds(10)
    /// How many repositories are known; more, and all is asked anew.
    private static let countMax = 10_000

    private let known = Mutex<[RepositoryName: Known]>([:])

    /// Whether a repository has a quota; nil when it has to be asked.
    func hasQuota(_ repository: RepositoryName) -> Bool? {
        known.withLock { known in
            guard let found = known[repository], found.until > .now else { return nil }
            return found.hasQuota
        }
    }

    /// Remembers an answer.
    func learn(_ hasQuota: Bool, of repository: RepositoryName) {
        known.withLock { known in
            if known.count >= Self.countMax { known = [:] }
            known[repository] = Known(hasQuota: hasQuota, until: .now + Self.holding)
        }
    }
}

extension HostedRegistry {
    /// Less than this is not asked about before it is brought: it is brought as fast as that is asked.
    private static let askedByteCountMin: Int64 = 1 << 20

    /// Refuses a blob for which there is no room, before its bytes are brought.
    func requireRoom(for digest: Digest, byteCount: Int64?, in repository: RepositoryName) async throws {
        guard let byteCount, byteCount >= Self.askedByteCountMin, host.quotas.hasQuota(repository) != false else {
            return
        }
        let hasQuota = try await facts.read { facts in
            try facts.requireRoom(for: digest, byteCount: byteCount, in: repository)
        }
        host.quotas.learn(hasQuota, of: repository)
    }
}
