/// Work that is done although its task was cancelled: to clean up.
enum S3Afterwards {
    /// Does something in a task of its own, and waits for it.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await Task { try await body() }.value
    }
}
