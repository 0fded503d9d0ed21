import Synchronization

/// Lets one in at a time for each key; the others wait for their turn, in order.
///
/// For what a server cannot do in one step: between this program's own tasks nothing is lost.
final class Turns<Key: Hashable & Sendable>: Sendable {
    private struct State {
        /// Who waits behind the one who is in.
        var waiting: [Key: [(id: Int, continuation: CheckedContinuation<Bool, Never>)]] = [:]
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state = Mutex(State())

    func run<Value: Sendable>(_ key: Key, _ body: () async throws -> Value) async throws -> Value {
        guard await enter(key) else { throw CancellationError() }
        defer { leave(key) }
        return try await body()
    }

    /// False when the task was cancelled before its turn came.
    private func enter(_ key: Key) async -> Bool {
        let id = state.withLock { state -> Int? in
            guard state.waiting[key] != nil else {
                state.waiting[key] = []
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return true }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let atOnce = state.withLock { state -> Bool? in
                    if state.cancelled.contains(id) { return false }
                    guard state.waiting[key] != nil else {
                        state.waiting[key] = []
                        return true
                    }
                    state.waiting[key]?.append((id, continuation))
                    return nil
                }
                if let atOnce { continuation.resume(returning: atOnce) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                if let index = state.waiting[key]?.firstIndex(where: { $0.id == id }) {
                    return state.waiting[key]?.remove(at: index).continuation
                }
                state.cancelled.insert(id)
                return nil
            }
            continuation?.resume(returning: false)
        }
    }

    private func leave(_ key: Key) {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiting[key]?.isEmpty == false else {
                state.waiting[key] = nil
                return nil
            }
            return state.waiting[key]?.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
