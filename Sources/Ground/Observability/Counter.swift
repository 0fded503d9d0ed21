import Synchronization

/// A number that only grows: requests answered, bytes sent.
///
/// It is the handle itself: whoever counts keeps it, and counting is one relaxed atomic addition.
public final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    /// A counter at zero that no metric shows, for what is made without metrics.
    public init() {}

    /// What has been counted.
    public var value: Int { total.load(ordering: .relaxed) }

    /// Counts `amount` more; a negative amount is not counted, because a counter never falls.
    public func increment(by amount: Int = 1) {
        guard amount > 0 else { return }
        total.wrappingAdd(amount, ordering: .relaxed)
    }
}
