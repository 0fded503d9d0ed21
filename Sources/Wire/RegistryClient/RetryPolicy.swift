import Foundation
import Outgoing

/// When a request is repeated that may be: the connection was lost, or the registry asks to come again.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request is sent at most; 1 is once.
    public var attemptCountMax = 4
    /// About how long the first wait is; each further one is twice as long.
    public var waitFirst = Duration.milliseconds(250)
    /// The longest wait, also where the registry names one: with a longer one the request fails at once.
    public var waitMax = Duration.seconds(60)

    /// The usual ones.
    public init() {}

    /// Statuses that may be others the next time.
    static let passingStatuses: Set<Int> = [429, 500, 502, 503, 504]
}

/// The attempts of one request: what may still be tried, and how long to wait before.
struct Attempts {
    let policy: RetryPolicy
    private var count = 1

    init(_ policy: RetryPolicy) {
        self.policy = policy
    }

    /// Something was reached since the last attempt: only what comes without progress is counted.
    mutating func progress() {
        count = 1
    }

    /// How long to wait after an answer, and then repeat; nil when the answer stands.
    mutating func wait(afterStatus status: Int, retryAfter: Duration?, random: Double) -> Duration? {
        guard RetryPolicy.passingStatuses.contains(status) else { return nil }
        if let retryAfter, retryAfter > policy.waitMax { return nil }
        guard let own = waitAfterLoss(random: random) else { return nil }
        return max(own, retryAfter ?? .zero)
    }

    /// How long to wait after a lost connection, and then repeat; nil when it was lost too often.
    mutating func waitAfterLoss(random: Double) -> Duration? {
        guard count < policy.attemptCountMax else { return nil }
        let whole = policy.waitFirst * (1 << min(count - 1, 16))
        count += 1
        return min(policy.waitMax, whole * (0.5 + random / 2))
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3).
package enum RetryAfter {
    /// Longer waits are as good as this one.
    private static let secondsMax = 366 * 86_400.0

    /// How long to wait by the value of the field; nil when it says nothing.
    package static func duration(_ text: String?, now: Date = Date()) -> Duration? {
        guard let text = text?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Double(text) ?? secondsMax, secondsMax))
        }
        guard let date = HTTPDate.date(text) else { return nil }
        return .seconds(min(max(0, date.timeIntervalSince(now)), secondsMax))
    }
}

/// A date of HTTP, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
enum HTTPDate {
    static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]),
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int($0) }
        // The calendar would count on with whatever it is given, into another day.
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]),
            (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (year, month + 1, day)
        (parts.hour, parts.minute, parts.second) = (clock[0], clock[1], clock[2])
        parts.timeZone = TimeZone(secondsFromGMT: 0)
        return Calendar(identifier: .gregorian).date(from: parts)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
