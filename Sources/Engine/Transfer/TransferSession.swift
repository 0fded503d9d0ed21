import OCI
import Synchronization

/// What copies that run at the same time share: how much may be under way at once, and which blobs are there already.
///
/// One for all copies of a command, so that its limits hold for them together. It remembers each digest it has seen
/// done, and so should live no longer than the command.
public final class TransferSession: Sendable {
    /// Content at a place.
    struct Key: Hashable {
        var registry: String
        var repository: RepositoryName
        var digest: Digest
    }

    /// A manifest at a place, and what is brought along with it.
    struct ManifestKey: Hashable {
        var content: Key
        var hasReferrers: Bool
        var hasSignatureTags: Bool
    }

    /// Whose bytes move at once.
    let blobSlots: Shares
    /// Who asks small questions at once.
    let questionSlots: Shares
    /// The bytes of parts that were fetched ahead.
    let partBytes: Shares
    let blobs = Flights<Key>()
    let manifests = Flights<ManifestKey>()
    private let homes = Mutex<[String: [Digest: RepositoryName]]>([:])

    /// The most bytes of parts that are fetched ahead, for all blobs together.
    public static let partByteCountMax = 32 << 20

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - blobsInParallelMax: how many blobs move at once.
    ///   - questionsInParallelMax: how many small questions are asked at once.
    public init(blobsInParallelMax: Int = 6, questionsInParallelMax: Int = 16) {
        blobSlots = Shares(blobsInParallelMax)
        questionSlots = Shares(questionsInParallelMax)
        partBytes = Shares(Self.partByteCountMax)
    }

    /// A repository of a registry to which this session has brought a blob, to mount it from.
    func home(of digest: Digest, in registry: String) -> RepositoryName? {
        homes.withLock { $0[registry]?[digest] }
    }

    /// Remembers where a blob is.
    func settle(_ digest: Digest, at place: Place) {
        homes.withLock { $0[place.registryName, default: [:]][digest] = place.repository }
    }
}
