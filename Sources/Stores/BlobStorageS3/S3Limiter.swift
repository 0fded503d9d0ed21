import Synchronization

/// How many requests there are at once: fewer while the store says that it is too much, then slowly more again.
///
/// Additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP does it: a request that was answered makes
/// room for a part of one more, so that all that are under way together make room for one. One that is told to slow
/// down halves the room; those that had begun before that do not halve it again.
final class S3Limiter: Sendable {
    /// How a request went, as far as the limiter is concerned.
    enum Outcome {
        case well
        case tooMuch
        case otherwise
    }

    /// The right to send a request, which is to be given back.
    struct Permit {
        fileprivate let epoch: Int
    }

    /// `queue` is empty while fewer than `room` requests are under way; every one in it is settled exactly once.
    private struct State {
        var room: Double
        var underWay = 0
        var epoch = 0
        var queue: [Waiter] = []
    }

    /// There is always room for so many: a store that refuses at random would else be asked one at a time.
    static let roomMin = 4

    private let limits: S3Limits
    private let pause: @Sendable (Duration) async throws -> Void
    private let state: Mutex<State>

    init(_ limits: S3Limits, pause: @escaping @Sendable (Duration) async throws -> Void) {
        self.limits = limits
        self.pause = pause
        state = Mutex(State(room: Double(max(limits.requestsAtOnceMax, 1))))
    }

    /// How many requests there may be at once now.
    var room: Int { state.withLock { Int($0.room) } }
    /// How many wait for their turn.
    var waitingCount: Int { state.withLock { $0.queue.count } }

    /// Waits for the turn of a request.
    ///
    /// - Throws: ``S3Error`` with `busy` when too many wait, or it takes too long.
    func acquire() async throws -> Permit {
        try Task.checkCancellation()
        let waiter = Waiter()
        let permit: Permit? = try state.withLock { state in
            if state.underWay < Int(state.room), state.queue.isEmpty {
                state.underWay += 1
                return Permit(epoch: state.epoch)
            }
            guard state.queue.count < limits.waitingMax else {
                throw S3Error(.busy, "More than \(limits.waitingMax) requests wait for the object store already.")
            }
            state.queue.append(waiter)
            return nil
        }
        if let permit { return permit }
        return try await turn(of: waiter)
    }

    /// Gives a permit back.
    func release(_ permit: Permit, _ outcome: Outcome) {
        state.withLock { state in
            state.underWay -= 1
            switch outcome {
            case .well: state.room = min(state.room + 1 / state.room, Double(max(limits.requestsAtOnceMax, 1)))
            case .tooMuch where permit.epoch == state.epoch:
                state.room = max(state.room / 2, Double(min(Self.roomMin, max(limits.requestsAtOnceMax, 1))))
                state.epoch += 1
            case .tooMuch, .otherwise: break
            }
            while state.underWay < Int(state.room), !state.queue.isEmpty {
                if state.queue.removeFirst().settle(Permit(epoch: state.epoch)) { state.underWay += 1 }
            }
        }
    }

    private func turn(of waiter: Waiter) async throws -> Permit {
        let permit = await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                guard (try? await pause(limits.waitMax)) != nil else { return }
                leave(waiter)
            }
            let permit = await withTaskCancellationHandler {
                await waiter.permit()
            } onCancel: {
                leave(waiter)
            }
            group.cancelAll()
            return permit
        }
        if let permit { return permit }
        try Task.checkCancellation()
        throw S3Error(.busy, "A request waited \(limits.waitMax) for its turn at the object store, and had none.")
    }

    private func leave(_ waiter: Waiter) {
        _ = waiter.settle(nil)
        state.withLock { state in state.queue.removeAll { $0 === waiter } }
    }
}

/// One who waits for a permit: gets one, or nil when it is given up.
private final class Waiter: Sendable {
    private enum State {
        case fresh
        case waiting(CheckedContinuation<S3Limiter.Permit?, Never>)
        case settled(S3Limiter.Permit?)
    }

    private let state = Mutex(State.fresh)

    /// Whether it had not been settled before.
    func settle(_ permit: S3Limiter.Permit?) -> Bool {
        state.withLock { state in
            switch state {
            case .settled: return false
            case .waiting(let continuation): continuation.resume(returning: permit)
            case .fresh: break
            }
            state = .settled(permit)
            return true
        }
    }

    func permit() async -> S3Limiter.Permit? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if case .settled(let permit) = state {
                    continuation.resume(returning: permit)
                } else {
                    state = .waiting(continuation)
                }
            }
        }
    }
}
