import NIOCore
import RegistryContract
import Synchronization

/// A stream that breaks after so many bytes; what came before is given.
final class CutStream: ByteStream {
    /// How it breaks.
    struct Cut: Error {}

    private let base: any ByteStream
    private let left: Mutex<Int>

    init(_ base: any ByteStream, after byteCount: Int) {
        self.base = base
        left = Mutex(byteCount)
    }

    var declaredByteCount: Int64? { base.declaredByteCount }
    var batchByteCount: Int { base.batchByteCount }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        guard left.withLock({ $0 > 0 }) else { throw Cut() }
        guard let batch = try await base.next(upTo: byteCount) else { return nil }
        return left.withLock { left in
            batch.compactMap { buffer in
                var buffer = buffer
                let part = buffer.readSlice(length: min(left, buffer.readableBytes))
                left -= part?.readableBytes ?? 0
                return part
            }
        }
    }
}

/// Bytes in small pieces, as they come over a network.
final class PiecesStream: ByteStream {
    private let rest: Mutex<ByteBuffer>
    private let pieceByteCount: Int
    private let wait: @Sendable () async throws -> Void

    init(_ bytes: ByteBuffer, pieceByteCount: Int, wait: @escaping @Sendable () async throws -> Void = {}) {
        rest = Mutex(bytes)
        self.pieceByteCount = pieceByteCount
        self.wait = wait
    }

    var declaredByteCount: Int64? { nil }
    var batchByteCount: Int { pieceByteCount }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        try await wait()
        return rest.withLock { rest in
            let piece = rest.readSlice(length: min(pieceByteCount, byteCount, rest.readableBytes))
            return piece.flatMap { $0.readableBytes > 0 ? [$0] : nil }
        }
    }
}

extension BlobContent {
    /// The part that was asked for, as a stream: as a registry gives it that fetches no more than that.
    func streamed(
        _ range: Range<Int64>?,
        pieceByteCount: Int = 16 << 10,
        wait: @escaping @Sendable () async throws -> Void = {},
        through change: (any ByteStream) -> any ByteStream = { $0 }
    ) -> BlobContent {
        guard case .bytes(let bytes) = source else { return self }
        let range = range ?? 0..<byteCount
        let part = bytes.getSlice(at: Int(range.lowerBound), length: range.count) ?? ByteBuffer()
        let stream = PiecesStream(part, pieceByteCount: pieceByteCount, wait: wait)
        return BlobContent(byteCount: byteCount, range: range, source: .stream(change(stream)))
    }
}
