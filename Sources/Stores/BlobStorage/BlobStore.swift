import Hashing
import NIOCore
import OCI

/// Bytes under opaque keys, and uploads in progress.
///
/// A key is chosen before the first byte is written, recorded by the caller first, and never used twice. A store knows
/// no names and gives a digest no meaning: it is a label that is kept beside the bytes, so that a lost database can be
/// rebuilt from what the store holds.
///
/// Invariants, for every implementation:
/// - Bytes that ``finish(_:appending:at:expecting:)`` has returned for survive kill -9 and loss of power.
/// - Bytes below the offset of a state that ``flush(_:at:_:)`` has returned do so too.
/// - Finished bytes never change.
/// - No method shows a lock. One caller at a time writes to a key: the caller sees to it.
///
/// Errors: ``BlobStoreError``; anything else is a fault of the store (an I/O error).
/// A store that can no longer vouch for the bytes of an upload, because making them durable failed, drops the upload:
/// from then on it is ``BlobStoreError/Code/notFound``.
public protocol BlobStore: Sendable {
    /// Refuses with ``BlobStoreError/Code/full`` when there is no room for so many more bytes, before they are sent.
    func admit(byteCount: Int64) async throws

    /// Appends to the upload of `key` at exactly where `state` stands, hashing on the way; returns the state after it.
    ///
    /// The upload is made by its first append. Bytes at or after `state.offset` that an earlier, broken attempt may
    /// have left are overwritten. Not durable until flushed or finished.
    func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState

    /// Makes an upload durable, so that it can go on from the state that is returned, in any process.
    ///
    /// With `extent` ``UploadExtent/cheap`` the state may stand at fewer bytes than `state`: as far as was no work.
    func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState

    /// Hashes the bytes of an upload anew, as far as `state` stands; of the state's own hash nothing is believed.
    func rehash(_ key: BlobKey, at state: UploadState, _ algorithm: Digest.Algorithm) async throws -> ContentHash

    /// Appends the last bytes of an upload, compares the hash with `digest`, and makes the whole a durable blob.
    ///
    /// Where the state was hashed by another algorithm than `digest`, the bytes are hashed anew.
    ///
    /// Returns the size in bytes. Throws ``BlobStoreError/Code/digestMismatch`` when the bytes hash to something else;
    /// the upload is then still there, for the caller to discard. An upload of no bytes at all is a valid blob.
    /// Finishing what is finished already returns the same: for a caller that was stopped before it could record it.
    func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64

    /// Drops an upload as it stood at `ledger`; not an error when there is none.
    func discard(_ key: BlobKey, ledger: [UInt8]?) async throws

    /// Opens a finished blob for reading. Throws ``BlobStoreError/Code/notFound``.
    func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob

    /// The size in bytes of a finished blob where it lies, and not of a copy that is kept nearer.
    ///
    /// Throws ``BlobStoreError/Code/notFound``.
    func byteCount(of key: BlobKey, digest: Digest) async throws -> Int64

    /// Removes a finished blob; not an error when there is none.
    func remove(_ key: BlobKey, digest: Digest) async throws

    /// Removes many finished blobs, each as ``remove(_:digest:)`` does it, with fewer questions where the store can.
    ///
    /// Returns those that may still be there. Throws when it could not go on; then some are gone, and to remove them
    /// again is no error.
    func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure]

    /// Everything that the store holds, a page at a time: uploads in progress, then what is finished.
    ///
    /// `token` is nil at first and then what the page before returned; a page without a token is the last.
    func list(after token: String?, limit: Int) async throws -> BlobListing

    /// The finished blobs that have some of these keys; a store that has to list all of itself for it may do so.
    func blobs(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry]

    /// The room that is left.
    func space() async throws -> StorageSpace

    /// The name that tells this store from others; nil while it has none.
    func identity() async throws -> BlobKey?

    /// Gives a store that has no name one, durably; returns the one that it has, which another may have given before.
    @discardableResult
    func identify(as name: BlobKey) async throws -> BlobKey

    /// Whether of several processes that give a store a name at once one does, and all get to know it.
    var isNamedOnce: Bool { get }
}

extension BlobStore {
    /// It is so with a store that one process has for itself.
    public var isNamedOnce: Bool { true }

    /// Takes everything: a store without a bound of its own.
    public func admit(byteCount: Int64) async throws {}

    /// That of the blob as it is opened: for a store that keeps no copies.
    public func byteCount(of key: BlobKey, digest: Digest) async throws -> Int64 {
        try await open(key, digest: digest).byteCount
    }

    /// Looks through the list of the whole store.
    public func blobs(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry] {
        var (found, token): ([BlobListing.Entry], String?) = ([], nil)
        guard !keys.isEmpty else { return found }
        repeat {
            let page = try await list(after: token, limit: 1000)
            found += page.entries.filter { $0.digest != nil && keys.contains($0.key) }
            token = page.next
        } while token != nil
        return found
    }

    /// A state whose hash is by the algorithm of a digest: the one that is given, or one that is hashed anew.
    public func state(
        _ state: UploadState,
        of key: BlobKey,
        hashedFor digest: Digest
    ) async throws -> UploadState {
        guard state.hash.algorithm != digest.algorithm else { return state }
        var hashed = state
        hashed.hash = try await rehash(key, at: state, digest.algorithm)
        return hashed
    }
}

/// A page of what a store holds.
public struct BlobListing: Sendable {
    /// One thing in the store.
    public struct Entry: Sendable, Hashable {
        /// Its key.
        public var key: BlobKey
        /// The label of a finished blob; nil for an upload in progress.
        public var digest: Digest?
        /// Its size in bytes.
        public var byteCount: Int64

        /// Describes one thing in the store.
        public init(key: BlobKey, digest: Digest?, byteCount: Int64) {
            self.key = key
            self.digest = digest
            self.byteCount = byteCount
        }
    }

    /// The entries of this page.
    public var entries: [Entry]
    /// What stands in the store but is none of its own making, by name.
    public var strangers: [String]
    /// Where the next page begins; nil on the last.
    public var next: String?

    /// Makes a page.
    public init(entries: [Entry], strangers: [String] = [], next: String?) {
        self.entries = entries
        self.strangers = strangers
        self.next = next
    }
}

/// The room of a store, in bytes.
public struct StorageSpace: Sendable, Hashable {
    /// What can still be written; nil when the store has no bound that it knows.
    public var free: Int64?
    /// The size of the whole; nil when unknown.
    public var total: Int64?

    /// States the room of a store.
    public init(free: Int64?, total: Int64?) {
        self.free = free
        self.total = total
    }
}
