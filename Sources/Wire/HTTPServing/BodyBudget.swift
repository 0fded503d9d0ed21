import Synchronization

/// One budget of memory for all request bodies of a server.
///
/// Each body in progress holds at most two batches: one that is being written and one that is being received. The size
/// of a batch is what makes all bodies together fit, so many uploads get small batches and a single one gets big ones.
public final class BodyBudget: Sendable {
    /// The smallest batch, in bytes: it is reached with some thousand bodies at once.
    public static let batchByteCountMin = 16 << 10
    /// The largest batch, in bytes: above it nothing is gained.
    public static let batchByteCountMax = 1 << 20

    private let byteCount: Int
    private let batchByteCounts: ClosedRange<Int>
    private let active = Atomic<Int>(0)

    /// Makes a budget of `byteCount` bytes, given out in batches of sizes within a range.
    public init(
        byteCount: Int,
        batchByteCounts: ClosedRange<Int> = BodyBudget.batchByteCountMin...BodyBudget.batchByteCountMax
    ) {
        self.byteCount = byteCount
        self.batchByteCounts = batchByteCounts
    }

    /// The size of a batch at this moment, in bytes.
    var batchByteCount: Int {
        let share = byteCount / (2 * max(1, active.load(ordering: .relaxed)))
        return min(batchByteCounts.upperBound, max(batchByteCounts.lowerBound, share))
    }

    func enter() {
        active.wrappingAdd(1, ordering: .relaxed)
    }

    func leave() {
        active.wrappingSubtract(1, ordering: .relaxed)
    }
}
