import NIOPosix
import RegistryContract

/// Where work is done that may wait for the disk.
struct BlockingWork: Sendable {
    let threads: NIOThreadPool

    /// Runs `body` on a thread that may wait, and says failures in the words of the contract.
    ///
    /// Work that was begun, or is to be begun by a task that was cancelled, is done: cleaning up is such work.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            threads.submit { state in
                guard case .active = state else {
                    return continuation.resume(throwing: RegistryError(.unavailable, "The program is ending."))
                }
                do {
                    continuation.resume(returning: try body())
                } catch let problem as FileProblem {
                    continuation.resume(throwing: problem.refusal)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
