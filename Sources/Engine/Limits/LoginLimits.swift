import Synchronization

/// Failed logins slow down, and then lock: by account and address together, so that nobody can lock somebody else out
/// from afar, and by address alone for who tries one password with many accounts.
///
/// After `failuresMax` failures in a row the next try has to wait a second, and after each further one twice as long,
/// up to `lockTime`. A login that succeeds ends that; so does as long a time without a failure as the lock lasts, after
/// the wait is over. While somebody has to wait nothing is computed, and a right password is refused like a wrong one.
/// It is not looked at whether there is such an account.
///
/// It is counted in memory, and passwords in a ``LoginRecord`` as well, which other servers see.
public final class LoginLimits: Sendable {
    /// A login that was let in and has not ended.
    public struct Attempt: Sendable {
        let pair: LoginPair
        /// Whether something is kept of the pair that has to be brought up to date.
        let isKept: Bool
    }

    private struct Failures: Sendable {
        /// All of them.
        var count = 0
        /// Those of them that only this server knows of.
        var ownCount = 0
        /// When the last one was.
        var last = Duration.zero
        /// Logins that have been let in and not ended.
        var pending = 0
    }

    private struct State: Sendable {
        var pairs: BoundedTable<LoginPair, Failures>
        var addresses: BoundedTable<CountedAddress, Bucket>
    }

    let rule: LoginRule
    let record: LoginRecord?
    private let now: @Sendable () -> Duration
    private let state: Mutex<State>

    /// Limits logins.
    ///
    /// - Parameters:
    ///   - failuresMax: after how many failures in a row logins have to wait.
    ///   - lockTime: the longest wait.
    ///   - entryCountMax: how many pairs, and how many addresses, are told apart at most; those with the fewest
    ///     failures are forgotten first.
    ///   - record: what other servers have counted; nil where there is no other.
    ///   - now: the time since any fixed moment; it never goes back.
    public init(
        failuresMax: Int,
        lockTime: Duration,
        entryCountMax: Int = 32_768,
        record: LoginRecord? = nil,
        now: @escaping @Sendable () -> Duration
    ) {
        rule = LoginRule(failuresMax: failuresMax, lockTime: lockTime)
        self.record = record
        self.now = now
        state = Mutex(
            State(pairs: BoundedTable(countMax: entryCountMax), addresses: BoundedTable(countMax: entryCountMax))
        )
    }

    /// How many pairs of account and address have to wait now, as far as this server knows.
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
        let pair = LoginPair(account: account, address: CountedAddress(address))
        let result: Result<Attempt, LimitRefusal> = state.withLock { state in
            let moment = now()
            if let refusal = refusal(of: pair, at: moment, state) { return .failure(refusal) }
            guard var failures = state.pairs.value(for: pair) else {
                return .success(Attempt(pair: pair, isKept: false))
            }
            if isForgotten(failures, at: moment) {
                state.pairs.forget(pair)
                return .success(Attempt(pair: pair, isKept: false))
            }
            // Many at once must not get further than one after the other.
            guard failures.pending < max(1, rule.failuresMax - failures.count) else {
                return .failure(LimitRefusal(.logins, retryAfter: 1))
            }
            failures.pending += 1
            keep(failures, for: pair, at: moment, &state)
            return .success(Attempt(pair: pair, isKept: true))
        }
        return try result.get()
    }

    /// How long somebody has to wait as far as this server knows; nil when they need not.
    func refusal(of attempt: Attempt) -> LimitRefusal? {
        state.withLock { refusal(of: attempt.pair, at: now(), $0) }
    }

    /// The login succeeded by what nobody guesses: this server holds nothing against the pair any more.
    public func succeed(_ attempt: Attempt) {
        guard attempt.isKept else { return }
        forget(attempt)
    }

    /// Holds nothing against the pair any more, whoever has counted it meanwhile.
    func forget(_ attempt: Attempt) {
        state.withLock { $0.pairs.forget(attempt.pair) }
    }

    /// The login failed because of what was sent.
    public func fail(_ attempt: Attempt) {
        fail(attempt, sharedAs: nil)
    }

    /// The login failed, and the record has it, or has not.
    func fail(_ attempt: Attempt, sharedAs standing: LoginRecord.Standing?) {
        state.withLock { state in
            let moment = now()
            var failures = state.pairs.value(for: attempt.pair) ?? Failures()
            if isForgotten(failures, at: moment) { (failures.count, failures.ownCount) = (0, 0) }
            if standing == nil {
                failures.count += 1
                failures.ownCount += 1
                failures.last = moment
            }
            if attempt.isKept { failures.pending = max(0, failures.pending - 1) }
            keep(failures, for: attempt.pair, at: moment, &state)
            let address = attempt.pair.address
            var bucket = state.addresses.value(for: address) ?? Bucket(rule.perAddress, at: moment)
            bucket.take(1, of: rule.perAddress, at: moment)
            keep(bucket, for: address, at: moment, &state)
            if let standing { learn(standing, of: attempt.pair, at: moment, &state) }
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

    // MARK: What others have counted

    /// Takes over what all servers have counted together; what only this one has counted comes on top.
    func learn(_ standing: LoginRecord.Standing, of attempt: Attempt) {
        state.withLock { learn(standing, of: attempt.pair, at: now(), &$0) }
    }

    private func learn(
        _ standing: LoginRecord.Standing,
        of pair: LoginPair,
        at moment: Duration,
        _ state: inout State
    ) {
        let known = state.pairs.value(for: pair)
        if known != nil || standing.failures > 0 {
            var failures = known ?? Failures()
            if moment >= failures.last + rule.delay(failures.count) + rule.lockTime { failures.ownCount = 0 }
            failures.count = standing.failures + failures.ownCount
            if standing.failures > 0 {
                let last = moment + standing.wait - rule.delay(standing.failures)
                failures.last = failures.ownCount == 0 ? last : max(failures.last, last)
            }
            if failures.count == 0, failures.pending == 0 {
                state.pairs.forget(pair)
            } else {
                keep(failures, for: pair, at: moment, &state)
            }
        }
        guard standing.debt > .zero else { return }
        var bucket = state.addresses.value(for: pair.address) ?? Bucket(rule.perAddress, at: moment)
        let left = Double(rule.perAddress.count) - standing.debt.inSeconds * rule.perAddress.perSecond
        bucket.take(max(0, bucket.left(of: rule.perAddress, at: moment) - left), of: rule.perAddress, at: moment)
        keep(bucket, for: pair.address, at: moment, &state)
    }

    // MARK: Time

    private func refusal(of pair: LoginPair, at moment: Duration, _ state: State) -> LimitRefusal? {
        if let wait = state.addresses.value(for: pair.address)?.wait(until: 1, of: rule.perAddress, at: moment) {
            return LimitRefusal(.loginsPerAddress, retryAfter: wait)
        }
        guard let failures = state.pairs.value(for: pair), isWaiting(failures, at: moment) else { return nil }
        let wait = failures.last + rule.delay(failures.count) - moment
        return LimitRefusal(.logins, retryAfter: LimitRefusal.wholeSeconds(wait.inSeconds))
    }

    private func isWaiting(_ failures: Failures, at moment: Duration) -> Bool {
        failures.count > 0 && moment < failures.last + rule.delay(failures.count)
    }

    private func isForgotten(_ failures: Failures, at moment: Duration) -> Bool {
        failures.pending == 0 && moment >= failures.last + rule.delay(failures.count) + rule.lockTime
    }

    private func keep(_ failures: Failures, for pair: LoginPair, at moment: Duration, _ state: inout State) {
        state.pairs.keep(failures, for: pair) { isForgotten($0, at: moment) ? 0 : Double($0.count) }
    }

    private func keep(_ bucket: Bucket, for address: CountedAddress, at moment: Duration, _ state: inout State) {
        state.addresses.keep(bucket, for: address) { -$0.left(of: rule.perAddress, at: moment) }
    }
}
