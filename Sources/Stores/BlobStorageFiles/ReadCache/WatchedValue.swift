import Synchronization

/// A value that tasks wait for: each change is looked at by all who wait.
///
/// Nobody waits under the lock, and a task that is cancelled waits no longer.
final class WatchedValue<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state: Mutex<State>

    /// Begins with a value.
    init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    /// What it is now.
    var current: Value { state.withLock { $0.value } }

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Changes it, and lets all who wait look again.
    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, woken) = state.withLock { state in
            let result = body(&state.value)
            let woken = Array(state.waiting.values)
            state.waiting = [:]
            return (result, woken)
        }
        for continuation in woken { continuation.resume() }
        return result
    }

    /// Waits until `look` finds something; throws when the task is cancelled.
    func wait<Found: Sendable>(for look: (Value) -> Found?) async throws -> Found {
        while true {
            try Task.checkCancellation()
            if let found = look(current) { return found }
            await pause { look($0) != nil }
        }
    }

    /// Returns after the next change, or at once when it is over already, or the task is cancelled.
    private func pause(unless isOver: (Value) -> Bool) async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    if isOver(state.value) { return false }
                    state.waiting[id] = continuation
                    return true
                }
                if !isWaiting { return continuation.resume() }
                // A cancellation before this line found nobody to wake.
                if Task.isCancelled { wake(id) }
            }
        } onCancel: {
            wake(id)
        }
    }

    private func wake(_ id: Int) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
}
