import BlobStorage
import OCI

/// A blob on its way into the cache, which any number of readers follow.
///
/// It goes on without readers, and none of them slows it down.
final class CacheFill: Sendable {
    /// Where the bytes come from.
    enum Source: Sendable {
        /// From the store behind, into a new file.
        case base
        /// From a file that an earlier process has left, or that was verified long ago: it is hashed where it is.
        case file
    }

    let name: OpenBlobs.Name
    let byteCount: Int64
    let source: Source
    /// The blob in the store behind.
    let origin: any RemoteBlob
    /// The names whose files must go before this one may write.
    let evicted: [OpenBlobs.Name]
    /// What the file is called until it is verified.
    let temporary = BlobKey.random()
    private let progress: WatchedValue<FillProgress>

    init(
        _ name: OpenBlobs.Name,
        byteCount: Int64,
        from source: Source,
        origin: any RemoteBlob,
        evicted: [OpenBlobs.Name]
    ) {
        self.name = name
        self.byteCount = byteCount
        self.source = source
        self.origin = origin
        self.evicted = evicted
        progress = WatchedValue(FillProgress(byteCount: byteCount))
    }

    /// One that has ended well already: a file that is in the cache.
    init(_ name: OpenBlobs.Name, byteCount: Int64, verified file: OpenFile, origin: any RemoteBlob) {
        self.name = name
        self.byteCount = byteCount
        source = .base
        self.origin = origin
        evicted = []
        var progress = FillProgress(byteCount: byteCount)
        progress.begin(file)
        progress.verify()
        self.progress = WatchedValue(progress)
    }

    /// How many bytes can be read.
    var reached: Int64 { progress.current.reached }

    /// Whether a file was made, or opened, for it.
    var hasFile: Bool { progress.current.hasFile }

    /// Whether all of it has the digest.
    var isVerified: Bool { reached == byteCount }

    /// How many readers wait for bytes.
    var waitingCount: Int { progress.waitingCount }

    /// What a reader at a position does next; waits until there is something to do.
    func standing(at position: Int64) async throws -> FillProgress.Standing {
        try await progress.wait { $0.standing(at: position) }
    }

    func begin(_ file: OpenFile) { progress.change { $0.begin(file) } }
    func advance(to offset: Int64) { progress.change { $0.advance(to: offset) } }
    func verify() { progress.change { $0.verify() } }
    func fail(_ failure: FillFailure) { progress.change { $0.fail(failure) } }
}

/// How far a fill is.
///
///     waiting -> open -> verified
///         \        \
///          `--------`---> failed
///
/// Invariant: `reached` is less than all bytes until they are verified. So whoever follows never gets the end of what
/// turns out to be wrong.
struct FillProgress: Sendable {
    private enum Phase {
        case waiting
        case open(OpenFile)
        case verified(OpenFile)
        case failed(FillFailure)
    }

    /// What a reader can do at its position.
    enum Standing: Sendable {
        /// The bytes before an offset, which is behind the position, can be read.
        case readable(OpenFile, upTo: Int64)
        /// No more will come.
        case failed(FillFailure)
    }

    let byteCount: Int64
    private(set) var reached: Int64 = 0
    private(set) var hasFile = false
    private var phase = Phase.waiting

    init(byteCount: Int64) {
        self.byteCount = byteCount
    }

    /// What a reader at a position does next; nil is to wait.
    func standing(at position: Int64) -> Standing? {
        switch phase {
        case .waiting: nil
        case .open(let file), .verified(let file): position < reached ? .readable(file, upTo: reached) : nil
        case .failed(let failure): .failed(failure)
        }
    }

    mutating func begin(_ file: OpenFile) {
        hasFile = true
        if case .waiting = phase { phase = .open(file) }
    }

    /// Lets readers read up to an offset, but for the last piece: what is small shows only when it is verified.
    mutating func advance(to offset: Int64) {
        if case .open = phase, offset < byteCount { reached = max(reached, offset) }
    }

    mutating func verify() {
        guard case .open(let file) = phase else { return }
        phase = .verified(file)
        reached = byteCount
    }

    mutating func fail(_ failure: FillFailure) {
        if case .verified = phase { return }
        if case .failed = phase { return }
        phase = .failed(failure)
    }
}

/// Why a fill ended without a blob that can be kept.
struct FillFailure: Error {
    enum Reason {
        /// The bytes do not have the digest, or are not as many as they should be.
        case wrongBytes
        /// The disk failed.
        case disk
        /// The disk is full.
        case full
        /// The store behind failed, or broke off.
        case base
        /// Nothing came for too long.
        case stalled
        /// The cache is no longer run.
        case stopped
    }

    let reason: Reason
    let message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
