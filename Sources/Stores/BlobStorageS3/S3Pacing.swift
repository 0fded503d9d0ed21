public import Foundation

/// Time and chance, as a client sees them.
public struct S3Pacing: Sendable {
    /// What time it is, for signatures.
    public var now: @Sendable () -> Date
    /// How long it has been since some moment, by a clock that is never set.
    public var elapsed: @Sendable () -> Duration
    /// Waits.
    public var pause: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to 1.
    public var random: @Sendable () -> Double

    /// The machine's own.
    public static var system: S3Pacing {
        let start = ContinuousClock.now
        return S3Pacing(
            now: { Date() },
            elapsed: { start.duration(to: .now) },
            pause: { try await Task.sleep(for: $0) },
            random: { .random(in: 0..<1) }
        )
    }

    /// Time and chance of one's own.
    public init(
        now: @escaping @Sendable () -> Date,
        elapsed: @escaping @Sendable () -> Duration,
        pause: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.elapsed = elapsed
        self.pause = pause
        self.random = random
    }
}

/// What becomes of a request that failed: how often it was sent, and since when.
///
/// `next` ends in ``Step/again(after:)`` at most as often as there are attempts, and never after their time is over.
struct S3Retries: Sendable {
    enum Step: Equatable {
        case again(after: Duration)
        case giveUp
    }

    private let limits: S3Limits
    private let start: Duration
    private(set) var attempts = 1

    init(_ limits: S3Limits, start: Duration) {
        self.limits = limits
        self.start = start
    }

    /// What to do after a failure.
    ///
    /// - Parameters:
    ///   - error: The failure.
    ///   - mayRepeat: Whether what was sent can be sent again.
    ///   - now: The time now, on the clock of `start`.
    ///   - random: From 0 up to 1: spreads out those who failed together.
    /// - Returns: Whether it is sent again, and when.
    mutating func next(after error: S3Error, mayRepeat: Bool, now: Duration, random: Double) -> Step {
        guard error.isPassing, error.code != .busy, mayRepeat, attempts < limits.attemptsMax else { return .giveUp }
        let doublings = min(attempts - 1, 30)
        let top = min(limits.pauseFirst * (1 << doublings), limits.pauseMax)
        let pause = max(top * random, min(error.retryAfter ?? .zero, limits.pauseMax))
        guard now + pause - start <= limits.attemptsDurationMax else { return .giveUp }
        attempts += 1
        return .again(after: pause)
    }
}
