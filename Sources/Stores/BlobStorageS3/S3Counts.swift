import Synchronization

/// What a client has asked of its store since it was made.
public struct S3Counts: Sendable, Hashable {
    /// Requests that were sent, repeated ones among them.
    public var requests = 0
    /// Requests that were sent again, since the one before had failed.
    public var repeats = 0
    /// Answers that asked for fewer requests.
    public var slowDowns = 0
    /// Requests that were given up for a reason that passes: no answer, or one that asks for fewer.
    public var failures = 0

    /// Nothing yet.
    public init() {}
}

/// The counts of a client.
final class S3Counters: Sendable {
    private let counts = Mutex(S3Counts())

    var current: S3Counts { counts.withLock { $0 } }

    func add(_ path: any WritableKeyPath<S3Counts, Int> & Sendable) {
        counts.withLock { $0[keyPath: path] += 1 }
    }
}
