import Glibc
import NIOCore
public import NIOPosix
public import RegistryContract
import Synchronization

/// A part of a file as a stream: read in batches on threads that may block, one batch ahead of whoever takes them.
///
/// At most two batches are in memory, and those that were given out and are still held; the memory of a batch that
/// nobody holds is used again.
public final class FileStream: ByteStream {
    /// Why a file could not be read.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// The error number of the system; 0 when the file is shorter than it was.
        public var number: CInt

        /// What the system says.
        public var description: String {
            number == 0
                ? "the file is shorter than it was" : "the file cannot be read: \(String(cString: strerror(number)))"
        }
    }

    private typealias Batch = Result<ByteBuffer, Failure>

    private struct State {
        /// The next byte that no read has asked for.
        var position: Int64
        /// What is left of a batch of which a part was taken.
        var rest = ByteBuffer()
        /// What was read and not yet taken.
        var ready: Batch?
        var isReading = false
        var waiting: CheckedContinuation<Batch, Never>?
        /// Memory that was given out before.
        var used: [ByteBuffer] = []
    }

    /// The bytes of a batch.
    public static let batchByteCount = 1 << 20

    private let file: OpenDescriptor
    private let range: Range<Int64>
    private let threads: NIOThreadPool
    private let state: Mutex<State>

    /// Begins to read a part of a blob that lies in a file.
    ///
    /// - Parameters:
    ///   - file: the open file.
    ///   - range: the part, in bytes from where the blob begins.
    ///   - threads: where the file is read.
    public init(_ file: OpenDescriptor, range: Range<Int64>, threads: NIOThreadPool = .singleton) {
        self.file = file
        self.range = range
        self.threads = threads
        state = Mutex(State(position: range.lowerBound))
    }

    /// The bytes of the part.
    public var declaredByteCount: Int64? { Int64(range.count) }

    /// A batch.
    public var batchByteCount: Int { Self.batchByteCount }

    /// The next bytes; nil at the end of the part.
    ///
    /// Throws ``Failure``.
    public func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        let byteCount = max(1, byteCount)
        var buffer = state.withLock { $0.rest }
        if buffer.readableBytes == 0 {
            buffer = try await batch().get()
            readAhead()
        }
        guard let part = buffer.readSlice(length: min(byteCount, buffer.readableBytes)), part.readableBytes > 0 else {
            return nil
        }
        let rest = buffer.readableBytes > 0 ? buffer : ByteBuffer()
        state.withLock { $0.rest = rest }
        return [part]
    }

    /// The batch that was read ahead, or the one that is read now; an empty one at the end.
    private func batch() async -> Batch {
        await withCheckedContinuation { continuation in
            let (now, mustRead) = state.withLock { state -> (Batch?, Bool) in
                if let ready = state.ready {
                    state.ready = nil
                    return (ready, false)
                }
                guard state.isReading || state.position < range.upperBound else {
                    return (.success(ByteBuffer()), false)
                }
                state.waiting = continuation
                return (nil, !state.isReading)
            }
            if mustRead { read() }
            if let now { continuation.resume(returning: now) }
        }
    }

    private func readAhead() {
        let mustRead = state.withLock { $0.ready == nil && !$0.isReading && $0.position < range.upperBound }
        if mustRead { read() }
    }

    /// Has the next batch read; there is one read at a time.
    private func read() {
        let (position, buffer) = state.withLock { state -> (Int64, ByteBuffer) in
            state.isReading = true
            return (state.position, state.used.count > 2 ? state.used.removeFirst() : ByteBuffer())
        }
        let count = Int(min(Int64(Self.batchByteCount), range.upperBound - position))
        threads.submit { [self, file] work in
            guard work == .active else { return finish(.failure(Failure(number: ECANCELED)), 0) }
            finish(Self.read(file, at: position, count, into: buffer), count)
        }
    }

    private func finish(_ batch: Batch, _ count: Int) {
        let waiting = state.withLock { state in
            state.isReading = false
            if case .success(let buffer) = batch {
                state.position += Int64(count)
                state.used.append(buffer)
            } else {
                state.position = range.upperBound
            }
            defer { state.waiting = nil }
            if state.waiting == nil { state.ready = batch }
            return state.waiting
        }
        waiting?.resume(returning: batch)
    }

    private static func read(_ file: OpenDescriptor, at offset: Int64, _ count: Int, into buffer: ByteBuffer) -> Batch {
        var buffer = buffer
        // Takes the same memory again when nobody else holds it, and new memory otherwise.
        buffer.clear(minimumCapacity: count)
        var failure: Failure?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { raw in
            var done = 0
            while done < count {
                let got = pread(
                    file.descriptor,
                    raw.baseAddress.map { $0 + done },
                    count - done,
                    off_t(file.offset) + off_t(offset) + off_t(done)
                )
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = Failure(number: got < 0 ? errno : 0)
                    break
                }
                done += got
            }
            return done
        }
        withExtendedLifetime(file.owner) {}
        return failure.map { .failure($0) } ?? .success(buffer)
    }
}
