import BlobStorage
import NIOCore

/// A blob that is not in the cache, or not all of it: it is read along with a fill, or from the base.
struct CachedBlob: RemoteBlob {
    let cache: CachingBlobStore
    let name: OpenBlobs.Name
    let byteCount: Int64
    let origin: any RemoteBlob
    let removals: Int

    func location(for lifetime: Duration) async throws -> String? { try await origin.location(for: lifetime) }

    /// Waits until there is something to read, so that what is wrong shows before an answer has begun.
    func read(_ range: Range<Int64>) async throws -> any RemoteBytes {
        let range = range.clamped(to: 0..<byteCount)
        guard !range.isEmpty else { return CachedBytes(self, range, .ended) }
        // A file that turned out to be damaged is gone: the second time it is downloaded.
        for _ in 0..<2 {
            guard let fill = try await cache.join(self, from: range.lowerBound) else { break }
            switch try await fill.standing(at: range.lowerBound) {
            case .readable: return CachedBytes(self, range, .fill(fill))
            case .failed(let failure) where failure.reason == .wrongBytes && fill.source == .base:
                throw Self.damaged(name, failure)
            case .failed(_) where fill.source == .file: continue
            case .failed: return try await origin.read(range)
            }
        }
        return try await origin.read(range)
    }

    static func damaged(_ name: OpenBlobs.Name, _ failure: FillFailure) -> BlobStoreError {
        BlobStoreError(.damaged, "The blob \(name.digest) (key \(name.key)) ends early: \(failure.message).")
    }
}

/// A part of a blob that is read along with a fill; where that fails, it goes on from the base.
///
/// One reader goes through it once; what is where is this actor's alone.
actor CachedBytes: RemoteBytes {
    enum Source {
        case fill(CacheFill)
        case base(any RemoteBytes)
        case ended
    }

    private let blob: CachedBlob
    private var position: Int64
    private let end: Int64
    private var hasTaken = false
    private var source: Source

    init(_ blob: CachedBlob, _ range: Range<Int64>, _ source: Source) {
        self.blob = blob
        position = range.lowerBound
        end = range.upperBound
        self.source = source
    }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        guard position < end else { return nil }
        let current = source
        // A failure or a cancellation ends it.
        source = .ended
        switch current {
        case .fill(let fill): return try await next(upTo: byteCount, of: fill)
        case .base(let bytes): return try await next(upTo: byteCount, of: bytes)
        case .ended: throw BlobStoreError(.truncated, "The bytes of \(blob.name.digest) have ended before.")
        }
    }

    private func next(upTo byteCount: Int, of fill: CacheFill) async throws -> [ByteBuffer]? {
        switch try await fill.standing(at: position) {
        case .readable(let file, let reached):
            let count = min(Int64(max(byteCount, 1)), min(reached, end) - position)
            guard let bytes = await blob.cache.read(file, fill, at: position, byteCount: Int(count)) else {
                // The disk failed under the reader. What it was given may be what was wrong, unless that was verified.
                return try await goOn(upTo: byteCount, after: fill, FillFailure(.disk, "its file cannot be read"))
            }
            position += count
            hasTaken = true
            source = .fill(fill)
            return [bytes]
        case .failed(let failure):
            return try await goOn(upTo: byteCount, after: fill, failure)
        }
    }

    /// Goes on from the base, unless the bytes before may be wrong.
    private func goOn(upTo byteCount: Int, after fill: CacheFill, _ failure: FillFailure) async throws -> [ByteBuffer]?
    {
        let isDoubtful = fill.source == .file ? hasTaken && !fill.isVerified : failure.reason == .wrongBytes
        guard !isDoubtful else { throw CachedBlob.damaged(blob.name, failure) }
        return try await next(upTo: byteCount, of: try await blob.origin.read(position..<end))
    }

    private func next(upTo byteCount: Int, of bytes: any RemoteBytes) async throws -> [ByteBuffer]? {
        guard let batch = try await bytes.next(upTo: byteCount) else {
            throw BlobStoreError(.truncated, "The bytes of \(blob.name.digest) ended before all of them came.")
        }
        position += batch.reduce(0) { $0 + Int64($1.readableBytes) }
        source = .base(bytes)
        return batch
    }
}
