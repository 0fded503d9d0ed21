import OCI
import Synchronization

/// Which repositories a registry has, as far as answers have said so.
///
/// `HEAD` says that something is missing and not whether it is the content or the whole repository: that is asked once
/// for each repository, and not for each blob of a push.
final class KnownRepositories: Sendable {
    /// More are not remembered.
    private static let countMax = 4096

    private let known = Mutex<[RepositoryName: Bool]>([:])

    /// Whether there is such a repository; nil when no answer has said so.
    func isKnown(_ repository: RepositoryName) -> Bool? {
        known.withLock { $0[repository] }
    }

    /// An answer has said so.
    func note(_ repository: RepositoryName, isKnown: Bool) {
        known.withLock { known in
            if known.count >= Self.countMax { known = [:] }
            known[repository] = isKnown
        }
    }
}
