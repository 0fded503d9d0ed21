import NIOCore
import Synchronization

/// The body of a request, read from the front by one reader while it comes.
///
/// The connection fills it and stops reading from the socket while enough is waiting: that is the back-pressure. When
/// the client is gone, what had come is handed out first, and only then the reader is told.
public final class RequestBody: Sendable {
    /// Why a body ended before its end.
    public enum Failure: Error, Sendable {
        /// The connection was closed.
        case connectionClosed
        /// What came is not framed as the header announced.
        case malformed
        /// The client sent nothing, or next to nothing, for as long as the stall limit.
        case stalled
    }

    /// What the connection does for its body.
    struct Source: Sendable {
        /// The reader wants bytes: go on reading, and tell a client that waits for it to send.
        var demand: @Sendable () -> Void
    }

    fileprivate struct State {
        var buffers: [ByteBuffer] = []
        /// Whether small pieces are gathered in the last buffer.
        var isGathering = false
        var byteCount = 0
        /// The memory that the buffers take: a buffer that came half empty takes as much as a full one.
        var heldByteCount = 0
        /// All that has come so far.
        var receivedByteCount = 0
        var isEnded = false
        var failure: Failure?
        var waiter: CheckedContinuation<Void, Never>?
        /// How many bytes end the wait, and up to how many the connection should read ahead.
        var wanted = BodyBudget.batchByteCountMin
    }

    /// How many bytes are read before the reader has said how many it wants.
    static let aheadByteCount = 64 << 10

    private let state: Mutex<State>
    private let source: Source?
    private let budget: BodyBudget?

    /// How many bytes will come, when the client has said so.
    public let declaredByteCount: Int64?

    /// A body that comes over a connection.
    init(declaredByteCount: Int64?, budget: BodyBudget, source: Source) {
        self.declaredByteCount = declaredByteCount
        self.budget = budget
        self.source = source
        state = Mutex(State(wanted: min(Self.aheadByteCount, budget.batchByteCount)))
        budget.enter()
    }

    /// A body that is all there.
    public init(_ bytes: ByteBuffer = ByteBuffer()) {
        declaredByteCount = Int64(bytes.readableBytes)
        budget = nil
        source = nil
        let count = bytes.readableBytes
        state = Mutex(
            State(buffers: count > 0 ? [bytes] : [], byteCount: count, receivedByteCount: count, isEnded: true)
        )
    }

    deinit {
        budget?.leave()
    }

    /// A good number of bytes to ask for at once: see ``BodyBudget``.
    public var batchByteCount: Int {
        budget?.batchByteCount ?? BodyBudget.batchByteCountMax
    }

    /// How many bytes have come so far, whether they were read or not.
    public var receivedByteCount: Int {
        state.withLock { $0.receivedByteCount }
    }

    /// The next bytes, about `byteCount` of them and at least one; nil at the end.
    ///
    /// Throws ``Failure``.
    public func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        while true {
            switch take(upTo: byteCount) {
            case .bytes(let buffers): return buffers
            case .ended: return nil
            case .failed(let failure): throw failure
            case .wait:
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if state.isReady { return true }
                        state.waiter = continuation
                        return false
                    }
                    if isReady { continuation.resume() } else { source?.demand() }
                }
            }
        }
    }

    private enum Taken {
        case bytes([ByteBuffer])
        case ended
        case failed(Failure)
        case wait
    }

    private func take(upTo byteCount: Int) -> Taken {
        let taken: Taken = state.withLock { state in
            state.wanted = max(1, byteCount)
            guard state.isReady else { return .wait }
            if state.byteCount > 0 {
                return .bytes(state.removeAll())
            }
            if let failure = state.failure { return .failed(failure) }
            return .ended
        }
        // Room was made: the connection may read the next batch while this one is worked on.
        if case .bytes = taken, !hasEnded { source?.demand() }
        return taken
    }

    private var hasEnded: Bool {
        state.withLock { $0.isEnded || $0.failure != nil }
    }
}

// MARK: - The connection's side

extension RequestBody {
    /// Whether the connection should read more from the socket.
    var wantsMore: Bool {
        state.withLock { !$0.isEnded && $0.failure == nil && $0.heldByteCount < $0.wanted }
    }

    /// Whether the reader is waiting for the client.
    var isAwaited: Bool {
        state.withLock { $0.waiter != nil }
    }

    func receive(_ buffer: ByteBuffer) {
        update { $0.append(buffer) }
    }

    func end() {
        update { $0.isEnded = true }
    }

    func fail(_ failure: Failure) {
        update { state in
            if !state.isEnded, state.failure == nil { state.failure = failure }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            change(&state)
            guard state.isReady else { return nil }
            return state.waiter.take()
        }
        waiter?.resume()
    }
}

extension RequestBody.State {
    /// Pieces up to this are gathered, in bytes.
    private static let pieceByteCountMax = 4 << 10
    /// How much is gathered in one buffer, in bytes.
    private static let gatheredByteCount = 16 << 10

    /// Takes in bytes.
    ///
    /// A small piece of a large read would keep all of that read in memory, and be written by itself: small pieces are
    /// copied together.
    fileprivate mutating func append(_ buffer: ByteBuffer) {
        let count = buffer.readableBytes
        byteCount += count
        receivedByteCount += count
        guard count <= Self.pieceByteCountMax, count < buffer.storageCapacity / 4 else {
            buffers.append(buffer)
            heldByteCount += max(count, buffer.storageCapacity)
            isGathering = false
            return
        }
        if !isGathering || buffers[buffers.count - 1].writableBytes < count {
            buffers.append(ByteBufferAllocator().buffer(capacity: Self.gatheredByteCount))
            heldByteCount += Self.gatheredByteCount
            isGathering = true
        }
        buffers[buffers.count - 1].writeImmutableBuffer(buffer)
    }

    fileprivate mutating func removeAll() -> [ByteBuffer] {
        defer {
            buffers = []
            isGathering = false
            byteCount = 0
            heldByteCount = 0
        }
        return buffers
    }

    /// Whether the reader can be given something.
    fileprivate var isReady: Bool {
        isEnded || failure != nil || heldByteCount >= wanted
    }
}
