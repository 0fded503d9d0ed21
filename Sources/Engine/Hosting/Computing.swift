/// Computes what takes its time on a thread of Swift's own pool.
///
/// The task of a request runs on the event loop of its connection, where it would hold up every other connection.
func computing<Value: Sendable>(_ body: @Sendable () throws -> Value) async rethrows -> Value {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { try body() }
}
