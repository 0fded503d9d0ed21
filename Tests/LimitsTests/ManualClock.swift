import Synchronization

/// A clock that stands until it is moved.
final class ManualClock: Sendable {
    private let moment = Mutex(Duration.seconds(1000))

    /// What a limit is given as its clock.
    var now: @Sendable () -> Duration {
        { self.moment.withLock { $0 } }
    }

    func pass(_ duration: Duration) {
        moment.withLock { $0 += duration }
    }
}
