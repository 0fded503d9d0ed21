import Logging

/// What a server that has just started does about a store that may start with it: it waits for a while, and says so.
enum StartPatience {
    private static let duration = Duration.seconds(30)
    private static let pause = Duration.seconds(2)

    /// Repeats `body` while the store is away.
    ///
    /// - Parameters:
    ///   - what: What it waits for, for the log.
    ///   - log: Where that is said.
    ///   - why: Why it cannot be used now, where that may pass by itself; nil for every other failure.
    ///   - body: What needs the store.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws in the end.
    static func wait<Value>(
        for what: String,
        _ log: Logger,
        why: (any Error) -> String?,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + duration
        while true {
            do {
                return try await body()
            } catch {
                guard let reason = why(error), ContinuousClock.now < end else { throw error }
                log.warning("waiting for \(what)", metadata: ["error": .string(reason)])
                try await Task.sleep(for: pause)
            }
        }
    }
}
