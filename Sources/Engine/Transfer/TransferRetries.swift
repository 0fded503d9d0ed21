/// When what failed is tried again: after waits that double, with a random part, as long as there is hope.
public struct TransferRetries: Sendable {
    /// How often a step is tried without that a byte came through.
    public var triesMax: Int
    /// How often an upload that the target has forgotten is begun anew.
    public var restartsMax: Int
    /// The first wait.
    public var delayMin: Duration
    /// The longest wait.
    public var delayMax: Duration
    /// Waits.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random number from 0 to 1.
    public var random: @Sendable () -> Double

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - triesMax: How often a step is tried without that a byte came through.
    ///   - restartsMax: How often an upload that the target has forgotten is begun anew.
    ///   - delayMin: The first wait.
    ///   - delayMax: The longest wait.
    ///   - sleep: Waits.
    ///   - random: A random number from 0 to 1.
    public init(
        triesMax: Int = 5,
        restartsMax: Int = 8,
        delayMin: Duration = .milliseconds(500),
        delayMax: Duration = .seconds(20),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.triesMax = triesMax
        self.restartsMax = restartsMax
        self.delayMin = delayMin
        self.delayMax = delayMax
        self.sleep = sleep
        self.random = random
    }

    /// Waits after so many failures in a row, the first being 1: between half and all of the doubled time.
    func wait(afterFailure number: Int) async throws {
        let doubled = delayMin * (1 << min(max(0, number - 1), 16))
        try await sleep(min(doubled, delayMax) * (0.5 + random() / 2))
    }
}
