import NIOCore
import RegistryContract
import Synchronization

/// A stream without its first bytes: what a source sends that was asked for a part and gives the whole.
final class SkippingStream: ByteStream {
    private let base: any ByteStream
    private let left: Mutex<Int64>

    init(_ base: any ByteStream, _ byteCount: Int64) {
        self.base = base
        left = Mutex(byteCount)
    }

    var declaredByteCount: Int64? {
        base.declaredByteCount.map { count in max(0, count - left.withLock { $0 }) }
    }

    var batchByteCount: Int { base.batchByteCount }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        while let batch = try await base.next(upTo: byteCount) {
            let rest = left.withLock { left in
                batch.compactMap { buffer -> ByteBuffer? in
                    var buffer = buffer
                    let count = min(left, Int64(buffer.readableBytes))
                    left -= count
                    buffer.moveReaderIndex(forwardBy: Int(count))
                    return buffer.readableBytes > 0 ? buffer : nil
                }
            }
            if !rest.isEmpty { return rest }
        }
        return nil
    }
}
