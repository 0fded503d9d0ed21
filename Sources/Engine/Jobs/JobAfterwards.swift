/// Work that is done although its task was cancelled: what became of a job must be written.
enum JobAfterwards {
    /// Does something in a task of its own, and waits for it.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await Task { try await body() }.value
    }
}
