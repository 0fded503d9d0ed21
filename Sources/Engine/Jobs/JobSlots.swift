import Synchronization

/// How many more jobs may run at once.
final class JobSlots: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(count)
    }

    /// Takes a slot; returns how many are left, nil when there was none.
    func enter() -> Int? {
        free.withLock { free in
            guard free > 0 else { return nil }
            free -= 1
            return free
        }
    }

    /// Gives a slot back.
    func leave() {
        free.withLock { $0 += 1 }
    }
}
