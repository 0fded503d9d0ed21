/// A moment, in whole microseconds since 1970-01-01 00:00:00 UTC.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// The microseconds; negative before 1970.
    public let microseconds: Int64

    /// Names a moment.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The earlier is the smaller.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment that is `duration` later, to the microsecond.
    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds + duration.inMicroseconds)
    }

    /// The moment that is `duration` earlier, to the microsecond.
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: moment.microseconds - duration.inMicroseconds)
    }
}

extension Duration {
    /// To the microsecond.
    var inMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
