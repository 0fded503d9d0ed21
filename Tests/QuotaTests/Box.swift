import Synchronization

/// Keeps hold of what was put before a store.
final class Box<Value: Sendable>: Sendable {
    private let kept = Mutex<Value?>(nil)

    /// What was put there last.
    var value: Value? { kept.withLock { $0 } }

    func keep(_ value: Value) -> Value {
        kept.withLock { $0 = value }
        return value
    }
}
