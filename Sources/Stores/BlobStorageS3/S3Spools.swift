import BlobStorage
import Synchronization

/// The files of the uploads that this process is at work on, or was lately.
///
/// Each holds less than two parts and a descriptor. Beyond ``countMax`` those go that were used the longest time ago,
/// if the store has their bytes, too, or nobody came for ``idleMax``: a client that went to another server does not
/// come back to tell.
final class S3Spools: Sendable {
    /// How many files there are before some go.
    static let countMax = 256
    /// How long bytes that are nowhere else are kept for a client that may come back.
    static let idleMax = Duration.seconds(3600)

    private let all = Mutex<[BlobKey: S3Spool]>([:])

    /// None.
    init() {}

    /// The file of an upload.
    subscript(key: BlobKey) -> S3Spool? { all.withLock { $0[key] } }

    /// The keys of all, in their order.
    var keys: [BlobKey] { all.withLock { Array($0.keys) }.sorted { $0.description < $1.description } }

    /// Keeps the file of an upload, in the place of one that it had.
    func keep(_ spool: S3Spool, for key: BlobKey, at moment: Duration) {
        all.withLock { all in
            all[key] = spool
            guard all.count > Self.countMax else { return }
            let idle = all.filter { entry in
                entry.key != key && (entry.value.isDurable || moment - entry.value.usedAt > Self.idleMax)
            }
            for (key, _) in idle.sorted(by: { $0.value.usedAt < $1.value.usedAt }).prefix(all.count - Self.countMax) {
                all[key] = nil
            }
        }
    }

    /// Lets the files go that nobody has used for ``idleMax``.
    func dropIdle(at moment: Duration) {
        all.withLock { all in all = all.filter { moment - $0.value.usedAt <= Self.idleMax } }
    }

    /// Lets the file of an upload go.
    func drop(_ key: BlobKey) { all.withLock { _ = $0.removeValue(forKey: key) } }
}
