import Dispatch
import Metadata
import Synchronization

/// The connections that read, each on a thread of its own while there is something to read.
///
/// Reads leave the caller's thread, since a page that is not in memory is waited for. Threads are borrowed from the
/// pool that also runs Swift's tasks: coming back from one of these costs a quarter of coming back from another's.
final class ReaderPool: Sendable {
    /// Gets a connection, or why there is none, and answers its caller.
    private typealias Waiting = @Sendable (Result<Connection, any Error>) -> Void

    private struct State {
        var waiting: ArraySlice<Waiting> = []
        var idle: [Connection] = []
        var activeCount = 0
        var isClosed = false
        /// What waits for the last active connection to become idle.
        var closing: CheckedContinuation<Void, Never>?
    }

    /// How many reads may wait; more are refused.
    private static let waitingMax = 65_536

    private let path: String
    private let options: SQLiteOptions
    private let state: Mutex<State>
    private let queue = DispatchQueue.global()

    /// Opens one connection, to see that it can be; the others are opened when they are needed.
    init(path: String, options: SQLiteOptions) throws {
        self.path = path
        self.options = options
        let first = try Connection(path: path, options: options, writes: false)
        try first.claim(path, marking: false)
        state = Mutex(State(idle: [first]))
    }

    /// Runs something that sees one moment of the database.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            enqueue { connection in
                continuation.resume(with: Result { try connection.get().read(body) })
            }
        }
    }

    /// Runs something long in a connection and on a thread of its own, so that no read waits for it.
    func useApart<Value: Sendable>(_ body: @escaping @Sendable (Session) throws -> Value) async throws -> Value {
        guard !state.withLock({ $0.isClosed }) else { throw MetadataError.closed }
        let connection = try Connection(path: path, options: options, writes: false)
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "metadata.apart").async {
                let result = Result { try connection.run(body) }
                continuation.resume(with: Result { try connection.close() }.flatMap { result })
            }
        }
    }

    /// Refuses what comes from now on, and lets the database go when the reads that run or wait have ended.
    func close() async throws {
        state.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.activeCount > 0 { state.closing = continuation }
                return state.activeCount == 0
            }
            if isIdle { continuation.resume() }
        }
        let connections = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for connection in connections {
            try connection.close()
        }
    }

    private func enqueue(_ read: @escaping Waiting) {
        enum Next { case nothing, drain, refuse(MetadataError) }
        let next: Next = state.withLock { state in
            guard !state.isClosed else { return .refuse(.closed) }
            guard state.waiting.count < Self.waitingMax else {
                return .refuse(MetadataError(.busy, "\(Self.waitingMax) reads wait already"))
            }
            state.waiting.append(read)
            guard state.activeCount < options.readerCount else { return .nothing }
            state.activeCount += 1
            return .drain
        }
        switch next {
        case .nothing: break
        case .drain: queue.async { self.drain() }
        case .refuse(let error): read(.failure(error))
        }
    }

    private func drain() {
        let idle = state.withLock { $0.idle.popLast() }
        let connection = Result { try idle ?? Connection(path: path, options: options, writes: false) }
        while let read = next(giving: connection) {
            read(connection)
        }
    }

    /// What waits longest; when nothing does, the connection is idle again.
    private func next(giving connection: Result<Connection, any Error>) -> Waiting? {
        let (read, closing): (Waiting?, CheckedContinuation<Void, Never>?) = state.withLock { state in
            if let read = state.waiting.popFirst() { return (read, nil) }
            state.activeCount -= 1
            if case .success(let connection) = connection { state.idle.append(connection) }
            guard state.activeCount == 0 else { return (nil, nil) }
            defer { state.closing = nil }
            return (nil, state.closing)
        }
        closing?.resume()
        return read
    }
}
