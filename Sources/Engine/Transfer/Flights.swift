import Synchronization

/// Things to be done once, however many ask for them: who comes second waits for the first.
final class Flights<Key: Hashable & Sendable>: Sendable {
    private typealias Waiting = CheckedContinuation<Void, any Error>

    private enum Flight {
        case underWay([Int: Waiting])
        case done
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// Does something unless it is done, waiting where somebody else is about it; nil when another has done it.
    ///
    /// When the other fails, so does who waited; when the other was only cancelled, who waited takes it up.
    func once<Result>(_ key: Key, _ body: () async throws -> Result) async throws -> Result? {
        while true {
            switch claim(key) {
            case .done: return nil
            case .mine:
                do {
                    let result = try await body()
                    settle(key, as: .done, with: .success(()))
                    return result
                } catch {
                    settle(key, as: nil, with: .failure(error))
                    throw error
                }
            case .others:
                do {
                    try await wait(for: key)
                } catch is CancellationError where !Task.isCancelled {
                    continue
                }
            }
        }
    }

    /// Whether it is done.
    func isDone(_ key: Key) -> Bool {
        state.withLock { if case .done? = $0.flights[key] { true } else { false } }
    }

    private enum Claim {
        case mine, others, done
    }

    private func claim(_ key: Key) -> Claim {
        state.withLock { state in
            switch state.flights[key] {
            case nil:
                state.flights[key] = .underWay([:])
                return .mine
            case .underWay: return .others
            case .done: return .done
            }
        }
    }

    private func wait(for key: Key) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: Waiting) in
                let now: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    // It may have ended meanwhile: then look again.
                    guard case .underWay(var waiting)? = state.flights[key] else { return .success(()) }
                    waiting[number] = continuation
                    state.flights[key] = .underWay(waiting)
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> Waiting? in
                guard case .underWay(var waiting)? = state.flights[key] else { return nil }
                let continuation = waiting.removeValue(forKey: number)
                state.flights[key] = .underWay(waiting)
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    private func settle(_ key: Key, as flight: Flight?, with result: Result<Void, any Error>) {
        let waiting = state.withLock { state -> [Int: Waiting] in
            guard case .underWay(let waiting)? = state.flights[key] else { return [:] }
            state.flights[key] = flight
            return waiting
        }
        for continuation in waiting.values { continuation.resume(with: result) }
    }
}
