import NIOCore
import Outgoing
import RegistryContract
import Synchronization

/// The bytes of a caller as the body of a request, read once.
final class UploadBody: Sendable {
    private let stream: any ByteStream
    /// What was read of the stream before.
    private let head: [ByteBuffer]
    /// How long the body is; nil where nobody has said so.
    let byteCount: Int64?
    private let progress = Mutex(Progress())

    private struct Progress {
        var isBegun = false
        var byteCount: Int64 = 0
        var failure: (any Error)?
    }

    init(_ stream: any ByteStream, after head: [ByteBuffer] = [], byteCount: Int64?) {
        self.stream = stream
        self.head = head
        self.byteCount = byteCount
    }

    /// Whether any byte was asked for: then it cannot be sent again.
    var isBegun: Bool { progress.withLock { $0.isBegun } }
    /// How many bytes were handed on.
    var sentByteCount: Int64 { progress.withLock { $0.byteCount } }
    /// What broke the body; one of unknown length then ended early and in order.
    var failure: (any Error)? { progress.withLock { $0.failure } }

    var outgoing: OutgoingBody {
        byteCount.map { .stream(byteCount: $0, Chunks(body: self)) } ?? .stream(Chunks(body: self))
    }

    struct Chunks: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        let body: UploadBody

        func makeAsyncIterator() -> Iterator { Iterator(body: body, ready: body.head[...]) }
    }

    struct Iterator: AsyncIteratorProtocol {
        let body: UploadBody
        var ready: ArraySlice<ByteBuffer>

        mutating func next() async throws -> ByteBuffer? {
            body.progress.withLock { $0.isBegun = true }
            while true {
                if let chunk = ready.popFirst() {
                    guard chunk.readableBytes > 0 else { continue }
                    body.progress.withLock { $0.byteCount += Int64(chunk.readableBytes) }
                    return chunk
                }
                do {
                    guard let batch = try await body.stream.next(upTo: body.stream.batchByteCount) else { return nil }
                    ready = batch[...]
                } catch {
                    body.progress.withLock { $0.failure = error }
                    // Of an unknown length, what has come is kept where the chunks end as they should.
                    guard body.byteCount == nil, !(error is CancellationError) else { throw error }
                    return nil
                }
            }
        }
    }
}
