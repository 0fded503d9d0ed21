import Limits
import Metadata
import RegistryTesting

/// The clock of limits, moved by hand, and limits that go by it.
struct LimitClock: Sendable {
    private let clock = TestClock()

    var now: @Sendable () -> Duration {
        { [clock] in .microseconds(clock.now().microseconds) }
    }

    func pass(_ seconds: Int) {
        clock.advance(by: .seconds(seconds))
    }

    func pulls(anonymous: Allowance? = nil, authenticated: Allowance? = nil) -> PullLimits {
        PullLimits(anonymous: anonymous, authenticated: authenticated, now: now)
    }

    func requests(
        perAddress: RequestLimits.Allowances = .init(),
        perUser: RequestLimits.Allowances = .init(),
        perRepository: RequestLimits.Allowances = .init()
    ) -> RequestLimits {
        RequestLimits(perAddress: perAddress, perUser: perUser, perRepository: perRepository, now: now)
    }

    func logins() -> LoginLimits {
        LoginLimits(failuresMax: 5, lockTime: .seconds(900), now: now)
    }
}

extension TestResponse {
    /// The status, the code and the seconds to wait of a refusal, such as `429 TOOMANYREQUESTS 1`.
    var wait: String {
        get throws { try "\(summary) \(self[header: "Retry-After"] ?? "none")" }
    }
}
