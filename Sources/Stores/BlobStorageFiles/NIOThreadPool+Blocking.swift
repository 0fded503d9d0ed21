import BlobStorage
import NIOPosix

extension NIOThreadPool {
    /// Runs `body` on a thread that may block.
    ///
    /// Not `runIfActive`: that one does not begin the work of a task that was cancelled, and to clean up is what a
    /// cancelled task has left to do.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { state in
                guard case .active = state else {
                    return continuation.resume(throwing: BlobStoreError(.unusable, "The store was closed."))
                }
                continuation.resume(with: Result { try body() })
            }
        }
    }
}
