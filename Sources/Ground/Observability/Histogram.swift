import Synchronization

/// How often a quantity fell into each of a fixed row of buckets, and the sum of all of it.
///
/// What is recorded is a whole number of the scale's smallest unit (a nanosecond, a byte), so that recording is two
/// relaxed atomic additions and never loses a fraction. Reading while others write may see a value in its bucket and
/// not yet in the sum; the count is made from the buckets and always agrees with them.
public final class Histogram: Sendable {
    /// What one recorded unit is, and the upper bounds of the buckets in such units.
    public struct Scale: Sendable, Equatable {
        /// The upper bounds, ascending, each inclusive; one more bucket takes all that is above.
        public let bounds: [Int]
        /// How many recorded units make one of the unit that is shown.
        public let unitsPerShown: Int

        /// Durations, recorded in nanoseconds and shown in seconds; the bounds ascend.
        public static func durations(_ bounds: [Duration]) -> Scale {
            Scale(bounds: bounds.map(\.nanoseconds), unitsPerShown: 1_000_000_000)
        }

        /// Whole numbers, shown as they are recorded: bytes, rows; the bounds ascend.
        public static func counts(_ bounds: [Int]) -> Scale {
            Scale(bounds: bounds, unitsPerShown: 1)
        }

        private init(bounds: [Int], unitsPerShown: Int) {
            precondition(
                zip(bounds, bounds.dropFirst()).allSatisfy(<),
                "the bounds of a histogram ascend, or a bucket could never be filled"
            )
            self.bounds = bounds
            self.unitsPerShown = unitsPerShown
        }
    }

    /// What was recorded so far.
    public struct Reading: Sendable, Equatable {
        /// How many fell into each bucket (not added up), the one above all bounds last.
        public let counts: [Int]
        /// The sum of all that was recorded, in recorded units.
        public let sum: Int
    }

    /// What one recorded unit is, and where the buckets end.
    public let scale: Scale
    private let counters: [Counter]
    private let sum = Atomic<Int>(0)

    /// An empty histogram that no metric shows, for what is made without metrics.
    public init(_ scale: Scale) {
        self.scale = scale
        counters = (0...scale.bounds.count).map { _ in Counter() }
    }

    /// What was recorded so far.
    public var reading: Reading {
        Reading(counts: counters.map(\.value), sum: sum.load(ordering: .relaxed))
    }

    /// Records a whole number of units.
    public func record(_ units: Int) {
        // A dozen bounds are passed faster one by one than by a binary search.
        var bucket = 0
        while bucket < scale.bounds.count, units > scale.bounds[bucket] { bucket += 1 }
        counters[bucket].increment()
        sum.wrappingAdd(units, ordering: .relaxed)
    }

    /// Records a duration, in a histogram of durations.
    public func record(_ duration: Duration) {
        record(duration.nanoseconds)
    }
}

extension Histogram.Scale {
    /// Bounds for the time a request takes: from what memory answers to what a slow transfer takes.
    public static let requestDurations = durations([
        .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2500),
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100),
        .milliseconds(250), .milliseconds(500), .seconds(1), .milliseconds(2500), .seconds(5), .seconds(10),
        .seconds(60), .seconds(600),
    ])
}

extension Duration {
    /// The whole nanoseconds in it; what is longer than 292 years counts as that.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ Int(attoseconds / 1_000_000_000)
    }
}
