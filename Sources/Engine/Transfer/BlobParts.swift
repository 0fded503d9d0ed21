import NIOCore
import RegistryContract
import Synchronization

/// A blob whose parts are fetched at the same time, and given out in order.
///
/// The first part is passed through as it comes. Of the others at most `window` lie in memory at once or are on their
/// way, each with its share of the memory that all blobs have together. Shares are taken in the order of the parts, so
/// that whoever holds one is next in line or waits for somebody who is: nobody waits in a circle.
///
/// A part that fails breaks the stream; whoever reads it goes on without parts.
final class BlobParts: ByteStream {
    /// Fetches a part of the blob: all of its bytes.
    typealias Fetch = @Sendable (Range<Int64>) async throws -> [ByteBuffer]

    fileprivate typealias Part = Result<[ByteBuffer], any Error>

    fileprivate struct State {
        fileprivate var ready: [Int: Part] = [:]
        /// The part that is given out; 0 is the one that is passed through.
        var current = 0
        var buffers: [ByteBuffer] = []
        var waiting: CheckedContinuation<Void, any Error>?
        /// Parts whose shares are held.
        var heldCount = 0
        var isStopped = false
    }

    private let first: any ByteStream
    private let byteCount: Int64
    private let partByteCount: Int
    private let window: Shares
    private let memory: Shares
    private let state = Mutex(State())

    init(first: any ByteStream, byteCount: Int64, partByteCount: Int, window: Int, memory: Shares) {
        self.first = first
        self.byteCount = byteCount
        self.partByteCount = partByteCount
        self.window = Shares(window)
        self.memory = memory
    }

    var declaredByteCount: Int64? { byteCount }
    var batchByteCount: Int { first.batchByteCount }

    private var count: Int { Int((byteCount - 1) / Int64(partByteCount)) + 1 }

    // MARK: Fetching

    /// Fetches the parts after the first, until all are there or the stream is stopped; never throws.
    func fetchAll(_ fetch: @escaping Fetch) async {
        await withTaskGroup(of: Void.self) { group in
            for number in 1..<max(1, count) {
                guard await reserve() else { break }
                let start = Int64(number) * Int64(partByteCount)
                let range = start..<min(byteCount, start + Int64(partByteCount))
                group.addTask { [self] in
                    do {
                        put(.success(try await fetch(range)), as: number)
                    } catch {
                        put(.failure(error), as: number)
                    }
                }
            }
        }
    }

    /// Waits for the shares of one more part; false when none is wanted any more.
    private func reserve() async -> Bool {
        do {
            try await window.take(1)
            do {
                try await memory.take(partByteCount)
            } catch {
                window.give(1)
                throw error
            }
        } catch {
            return false
        }
        let isWanted = state.withLock { state in
            if !state.isStopped { state.heldCount += 1 }
            return !state.isStopped
        }
        if !isWanted { giveShares(1) }
        return isWanted
    }

    private func giveShares(_ count: Int) {
        for _ in 0..<count {
            memory.give(partByteCount)
            window.give(1)
        }
    }

    private func put(_ part: Part, as number: Int) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            guard !state.isStopped else { return nil }
            state.ready[number] = part
            guard number == state.current else { return nil }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// Drops what was fetched, and gives its memory back; parts that are on their way are dropped when they come.
    func stop() {
        let (held, waiting) = state.withLock { state in
            defer { (state.isStopped, state.heldCount, state.waiting) = (true, 0, nil) }
            (state.ready, state.buffers) = ([:], [])
            return (state.heldCount, state.waiting)
        }
        giveShares(held)
        waiting?.resume(throwing: CancellationError())
    }

    // MARK: Giving out

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        if state.withLock({ $0.current == 0 }) {
            if let batch = try await first.next(upTo: byteCount) { return batch }
            state.withLock { $0.current = 1 }
        }
        while true {
            let batch = taken(byteCount)
            if !batch.isEmpty { return batch }
            guard state.withLock({ $0.current < count }) else { return nil }
            try await part()
        }
    }

    /// Waits for the next part, and takes it into the buffers.
    private func part() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let now: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled || state.isStopped { return .failure(CancellationError()) }
                    guard state.ready[state.current] == nil else { return .success(()) }
                    state.waiting = continuation
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(throwing: CancellationError())
        }
        try state.withLock { state in
            guard let part = state.ready.removeValue(forKey: state.current) else { throw CancellationError() }
            state.buffers = try part.get()
            state.current += 1
        }
    }

    /// About so many bytes of the part that is given out; its shares go back with the last of them.
    private func taken(_ byteCount: Int) -> [ByteBuffer] {
        let (batch, isLast) = state.withLock { state in
            let batch = state.take(byteCount)
            let isLast = !batch.isEmpty && state.buffers.isEmpty && state.heldCount > 0
            if isLast { state.heldCount -= 1 }
            return (batch, isLast)
        }
        if isLast { giveShares(1) }
        return batch
    }
}

extension BlobParts.State {
    /// About so many bytes of what is there.
    fileprivate mutating func take(_ byteCount: Int) -> [ByteBuffer] {
        var taken = 0
        let count = buffers.prefix { buffer in
            defer { taken += buffer.readableBytes }
            return taken < byteCount
        }.count
        defer { buffers.removeFirst(count) }
        return Array(buffers.prefix(count))
    }
}
