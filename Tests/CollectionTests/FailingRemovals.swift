import BlobStorage
import OCI
import Synchronization

/// A store in which some removals fail.
final class FailingRemovals: ForwardingBlobStore {
    /// How a removal fails.
    enum Manner: CaseIterable {
        /// The store is away, before the bytes are gone.
        case away
        /// The store is away, and the bytes are gone nevertheless.
        case unheard
        /// This one cannot be removed.
        case stuck
    }

    /// One cannot be removed.
    struct Stuck: Error {}

    private struct State {
        var count = 0
        var failing: Int?
        var manner = Manner.away
        var looks: [(keyCount: Int, removalCount: Int)] = []
    }

    let base: any BlobStore
    private let state = Mutex(State())

    init(_ base: any BlobStore) {
        self.base = base
    }

    /// How many removals were begun since the last ``fail(_:_:)``.
    var count: Int { state.withLock { $0.count } }

    /// For how many keys it was looked, each time, and how many removals were begun before.
    var looks: [(keyCount: Int, removalCount: Int)] { state.withLock { $0.looks } }

    /// Lets the removal of a number fail, counted from 1 from now on; nil lets none fail.
    func fail(_ number: Int?, _ manner: Manner = .away) {
        state.withLock { $0 = State(failing: number, manner: manner) }
    }

    func remove(_ key: BlobKey, digest: Digest) async throws {
        let manner: Manner? = state.withLock { state in
            state.count += 1
            return state.count == state.failing ? state.manner : nil
        }
        switch manner {
        case .away: throw BlobStoreError(.unavailable, "it was told to be away")
        case .stuck: throw Stuck()
        case .unheard:
            try await base.remove(key, digest: digest)
            throw BlobStoreError(.unavailable, "it was told to be away, afterwards")
        case nil: try await base.remove(key, digest: digest)
        }
    }

    func blobs(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry] {
        state.withLock { $0.looks.append((keys.count, $0.count)) }
        return try await base.blobs(under: keys)
    }

    func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        try await removeOneByOne(blobs)
    }
}
