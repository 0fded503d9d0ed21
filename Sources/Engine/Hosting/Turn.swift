import Synchronization

/// One after the other, in the order of asking; nobody waits for ever.
final class Turn: Sendable {
    /// `waiting` is empty while nobody has the turn; who is in it has not been told anything.
    private struct State {
        var isTaken = false
        var waiting: [Waiter] = []
    }

    private let state = Mutex(State())

    /// How many wait for it now.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits for the turn; whoever got it passes it on.
    ///
    /// - Parameter limit: How long it is waited for.
    /// - Returns: Whether it was had: not when the limit passed, or the task was cancelled, before.
    func take(within limit: Duration) async -> Bool {
        let waiter: Waiter? = state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return nil
            }
            let waiter = Waiter()
            state.waiting.append(waiter)
            return waiter
        }
        guard let waiter else { return true }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                guard (try? await Task.sleep(for: limit)) != nil else { return }
                leave(waiter)
            }
            let isMine = await withTaskCancellationHandler {
                await waiter.answer()
            } onCancel: {
                leave(waiter)
            }
            group.cancelAll()
            return isMine
        }
    }

    func pass() {
        state.withLock { state in
            while !state.waiting.isEmpty {
                if state.waiting.removeFirst().settle(true) { return }
            }
            state.isTaken = false
        }
    }

    private func leave(_ waiter: Waiter) {
        _ = waiter.settle(false)
        state.withLock { state in state.waiting.removeAll { $0 === waiter } }
    }
}

/// One who waits for a turn, and is told once whether it is his.
private final class Waiter: Sendable {
    private enum State {
        case fresh
        case waiting(CheckedContinuation<Bool, Never>)
        case settled(Bool)
    }

    private let state = Mutex(State.fresh)

    /// Whether it had not been settled before.
    func settle(_ isMine: Bool) -> Bool {
        state.withLock { state in
            switch state {
            case .settled: return false
            case .waiting(let continuation): continuation.resume(returning: isMine)
            case .fresh: break
            }
            state = .settled(isMine)
            return true
        }
    }

    func answer() async -> Bool {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if case .settled(let isMine) = state {
                    continuation.resume(returning: isMine)
                } else {
                    state = .waiting(continuation)
                }
            }
        }
    }
}
