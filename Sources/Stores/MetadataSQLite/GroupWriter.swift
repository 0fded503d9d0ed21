import Dispatch
import Metadata
import Synchronization

/// Puts the writes that wait into one transaction, so that durability costs one flush for all of them.
///
/// Each write is a part of the transaction that can fail alone. No write is answered before the commit of its group; a
/// group whose commit fails, or in which the database fails, fails whole.
final class GroupWriter: Sendable {
    /// A write that waits.
    struct Waiting: Sendable {
        /// Makes the changes; returns what answers the caller once they are durable.
        let attempt: @Sendable (any SQLConnection) throws -> @Sendable () -> Void
        /// Answers the caller that nothing has happened.
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        var isDraining = false
        var isClosed = false
    }

    /// How many writes may wait; more are refused.
    private static let waitingMax = 65_536
    /// How many writes a transaction takes.
    private static let groupMax = 256
    /// How long a transaction takes writes in.
    private static let groupDuration = Duration.milliseconds(20)

    let connection: Connection
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "metadata.groups")

    init(connection: Connection) {
        self.connection = connection
    }

    /// Runs `body` in the next transaction, and returns when that is durable.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            enqueue(
                Waiting { connection in
                    let value = try body(connection)
                    return { continuation.resume(returning: value) }
                } fail: { error in
                    continuation.resume(throwing: error)
                }
            )
        }
    }

    /// Refuses what comes from now on, ends what waits, and lets the database go.
    func close() async throws {
        state.withLock { $0.isClosed = true }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async { [connection] in
                continuation.resume(with: Result { try connection.close() })
            }
        }
    }

    private func enqueue(_ write: Waiting) {
        enum Next { case nothing, drain, refuse(MetadataError) }
        let next: Next = state.withLock { state in
            guard !state.isClosed else { return .refuse(.closed) }
            guard state.waiting.count < Self.waitingMax else {
                return .refuse(MetadataError(.busy, "\(Self.waitingMax) writes wait already"))
            }
            state.waiting.append(write)
            guard !state.isDraining else { return .nothing }
            state.isDraining = true
            return .drain
        }
        switch next {
        case .nothing: break
        case .drain: queue.async { self.drain() }
        case .refuse(let error): write.fail(error)
        }
    }

    private func drain() {
        while true {
            let taken = state.withLock { state in
                state.isDraining = !state.waiting.isEmpty
                defer { state.waiting.removeAll(keepingCapacity: true) }
                return state.waiting
            }
            guard !taken.isEmpty else { return }
            var rest = taken[...]
            while !rest.isEmpty {
                rest = rest.dropFirst(runGroup(of: rest.prefix(Self.groupMax)))
            }
        }
    }

    /// Runs as many of the writes as one transaction takes in, and answers them; returns how many.
    private func runGroup(of writes: ArraySlice<Waiting>) -> Int {
        let started = ContinuousClock.now
        var answers: [@Sendable () -> Void] = []
        do {
            try connection.run { session in
                try session.control(.beginWriting)
                do {
                    for write in writes {
                        answers.append(try runPart(write, in: session))
                        guard started.duration(to: .now) < Self.groupDuration else { break }
                    }
                    try session.control(.commit)
                } catch {
                    if session.isInTransaction { try? session.control(.rollback) }
                    throw error
                }
            }
        } catch {
            for write in writes { write.fail(error) }
            return writes.count
        }
        for answer in answers { answer() }
        return answers.count
    }

    /// Runs one write; its answer if the transaction is durable.
    ///
    /// Throws only when the whole transaction has failed.
    private func runPart(_ write: Waiting, in session: Session) throws -> @Sendable () -> Void {
        try session.control(.beginPart)
        do {
            let answer = try write.attempt(session)
            try session.control(.endPart)
            return answer
        } catch {
            guard !MetadataError.isFailureOfDatabase(error), session.isInTransaction else { throw error }
            try session.control(.undoPart)
            try session.control(.endPart)
            return { write.fail(error) }
        }
    }
}
