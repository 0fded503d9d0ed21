public import OCI
public import RegistryContract

/// What is copied with an image, and how.
public struct TransferOptions: Sendable {
    /// Which children of an index are copied; an image that is no index is taken as it is.
    public enum Platforms: Sendable, Hashable {
        /// The index with all of them.
        case all
        /// Only the children that fit best: the one child alone in place of the index, or for several platforms a new
        /// index of the chosen children, which is the old one but for the others.
        case only([Platform])
        /// Only the children that fit best, and the index as it is, which then names what is not there.
        ///
        /// Not every registry takes such an index. A later copy of all takes it for whole where its tag is the same,
        /// unless it is forced.
        case sparse([Platform])
    }

    /// Which children of an index are copied.
    public var platforms = Platforms.all
    /// Whether the manifests that refer to what is copied are copied too, and those that refer to them.
    public var copiesReferrers = false
    /// Whether cosign's `sha256-….sig`, `.att` and `.sbom` tags of what is copied are copied too.
    public var copiesSignatureTags = false
    /// Whether layers whose terms forbid that a registry hands them on are copied.
    public var copiesNonDistributable = false
    /// Whether manifests that are there are walked and pushed nevertheless; blobs that are there are left out as ever.
    public var force = false
    /// Whether blobs that are there are read again, compared with their digests, and sent anew where they differ.
    ///
    /// Manifests are pushed again then. A blob whose size differs is sent anew in any case.
    public var verifiesWhatIsThere = false
    /// Other repositories of the target's registry that may have the blobs, tried in this order.
    public var mountSources: [RepositoryName] = []
    /// How many parts of one big blob are read at once; one is the default.
    ///
    /// A single connection fills a near network, and there parts only cost memory and requests. They help where each
    /// connection is slow: a far registry, or one that limits each of them. Who copies cannot tell beforehand, so it is
    /// asked for.
    public var partsInParallelMax = 1
    /// The size of such a part, in bytes.
    public var partByteCount = 4 << 20
    /// A smaller blob is read in one go, in bytes.
    public var partedByteCountMin: Int64 = 32 << 20
    /// Whether a copy that was cancelled, or lost the other side for good, leaves its uploads at the target, and goes
    /// on with those of an earlier program where the target still knows them.
    ///
    /// Of what an earlier program has sent, the bytes are not read again where the source is a registry: the target
    /// compares the whole with its digest in any case, and when they differ all is sent anew and compared here. Where
    /// the source is files, they are hashed from the first byte.
    public var keepsUploads = false
    /// What must hold of the tags of the image when they move, as far as the target can look at that in one step.
    public var tagCondition = TagCondition.none
    /// When what failed is tried again.
    public var retry = TransferRetries()

    /// The most repositories that a blob is mounted from.
    public static let mountSourceCountMax = 16
    /// How deep indexes may lie in each other.
    public static let depthMax = 8
    /// How far a chain of referrers is followed.
    public static let referrerDepthMax = 8
    /// The most manifests that one copy takes along.
    public static let manifestCountMax = 20_000

    /// Copies all platforms and nothing besides.
    public init() {}
}
