import Foundation
import Synchronization

/// A value that ends, and is fetched again before it does; by one caller at a time, for whom the others wait.
///
/// Where fetching fails while the old value still holds, the old one is given on, and it is tried again a little later.
final class Renewed<Value: Sendable>: Sendable {
    /// A value, and when it ends; nil for one that says nothing of it.
    struct Fetched: Sendable {
        let value: Value
        let expiry: Date?
    }

    private enum Outcome: Sendable {
        case fetched(Value)
        case failed(any Error)
        /// Whoever fetched gave up, or whoever waits did.
        case again
    }

    private enum Step {
        case give(Value)
        case fetch
        case wait(UInt64)
    }

    private typealias Waiter = CheckedContinuation<Outcome, Never>

    /// While `isFetching`, exactly one caller fetches, and it answers everybody in `waiters`.
    private struct State {
        var current: Fetched?
        var nextFetch = Date.distantPast
        var isFetching = false
        var waiters: [UInt64: Waiter] = [:]
        var waiterCount: UInt64 = 0

        mutating func step(now: Date) -> Step {
            if let current {
                if now < nextFetch || (isFetching && current.holds(now)) { return .give(current.value) }
            }
            guard isFetching else {
                isFetching = true
                return .fetch
            }
            waiterCount += 1
            return .wait(waiterCount)
        }

        mutating func end() -> [Waiter] {
            isFetching = false
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    private let now: @Sendable () -> Date
    private let fetch: @Sendable () async throws -> Fetched
    private let state = Mutex(State())

    init(now: @escaping @Sendable () -> Date, fetch: @escaping @Sendable () async throws -> Fetched) {
        self.now = now
        self.fetch = fetch
    }

    /// The value, which is fetched where there is none that holds for a while.
    func value() async throws -> Value {
        while true {
            try Task.checkCancellation()
            let moment = now()
            switch state.withLock({ $0.step(now: moment) }) {
            case .give(let value): return value
            case .fetch: return try await renew()
            case .wait(let number):
                switch await outcome(of: number) {
                case .fetched(let value): return value
                case .failed(let error): throw error
                case .again: continue
                }
            }
        }
    }

    /// How many callers wait for another one.
    var waitingCount: Int { state.withLock { $0.waiters.count } }

    private func renew() async throws -> Value {
        do {
            let fetched = try await fetch()
            let moment = now()
            end(.fetched(fetched.value)) { state in
                state.current = fetched
                state.nextFetch = fetched.nextFetch(moment)
            }
            return fetched.value
        } catch {
            if Task.isCancelled {
                end(.again)
                throw error
            }
            let moment = now()
            if let current = state.withLock({ $0.current }), current.holds(moment) {
                end(.fetched(current.value)) { state in
                    state.nextFetch = moment.addingTimeInterval(RenewalTimes.pauseAfterFailure)
                }
                return current.value
            }
            end(.failed(error))
            throw error
        }
    }

    private func end(_ outcome: Outcome, _ change: (inout State) -> Void = { _ in }) {
        let waiters = state.withLock { state in
            change(&state)
            return state.end()
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    private func outcome(of number: UInt64) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isKept = state.withLock { state in
                    // It may have ended since: nobody would come by here again.
                    if state.isFetching { state.waiters[number] = waiter }
                    return state.isFetching
                }
                if !isKept { waiter.resume(returning: .again) }
                // Cancelled before it was kept: the handler has found nobody.
                if Task.isCancelled { leave(number) }
            }
        } onCancel: {
            leave(number)
        }
    }

    private func leave(_ number: UInt64) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: .again)
    }
}

extension Renewed.Fetched {
    fileprivate func holds(_ now: Date) -> Bool { expiry.map { now < $0 } ?? true }

    /// When it is fetched again: what lives shorter than twice the time before its end, after half of its life.
    fileprivate func nextFetch(_ now: Date) -> Date {
        guard let expiry else { return now.addingTimeInterval(RenewalTimes.keptWithoutEnd) }
        let left = expiry.timeIntervalSince(now)
        return expiry.addingTimeInterval(-min(RenewalTimes.ahead, left / 2))
    }
}

/// When a value is fetched again, in seconds.
enum RenewalTimes {
    /// So long before its end.
    static let ahead: TimeInterval = 300
    /// So long after it was fetched, where it has no end: the file that it is from may change.
    static let keptWithoutEnd: TimeInterval = 300
    /// So long after a failure, while the old value still holds.
    static let pauseAfterFailure: TimeInterval = 30
}
