import Synchronization

/// How many more jobs may run at once.
final class JobSlots: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(count)
    }

    /// Takes a slot; false when there is none.
    func enter() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    /// Gives a slot back.
    func leave() {
        free.withLock { $0 += 1 }
    }
}
