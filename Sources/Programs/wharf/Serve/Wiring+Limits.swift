import DistributionAPI
import HTTPServing
import Limits
import Logging
import Metadata
import Observability
import Settings

extension Wiring {
    /// What callers are held to, as the settings say, and counted.
    func limits(_ facts: FactStore) -> TrafficLimits {
        let start = ContinuousClock.now
        let now: @Sendable () -> Duration = { start.duration(to: .now) }
        let limits = settings.limits
        return TrafficLimits(
            requests: RequestLimits(
                perAddress: .init(
                    requests: Allowance(limits.requestsPerAddress),
                    bytes: Allowance(limits.bytesPerAddress)
                ),
                perUser: .init(requests: Allowance(limits.requestsPerUser), bytes: Allowance(limits.bytesPerUser)),
                perRepository: .init(
                    requests: Allowance(limits.requestsPerRepository),
                    bytes: Allowance(limits.bytesPerRepository)
                ),
                now: now
            ),
            pulls: PullLimits(
                anonymous: Allowance(limits.pullsAnonymous),
                authenticated: Allowance(limits.pullsAuthenticated),
                now: now
            ),
            logins: loginLimits(facts, now),
            exempt: Set(limits.exempt.map(\.description)),
            observer: limitObserver()
        )
    }

    private func loginLimits(_ facts: FactStore, _ now: @escaping @Sendable () -> Duration) -> LoginLimits? {
        let access = settings.access
        guard settings.isAccessControlled, access.lockoutFailures > 0 else { return nil }
        let record = LoginRecord(facts, now: now) { [log] error in
            log.error("failed logins cannot be counted in the database", metadata: ["error": .string("\(error)")])
        }
        let logins = LoginLimits(
            failuresMax: access.lockoutFailures,
            lockTime: access.lockoutTime,
            record: record,
            now: now
        )
        metrics.computed("wharf_logins_locked", "Pairs of account and address that have to wait before a login.") {
            Double(logins.lockedCount)
        }
        return logins
    }

    private func limitObserver() -> TrafficLimits.Observer {
        let refusals = metrics.counters(
            "wharf_limited_requests_total",
            "Requests answered with 429, by the limit that was reached.",
            labels: ["limit"]
        )
        let counters = Dictionary(uniqueKeysWithValues: Limit.allCases.map { ($0, refusals.with($0.rawValue)) })
        let failures = metrics.counter("wharf_login_failures_total", "Logins refused for a wrong name or secret.")
        return TrafficLimits.Observer(
            refused: { counters[$0]?.increment() },
            loginFailed: { failures.increment() }
        )
    }

    /// Stands before everything else where only some addresses may come.
    func gated(_ responder: any HTTPResponder) -> any HTTPResponder {
        let allowed = settings.http.allowedAddresses
        return allowed.isEmpty ? responder : AddressGate(before: responder, allowed: allowed, log: log)
    }
}

extension Allowance {
    fileprivate init?(_ rate: Rate?) {
        guard let rate else { return nil }
        self.init(rate.count, per: rate.window)
    }

    fileprivate init?(_ rate: ByteRate?) {
        guard let rate else { return nil }
        self.init(rate.bytes.bytes, per: rate.window)
    }
}
