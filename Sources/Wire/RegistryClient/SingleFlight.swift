import Synchronization

/// Makes a value once for all who want it at the same time.
///
/// Who comes first makes it, and the others wait. When the first is cancelled, one of the others begins anew.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Outcome: Sendable {
        case done(Result<Value, any Error>)
        /// Who made it has given up.
        case abandoned
        /// Who waits has given up.
        case cancelled
    }

    private struct State {
        /// Who waits for what is being made.
        var waiting: [Key: [Int: CheckedContinuation<Outcome, Never>]] = [:]
        /// Those who were cancelled before they waited.
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private enum Role {
        case maker
        case waiter(Int)
    }

    private let state = Mutex(State())

    func value(for key: Key, _ make: () async throws -> Value) async throws -> Value {
        while true {
            let role = state.withLock { state -> Role in
                guard state.waiting[key] != nil else {
                    state.waiting[key] = [:]
                    return .maker
                }
                state.nextID += 1
                return .waiter(state.nextID)
            }
            switch role {
            case .maker: return try await made(key, make)
            case .waiter(let id):
                switch await outcome(key, id) {
                case .done(let result): return try result.get()
                case .abandoned: continue
                case .cancelled: throw CancellationError()
                }
            }
        }
    }

    private func made(_ key: Key, _ make: () async throws -> Value) async throws -> Value {
        do {
            let value = try await make()
            tell(key, .done(.success(value)))
            return value
        } catch {
            tell(key, error is CancellationError || Task.isCancelled ? .abandoned : .done(.failure(error)))
            throw error
        }
    }

    private func tell(_ key: Key, _ outcome: Outcome) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: key) } ?? [:]
        for continuation in waiting.values { continuation.resume(returning: outcome) }
    }

    private func outcome(_ key: Key, _ id: Int) async -> Outcome {
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let atOnce = state.withLock { state -> Outcome? in
                    if state.cancelled.remove(id) != nil { return .cancelled }
                    // It was made between the look and the wait.
                    guard state.waiting[key] != nil else { return .abandoned }
                    state.waiting[key]?[id] = continuation
                    return nil
                }
                if let atOnce { continuation.resume(returning: atOnce) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
                if let found = state.waiting[key]?.removeValue(forKey: id) { return found }
                state.cancelled.insert(id)
                return nil
            }
            continuation?.resume(returning: .cancelled)
        }
    }
}
