/// What is held against who has failed to log in.
public struct LoginFailureFact: Sendable, Hashable {
    /// Who: a text that stands for an account at an address, or for an address.
    public var subject: String
    /// How many failures in a row.
    public var failures: Int
    /// How long from now something has to wait; below zero when it has waited.
    public var wait: Duration
    /// How long from now it is held against them.
    public var hold: Duration

    /// The most that are kept, but for those since the last look at how many there are.
    public static let countMax = 100_000

    /// States a fact.
    public init(subject: String, failures: Int, wait: Duration, hold: Duration) {
        (self.subject, self.failures, self.wait, self.hold) = (subject, failures, wait, hold)
    }
}
