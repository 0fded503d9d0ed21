public import BlobStorage
public import NIOPosix
public import OCI
import Synchronization

/// A blob store that keeps copies of what is read from another one, on a local disk: bounded, and verified.
///
/// It is a cache for blobs that lie elsewhere (``StoredBlob/Content/remote(_:)``); what the base has in a file or in
/// memory passes through. A blob that is in the cache is given as a file, as from a ``FileBlobStore``. One that is not
/// is downloaded once, however many ask for it: they all follow that download, which depends on none of them. What
/// is written passes through and is not put into the cache: a layer that was pushed is mostly not pulled here.
///
/// - Nothing is in the cache that does not have its digest. Who follows a download gets its last piece when the whole
///   was verified; an answer from wrong bytes ends before. A part from the middle is as good as the base.
/// - Files of an earlier run are hashed when they are asked for first, and not at the start: that costs nothing for
///   what nobody asks for, and readers follow it as they follow a download. A file is hashed again when that was done
///   longer than a day ago.
/// - The files take no more than ``CacheLimits/byteCountMax``, those of downloads included; what was not used for the
///   longest time goes first. After a start nobody knows what was used last. A file that is removed while it is read is
///   readable, and takes its room, until the reader is done.
/// - A failure of the cache is none of a request: reads go on from the base where they are. A full disk makes the cache
///   smaller for a while.
///
/// A blob that another process has removed from the base may be opened here until it is evicted: whoever asks for it
/// has looked into the facts before.
///
/// It works while ``run()`` runs; before and after, everything passes through.
public final class CachingBlobStore: ForwardingBlobStore {
    /// Where the blobs are.
    public let base: any BlobStore
    let limits: CacheLimits
    let folder: CacheFolder
    let observer: @Sendable (CacheProblem) -> Void
    let clock: any Clock<Duration>
    let index: Mutex<CacheIndex>
    let openings = SharedOpenings()
    let opened: OpenBlobs
    let bytes = CacheByteCounters()
    private let elapsed: @Sendable () -> Duration

    /// Opens a cache in `folder`, which is made when it is missing; the folder above it must exist.
    ///
    /// - Parameters:
    ///   - base: Where the blobs are.
    ///   - folder: An absolute path. One process at a time uses it.
    ///   - limits: How much it may take.
    ///   - threads: Where the disk is waited for. The caller starts and stops it.
    ///   - clock: Tells when a download stalls, and how long ago a file was verified.
    ///   - calls: The way to the disk.
    ///   - observer: Is told what goes wrong. It must return at once.
    /// - Returns: The store; nothing is read from the base yet.
    /// - Throws: ``BlobStoreError`` with `unusable` when another process uses the folder or it cannot be written, with
    ///   `full` when nothing can be made in it; another fault of the disk as ``SystemCallError``.
    public static func open(
        _ base: any BlobStore,
        folder: String,
        limits: CacheLimits,
        threads: NIOThreadPool,
        clock: some Clock<Duration> = ContinuousClock(),
        calls: any FileSystemCalls = SystemCalls(),
        observer: @escaping @Sendable (CacheProblem) -> Void = { _ in }
    ) async throws -> CachingBlobStore {
        do {
            let (folder, found) = try await CacheFolder.open(folder, threads: threads, calls: calls)
            let store = CachingBlobStore(base, folder, limits, clock, observer)
            await store.remove(store.index.withLock { $0.adopt(found) })
            return store
        } catch let error as SystemCallError {
            throw error.asStoreError
        }
    }

    private init(
        _ base: any BlobStore,
        _ folder: CacheFolder,
        _ limits: CacheLimits,
        _ clock: some Clock<Duration>,
        _ observer: @escaping @Sendable (CacheProblem) -> Void
    ) {
        self.base = base
        self.folder = folder
        self.limits = limits
        self.clock = clock
        self.observer = observer
        elapsed = Self.stopwatch(clock)
        index = Mutex(CacheIndex(limits))
        opened = OpenBlobs(capacity: limits.openBlobsMax / 2)
    }

    /// What it has done since it was opened, and what it holds.
    public var counts: CacheCounts {
        var counts = index.withLock { $0.snapshot }
        counts.servedByteCount = bytes.served.load(ordering: .relaxed)
        counts.filledByteCount = bytes.filled.load(ordering: .relaxed)
        return counts
    }

    /// Whether it works, and does not just pass through.
    public var isRunning: Bool { index.withLock { $0.isRunning } }

    /// Opens the copy, follows the download that is under way, or asks the base.
    ///
    /// Of a blob that is not here only the size is asked for; reading it begins a download.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        let name = OpenBlobs.Name(key: key, digest: digest)
        let (found, removals) = index.withLock { ($0.find(name, at: elapsed()), $0.removals) }
        switch found {
        case .file(let byteCount):
            if let file = await openFile(name, byteCount: byteCount) {
                bytes.served.add(Int(byteCount), ordering: .relaxed)
                return StoredBlob(byteCount: byteCount, content: .file(file))
            }
            index.withLock { $0.counts.hits -= 1 }
        case .fill(let fill):
            index.withLock { $0.counts.misses += 1 }
            return remote(name, fill.byteCount, fill.origin, removals)
        case .idle:
            return try await base.open(key, digest: digest)
        case .nothing: break
        }
        let blob = try await openings.open(name) { try await base.open(key, digest: digest) }
        guard case .remote(let origin) = blob.content, blob.byteCount > 0 else { return blob }
        index.withLock { $0.counts.misses += 1 }
        return remote(name, blob.byteCount, origin, removals)
    }

    /// Removes the blob from the base, and then its copy.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        let name = OpenBlobs.Name(key: key, digest: digest)
        do {
            try await base.remove(key, digest: digest)
        } catch {
            // It may be gone there all the same.
            await forget(name)
            throw error
        }
        await forget(name)
    }

    /// Removes the blobs from the base, and then their copies.
    public func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        let names = blobs.map { OpenBlobs.Name(key: $0.key, digest: $0.digest) }
        do {
            let failures = try await base.remove(blobs)
            for name in names { await forget(name) }
            return failures
        } catch {
            // Some may be gone there all the same.
            for name in names { await forget(name) }
            throw error
        }
    }

    // MARK: - For all of them

    /// The time since it was opened.
    var now: Duration { elapsed() }

    private func remote(
        _ name: OpenBlobs.Name,
        _ byteCount: Int64,
        _ origin: any RemoteBlob,
        _ removals: Int
    ) -> StoredBlob {
        let blob = CachedBlob(cache: self, name: name, byteCount: byteCount, origin: origin, removals: removals)
        return StoredBlob(byteCount: byteCount, content: .remote(blob))
    }

    /// A clock as the time since now.
    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
