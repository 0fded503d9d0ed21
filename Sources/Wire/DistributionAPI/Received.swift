import Synchronization

/// Counts bytes as they come.
final class Received: Sendable {
    private let total = Atomic<Int64>(0)

    /// Adds, and returns the sum.
    func add(_ byteCount: Int) -> Int64 {
        total.wrappingAdd(Int64(byteCount), ordering: .relaxed).newValue
    }
}
