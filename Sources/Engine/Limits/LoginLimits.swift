import Synchronization

/// Failed logins slow down, and then lock: by account and address together, so that nobody can lock somebody else out
/// from afar, and by address alone for who tries one password with many accounts.
///
/// After `failuresMax` failures in a row the next try has to wait a second, and after each further one twice as long,
/// up to `lockTime`. A login that succeeds ends that; so does as long a time without a failure as the lock lasts, after
/// the wait is over. While somebody has to wait nothing is computed, and a right password is refused like a wrong one.
/// It is not looked at whether there is such an account. In memory, and in this process alone.
public final class LoginLimits: Sendable {
    /// A login that was let in and has not ended.
    public struct Attempt: Sendable {
        fileprivate let pair: Pair
        /// Whether something is kept of the pair that has to be brought up to date.
        fileprivate let isKept: Bool
    }

    fileprivate struct Pair: Sendable, Hashable {
        let account: String
        let address: CountedAddress
    }

    private struct Failures: Sendable {
        var count = 0
        /// When the last one was.
        var last = Duration.zero
        /// Logins that have been let in and not ended.
        var pending = 0
    }

    private struct State: Sendable {
        var pairs: BoundedTable<Pair, Failures>
        var addresses: BoundedTable<CountedAddress, Bucket>
    }

    private let failuresMax: Int
    private let lockTime: Duration
    /// How many failures an address may have, whatever the account.
    private let perAddress: Allowance
    private let now: @Sendable () -> Duration
    private let state: Mutex<State>

    /// How much wider the limit of an address is than that of an account at one address.
    private static let addressFactor = 20

    /// Limits logins.
    ///
    /// - Parameters:
    ///   - failuresMax: after how many failures in a row logins have to wait.
    ///   - lockTime: the longest wait.
    ///   - entryCountMax: how many pairs, and how many addresses, are told apart at most; those with the fewest
    ///     failures are forgotten first.
    ///   - now: the time since any fixed moment; it never goes back.
    public init(
        failuresMax: Int,
        lockTime: Duration,
        entryCountMax: Int = 32_768,
        now: @escaping @Sendable () -> Duration
    ) {
        self.failuresMax = max(1, failuresMax)
        self.lockTime = max(.seconds(1), lockTime)
        perAddress = Allowance(max(1, failuresMax) * Self.addressFactor, per: max(.seconds(1), lockTime))
        self.now = now
        state = Mutex(
            State(pairs: BoundedTable(countMax: entryCountMax), addresses: BoundedTable(countMax: entryCountMax))
        )
    }

    /// How many pairs of account and address have to wait now.
    public var lockedCount: Int {
        state.withLock { state in
            let moment = now()
            return state.pairs.values.count { isWaiting($0, at: moment) }
        }
    }

    /// Lets a login be tried, or says how long to wait.
    ///
    /// Who is let in says afterwards how it ended.
    public func begin(_ account: String, from address: String) throws(LimitRefusal) -> Attempt {
        let pair = Pair(account: account, address: CountedAddress(address))
        let result: Result<Attempt, LimitRefusal> = state.withLock { state in
            let moment = now()
            if let wait = state.addresses.value(for: pair.address)?.wait(until: 1, of: perAddress, at: moment) {
                return .failure(LimitRefusal(.loginsPerAddress, retryAfter: wait))
            }
            guard var failures = state.pairs.value(for: pair) else {
                return .success(Attempt(pair: pair, isKept: false))
            }
            if isForgotten(failures, at: moment) {
                state.pairs.forget(pair)
                return .success(Attempt(pair: pair, isKept: false))
            }
            if isWaiting(failures, at: moment) {
                let wait = failures.last + delay(failures.count) - moment
                return .failure(LimitRefusal(.logins, retryAfter: LimitRefusal.wholeSeconds(wait.inSeconds)))
            }
            // Many at once must not get further than one after the other.
            guard failures.pending < max(1, failuresMax - failures.count) else {
                return .failure(LimitRefusal(.logins, retryAfter: 1))
            }
            failures.pending += 1
            keep(failures, for: pair, at: moment, &state)
            return .success(Attempt(pair: pair, isKept: true))
        }
        return try result.get()
    }

    /// The login succeeded: nothing is held against the pair any more.
    public func succeed(_ attempt: Attempt) {
        guard attempt.isKept else { return }
        state.withLock { $0.pairs.forget(attempt.pair) }
    }

    /// The login failed because of what was sent.
    public func fail(_ attempt: Attempt) {
        state.withLock { state in
            let moment = now()
            var failures = state.pairs.value(for: attempt.pair) ?? Failures()
            if isForgotten(failures, at: moment) { failures.count = 0 }
            failures.count += 1
            failures.last = moment
            if attempt.isKept { failures.pending = max(0, failures.pending - 1) }
            keep(failures, for: attempt.pair, at: moment, &state)
            let address = attempt.pair.address
            var bucket = state.addresses.value(for: address) ?? Bucket(perAddress, at: moment)
            bucket.take(1, of: perAddress, at: moment)
            state.addresses.keep(bucket, for: address) { -$0.left(of: perAddress, at: moment) }
        }
    }

    /// It never came to an answer, and says nothing about the caller.
    public func abandon(_ attempt: Attempt) {
        guard attempt.isKept else { return }
        state.withLock { state in
            guard var failures = state.pairs.value(for: attempt.pair) else { return }
            failures.pending = max(0, failures.pending - 1)
            keep(failures, for: attempt.pair, at: now(), &state)
        }
    }

    // MARK: Time

    /// How long to wait after so many failures.
    private func delay(_ count: Int) -> Duration {
        guard count >= failuresMax else { return .zero }
        return min(lockTime, .seconds(1 << min(count - failuresMax, 30)))
    }

    private func isWaiting(_ failures: Failures, at moment: Duration) -> Bool {
        failures.count > 0 && moment < failures.last + delay(failures.count)
    }

    private func isForgotten(_ failures: Failures, at moment: Duration) -> Bool {
        failures.pending == 0 && moment >= failures.last + delay(failures.count) + lockTime
    }

    private func keep(_ failures: Failures, for pair: Pair, at moment: Duration, _ state: inout State) {
        state.pairs.keep(failures, for: pair) { isForgotten($0, at: moment) ? 0 : Double($0.count) }
    }
}
