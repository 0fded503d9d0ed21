import Synchronization

/// When somebody who could not make the time of a job longer must stop: some time before another may claim it.
final class JobLeaseEnd: Sendable {
    private let end: Mutex<ContinuousClock.Instant>

    init(_ end: ContinuousClock.Instant) {
        self.end = Mutex(end)
    }

    /// Moves it.
    func move(to later: ContinuousClock.Instant) {
        end.withLock { $0 = later }
    }

    /// Waits until it has come; false when the task was cancelled before.
    func wait() async -> Bool {
        while true {
            let wanted = end.withLock { $0 }
            do {
                try await Task.sleep(until: wanted, clock: .continuous)
            } catch {
                return false
            }
            guard end.withLock({ $0 }) > wanted else { return true }
        }
    }
}
