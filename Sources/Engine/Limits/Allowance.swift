/// So many of something in so long a time, such as 100 requests a second.
public struct Allowance: Sendable, Hashable {
    /// How many; at least one.
    public let count: Int
    /// In how long a time.
    public let window: Duration

    /// States how many in how long a time; what is less than one, or than a millisecond, is taken for that.
    public init(_ count: Int, per window: Duration) {
        self.count = max(1, count)
        self.window = max(.milliseconds(1), window)
    }

    /// How many grow back in a second.
    var perSecond: Double { Double(count) / window.inSeconds }
}

/// What is left of an allowance: as much at once as it has, and then as it grows back.
///
/// It may be less than nothing: what was moved is known only afterwards, and is paid off by waiting.
struct Bucket: Sendable {
    private var level: Double
    private var moment: Duration

    /// A full one.
    init(_ allowance: Allowance, at moment: Duration) {
        level = Double(allowance.count)
        self.moment = moment
    }

    /// What is left.
    func left(of allowance: Allowance, at moment: Duration) -> Double {
        let grown = max(0, (moment - self.moment).inSeconds) * allowance.perSecond
        return min(Double(allowance.count), level + grown)
    }

    /// Takes so many away, or puts a negative number of them back.
    mutating func take(_ count: Double, of allowance: Allowance, at moment: Duration) {
        level = min(Double(allowance.count), left(of: allowance, at: moment) - count)
        self.moment = max(self.moment, moment)
    }

    /// How long it takes until so much is left, in whole seconds; nil when it is.
    func wait(until wanted: Double, of allowance: Allowance, at moment: Duration) -> Int? {
        let missing = wanted - left(of: allowance, at: moment)
        // Sums of fractions of seconds are not exact.
        guard missing > 1e-6 * max(1, wanted) else { return nil }
        return LimitRefusal.wholeSeconds(missing / allowance.perSecond)
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    var inNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
