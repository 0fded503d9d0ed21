/// The pace of work that is in no hurry: after each step it rests, so that it takes only a share of the time.
public struct WorkPace: Sendable {
    private let share: Double
    private var begun = ContinuousClock.now

    /// The longest rest: a step that waited for others, as for a slow bucket, is no reason to wait as long.
    private static let restMax = Duration.seconds(10)

    /// Begins with the first step.
    ///
    /// - Parameter share: The part of the time that the work takes, more than 0; 1 never rests.
    public init(share: Double) {
        self.share = share
    }

    /// Rests for as long as the step that ends here has earned; throws CancellationError where it is to stop.
    public mutating func rest() async throws {
        try Task.checkCancellation()
        let took = ContinuousClock.now - begun
        if share < 1 { try await Task.sleep(for: min(took * (1 / share - 1), Self.restMax)) }
        begun = .now
    }
}
