public import Hashing
public import NIOCore
public import OCI
import Synchronization

/// A blob store that stops taking bytes while there is still room, so that what surrounds it can go on.
///
/// A disk that is full to the last byte fails the database beside the blobs. Once fewer than `reserve` bytes would be
/// left, appending throws ``BlobStoreError/Code/full``; reading, removing, and finishing an upload whose bytes are all
/// there go on. The room is measured at most once an interval, and counted down by what is let through in between.
public struct ReservingBlobStore: BlobStore {
    private let base: any BlobStore
    private let reserve: Int64
    private let gauge: Gauge

    /// Wraps `base`.
    ///
    /// - Parameters:
    ///   - base: The store that holds the bytes.
    ///   - reserve: How many bytes stay free.
    ///   - interval: How long a measurement is believed.
    ///   - clock: Tells when an interval has passed.
    public init(
        _ base: any BlobStore,
        reserve: Int64,
        interval: Duration = .seconds(1),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.base = base
        self.reserve = reserve
        gauge = Gauge(interval: interval, elapsed: Self.stopwatch(clock))
    }

    /// Passes on, when there is room for the bytes.
    public func append(
        _ bytes: [ByteBuffer],
        to key: BlobKey,
        at offset: Int64,
        hash: ContentHash
    ) async throws -> ContentHash {
        try await admit(bytes)
        return try await base.append(bytes, to: key, at: offset, hash: hash)
    }

    /// Passes on.
    public func flush(_ key: BlobKey, byteCount: Int64) async throws {
        try await base.flush(key, byteCount: byteCount)
    }

    /// Passes on.
    public func rehash(_ key: BlobKey, byteCount: Int64, _ algorithm: Digest.Algorithm) async throws -> ContentHash {
        try await base.rehash(key, byteCount: byteCount, algorithm)
    }

    /// Passes on, when there is room for the bytes; without any, always.
    public func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at offset: Int64,
        hash: ContentHash,
        expecting digest: Digest
    ) async throws -> Int64 {
        try await admit(bytes)
        return try await base.finish(key, appending: bytes, at: offset, hash: hash, expecting: digest)
    }

    /// Passes on.
    public func discard(_ key: BlobKey) async throws {
        try await base.discard(key)
    }

    /// Passes on.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        try await base.open(key, digest: digest)
    }

    /// Passes on.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        try await base.remove(key, digest: digest)
    }

    /// Passes on.
    public func list(after token: String?, limit: Int) async throws -> BlobListing {
        try await base.list(after: token, limit: limit)
    }

    /// The room of the base, the reserve included.
    public func space() async throws -> StorageSpace {
        try await base.space()
    }

    /// Lets `bytes` through, or throws.
    private func admit(_ bytes: [ByteBuffer]) async throws {
        let count = bytes.reduce(0) { $0 + Int64($1.readableBytes) }
        if count > 0 { try await admit(byteCount: count) }
    }

    /// Refuses when so many more bytes would leave fewer than the reserve; for none, when that is so already.
    public func admit(byteCount count: Int64) async throws {
        if gauge.isDue {
            let free = try await base.space().free
            gauge.set(free)
        }
        guard let left = gauge.take(count, keeping: reserve) else { return }
        throw BlobStoreError(
            .full,
            "\(left) bytes are free and \(reserve) stay reserved: \(count) more are not taken. Free some room."
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
    private struct Reading {
        var measuredAt: Duration
        var free: Int64?
    }

    private let interval: Duration
    private let elapsed: @Sendable () -> Duration
    private let reading = Mutex<Reading?>(nil)

    init(interval: Duration, elapsed: @escaping @Sendable () -> Duration) {
        self.interval = interval
        self.elapsed = elapsed
    }

    var isDue: Bool {
        let now = elapsed()
        return reading.withLock { $0.map { now - $0.measuredAt >= interval } ?? true }
    }

    func set(_ free: Int64?) {
        let now = elapsed()
        reading.withLock { $0 = Reading(measuredAt: now, free: free) }
    }

    /// Counts bytes as written; returns what is left when they are too many.
    func take(_ count: Int64, keeping reserve: Int64) -> Int64? {
        reading.withLock { reading in
            guard let free = reading?.free else { return nil }
            guard free - count >= reserve else { return free }
            reading?.free = free - count
            return nil
        }
    }
}
