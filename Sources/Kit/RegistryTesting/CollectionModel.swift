/// The protocol by which garbage is collected, as a machine of states: what pushers, mounters, deleters, the trash and
/// collectors do to one blob in two repositories, each step one transaction or one call of the store.
///
/// Time is counted in ticks: grace and quarantine are two of them, and for two a client may rely on what it was
/// answered. Nothing else bounds who comes when: a collector may be killed after any step, and what it told the store
/// to remove may be removed at any later moment, and again.
public struct CollectionModel: Sendable {
    /// What is left out of the protocol, to see that it is needed.
    public enum Omission: Sendable, CaseIterable {
        /// No record is kept of a link that is gone.
        case formerLinks
        /// A link is removed without looking whether it is needed by what is in the trash.
        case trash
        /// The row of a blob goes without looking whether it is linked again.
        case secondLook
        /// Bytes go at once with the last link.
        case quarantine
        /// Bytes are removed before the transaction that says so.
        case order
        /// A blob that comes again has the key that it had.
        case newKeys
        /// Purging tells nobody that links are to be looked at.
        case lookAfterPurge
    }

    /// What is left out; nil is the protocol as it is.
    let omission: Omission?
    /// How often bytes are brought in all.
    let keyCount: Int
    /// Grace, quarantine, and for how long an answer holds, in ticks.
    static let patience: UInt8 = 2

    /// The protocol, or what it would be without a part of it.
    public init(without omission: Omission? = nil, keyCount: Int = 2) {
        self.omission = omission
        self.keyCount = keyCount
    }

    /// What a repository has.
    struct Repository: Hashable, Sendable {
        /// For how long a link waits to be looked at; nothing to look at when it is `resting`.
        enum Link: Hashable, Sendable {
            case absent, resting
            case waiting(UInt8)
        }

        var link = Link.absent
        /// For how long a link is gone.
        var former: UInt8?
        var isLive = false
        var isTrashed = false
        /// For how long a client has an answer by which the blob is there.
        var promise: UInt8?
        /// The key of bytes that were brought and are not yet a blob.
        var upload: Int?

        var isLinked: Bool { link != .absent }
    }

    /// Bytes under a key.
    struct Key: Hashable, Sendable {
        var isStored = false
        /// Whether the facts say that they are to go.
        var isDoomed = false
        /// Whether somebody may be about to remove them.
        var isAimedAt = false
    }

    /// All of it.
    struct State: Hashable, Sendable {
        var repositories = [Repository(), Repository()]
        /// The key of the blob, where there is one.
        var blob: Int?
        /// For how long it is on the list of blobs whose last link went.
        var unlinked: UInt8?
        var keys: [Key] = []
    }

    /// A step; the number is that of the repository or of the key.
    public enum Step: Hashable, Sendable {
        case tick
        case bringBytes(Int), finishUpload(Int), abandonUpload(Int)
        case head(Int), mount(into: Int), putManifest(Int)
        case delete(Int), restore(Int), purge(Int), deleteBlob(Int)
        case lookAtLink(Int), forgetFormer(Int), condemn, aim(Int), remove(Int), forgetKey(Int)
    }
}
