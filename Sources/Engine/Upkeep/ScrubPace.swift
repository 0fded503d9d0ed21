import Synchronization

/// The time as a scrub sees it: how much has passed, and waiting.
public struct ScrubTime: Sendable {
    let elapsed: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void

    /// A time that a test makes up.
    public init(
        elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        (self.elapsed, self.sleep) = (elapsed, sleep)
    }

    /// That of a clock.
    public static func of<C: Clock<Duration>>(_ clock: C) -> ScrubTime {
        let start = clock.now
        return ScrubTime(
            elapsed: { start.duration(to: clock.now) },
            sleep: { try await Task.sleep(for: $0, clock: clock) }
        )
    }
}

/// Keeps reading to so many bytes a second.
final class ScrubPace: Sendable {
    private struct State {
        var byteCount: Int64 = 0
        /// When so many bytes may have been read.
        var freeAt: Duration
    }

    /// In bytes a second.
    let rate: Int64
    private let time: ScrubTime
    private let state: Mutex<State>

    /// What is not worth a timer.
    private static let shortest = Duration.milliseconds(5)
    /// How far reading that was held up may run ahead to make up for it.
    private static let slack = Duration.seconds(1)

    init(rate: Int64, _ time: ScrubTime) {
        (self.rate, self.time) = (max(rate, 1), time)
        state = Mutex(State(freeAt: time.elapsed()))
    }

    /// How many bytes were read.
    var byteCount: Int64 { state.withLock { $0.byteCount } }

    /// Waits until so many bytes more fit.
    func read(_ count: Int) async throws {
        let now = time.elapsed()
        let wait = state.withLock { state in
            state.byteCount += Int64(count)
            state.freeAt = max(state.freeAt, now - Self.slack) + .seconds(Double(count) / Double(rate))
            return state.freeAt - now
        }
        if wait > Self.shortest { try await time.sleep(wait) }
    }
}
