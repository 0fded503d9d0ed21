import Synchronization

/// A number that rises and falls: connections open, bytes of a budget in use.
public final class Gauge: Sendable {
    private let level = Atomic<Int>(0)

    /// A gauge at zero that no metric shows, for what is made without metrics.
    public init() {}

    /// What it stands at.
    public var value: Int { level.load(ordering: .relaxed) }

    /// Puts it at `value`.
    public func set(to value: Int) {
        level.store(value, ordering: .relaxed)
    }

    /// Raises it by `amount`, or lowers it by a negative one.
    public func add(_ amount: Int) {
        level.wrappingAdd(amount, ordering: .relaxed)
    }
}
