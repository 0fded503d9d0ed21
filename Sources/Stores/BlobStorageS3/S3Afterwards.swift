/// Work that is done although its task was cancelled: to clean up.
enum S3Afterwards {
    /// How much longer it may take once its task is cancelled.
    ///
    /// A store that answers nothing would hold up the end of the process. What is left is found in the store's listing.
    static let durationMax = Duration.seconds(2)

    /// Does something in a task of its own, and waits for it.
    static func run(within limit: Duration = durationMax, _ body: @escaping @Sendable () async throws -> Void)
        async throws
    {
        let work = Task { try await body() }
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            Task {
                try await Task.sleep(for: limit)
                work.cancel()
            }
        }
    }
}
