import Synchronization

/// So much of something may be in use at once; who comes when too little is left waits, first come first served.
final class Shares: Sendable {
    private struct Waiter {
        var number: Int
        var amount: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var waiting: [Waiter] = []
        var nextNumber = 0
    }

    let total: Int
    private let state: Mutex<State>

    init(_ total: Int) {
        self.total = max(1, total)
        state = Mutex(State(free: max(1, total)))
    }

    /// How much is in use.
    var used: Int { state.withLock { total - $0.free } }

    /// Does something with a share of it; more than there is at all counts as all.
    func with<Result>(_ amount: Int = 1, _ body: () async throws -> Result) async throws -> Result {
        try await take(amount)
        defer { give(amount) }
        return try await body()
    }

    /// Takes a share, to be given back.
    func take(_ amount: Int) async throws {
        let amount = min(amount, total)
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let now: Result<Void, any Error>? = state.withLock { state in
                    // Whoever is cancelled before stands here would never be woken.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.waiting.isEmpty, state.free >= amount else {
                        state.waiting.append(Waiter(number: number, amount: amount, continuation: continuation))
                        return nil
                    }
                    state.free -= amount
                    return .success(())
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            leave(number)
        }
    }

    /// Gives a share back.
    func give(_ amount: Int) {
        let woken = state.withLock { state in
            state.free += min(amount, total)
            return Self.serve(&state)
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    private func leave(_ number: Int) {
        let (waiter, woken) = state.withLock { state -> (Waiter?, [Waiter]) in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return (nil, []) }
            let waiter = state.waiting.remove(at: index)
            // It may have stood before others for whom there is enough.
            return (waiter, Self.serve(&state))
        }
        waiter?.continuation.resume(throwing: CancellationError())
        for waiter in woken { waiter.continuation.resume() }
    }

    private static func serve(_ state: inout State) -> [Waiter] {
        var woken: [Waiter] = []
        while let first = state.waiting.first, first.amount <= state.free {
            state.free -= first.amount
            woken.append(state.waiting.removeFirst())
        }
        return woken
    }
}
