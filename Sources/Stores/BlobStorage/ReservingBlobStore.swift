public import Hashing
public import NIOCore
public import OCI
import Synchronization

/// A blob store that stops taking bytes while there is still room, so that what surrounds it can go on.
///
/// A disk that is full to the last byte fails the database beside the blobs. Once fewer than `reserve` bytes would be
/// left, or more than a share of the whole would be taken, appending throws ``BlobStoreError/Code/full``; reading,
/// removing, and finishing an upload whose bytes are all there go on. The room is measured at most once an interval,
/// and counted down by what is let through in between: once there is room again, bytes are taken again.
///
/// What it passes on is written out, and not left to ``ForwardingBlobStore``: another way for bytes to come in must not
/// compile until it is guarded here.
public struct ReservingBlobStore: BlobStore {
    private let base: any BlobStore
    private let gauge: Gauge

    /// Wraps `base`.
    ///
    /// - Parameters:
    ///   - base: The store that holds the bytes.
    ///   - reserve: How many bytes stay free.
    ///   - refuseAbove: The share of the whole above which nothing more is taken; where the store knows no whole, only
    ///     the reserve counts.
    ///   - interval: How long a measurement is believed.
    ///   - clock: Tells when an interval has passed.
    public init(
        _ base: any BlobStore,
        reserve: Int64,
        refuseAbove: Double = 1,
        interval: Duration = .seconds(1),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.base = base
        gauge = Gauge(reserve: reserve, takenShareMax: refuseAbove, interval: interval, elapsed: Self.stopwatch(clock))
    }

    /// Refuses when the bytes would eat into the reserve, or the reserve is touched already.
    public func admit(byteCount: Int64) async throws {
        try await measure()
        if gauge.lack(byteCount) != nil {
            gauge.set(try await base.space())
            if let lack = gauge.lack(byteCount) { throw full(lack, byteCount) }
        }
        try await base.admit(byteCount: byteCount)
    }

    /// Passes on, when there is room for the bytes.
    public func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
        try await take(bytes)
        return try await base.append(bytes, to: key, at: state)
    }

    /// Passes on.
    public func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        try await base.flush(key, at: state, extent)
    }

    /// Passes on.
    public func rehash(
        _ key: BlobKey,
        at state: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        try await base.rehash(key, at: state, algorithm)
    }

    /// Passes on, when there is room for the bytes; without any, always.
    public func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        try await take(bytes)
        return try await base.finish(key, appending: bytes, at: state, expecting: digest)
    }

    /// Passes on.
    public func discard(_ key: BlobKey, ledger: [UInt8]?) async throws {
        try await base.discard(key, ledger: ledger)
    }

    /// Passes on.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        try await base.open(key, digest: digest)
    }

    /// Passes on.
    public func byteCount(of key: BlobKey, digest: Digest) async throws -> Int64 {
        try await base.byteCount(of: key, digest: digest)
    }

    /// Passes on.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        try await base.remove(key, digest: digest)
    }

    /// Passes on.
    public func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        try await base.remove(blobs)
    }

    /// Passes on.
    public func list(after token: String?, limit: Int) async throws -> BlobListing {
        try await base.list(after: token, limit: limit)
    }

    /// Passes on.
    public func blobs(under keys: Set<BlobKey>) async throws -> [BlobListing.Entry] {
        try await base.blobs(under: keys)
    }

    /// The room of the base, the reserve included.
    public func space() async throws -> StorageSpace {
        try await base.space()
    }

    /// Passes on.
    public func identity() async throws -> BlobKey? {
        try await base.identity()
    }

    /// Passes on.
    public func identify(as name: BlobKey) async throws -> BlobKey {
        try await base.identify(as: name)
    }

    /// Passes on.
    public var isNamedOnce: Bool { base.isNamedOnce }

    /// Lets `bytes` through and counts them, or throws.
    private func take(_ bytes: [ByteBuffer]) async throws {
        let count = bytes.reduce(0) { $0 + Int64($1.readableBytes) }
        guard count > 0 else { return }
        try await measure()
        guard gauge.take(count) != nil else { return }
        // What was let through may have been dropped since: nobody is refused on an old measurement.
        gauge.set(try await base.space())
        if let lack = gauge.take(count) { throw full(lack, count) }
    }

    private func measure() async throws {
        guard gauge.isDue else { return }
        gauge.set(try await base.space())
    }

    private func full(_ lack: Gauge.Lack, _ count: Int64) -> BlobStoreError {
        BlobStoreError(
            .full,
            "\(lack.free) bytes are free and \(lack.kept) stay so (storage.reserve, storage.refuse-above): "
                + "\(count) more are not taken. Free some room."
        )
    }

    /// A clock as the time since now.
    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}

/// The room as it was last measured, less what was let through since.
private final class Gauge: Sendable {
    /// How much there is too little.
    struct Lack {
        var free: Int64
        /// What has to stay free.
        var kept: Int64
    }

    private struct Reading {
        var measuredAt: Duration
        var free: Int64?
        var kept: Int64
    }

    private let reserve: Int64
    private let takenShareMax: Double
    private let interval: Duration
    private let elapsed: @Sendable () -> Duration
    private let reading = Mutex<Reading?>(nil)

    init(reserve: Int64, takenShareMax: Double, interval: Duration, elapsed: @escaping @Sendable () -> Duration) {
        (self.reserve, self.takenShareMax) = (reserve, takenShareMax)
        self.interval = interval
        self.elapsed = elapsed
    }

    var isDue: Bool {
        let now = elapsed()
        return reading.withLock { $0.map { now - $0.measuredAt >= interval } ?? true }
    }

    func set(_ space: StorageSpace) {
        let now = elapsed()
        let share = space.total.map { Int64((Double($0) * max(0, 1 - takenShareMax)).rounded(.up)) } ?? 0
        reading.withLock { $0 = Reading(measuredAt: now, free: space.free, kept: max(reserve, share)) }
    }

    /// What is lacking when so many more bytes are too many; nil when there is room for them.
    func lack(_ count: Int64) -> Lack? {
        reading.withLock { Self.lack(count, $0) }
    }

    /// Counts bytes as written, unless they are too many: then returns what is lacking.
    func take(_ count: Int64) -> Lack? {
        reading.withLock { reading in
            if let lack = Self.lack(count, reading) { return lack }
            if let free = reading?.free { reading?.free = free - count }
            return nil
        }
    }

    private static func lack(_ count: Int64, _ reading: Reading?) -> Lack? {
        guard let reading, let free = reading.free, free - count < reading.kept else { return nil }
        return Lack(free: free, kept: reading.kept)
    }
}
