import Glibc
import NIOPosix
import RegistryContract
import Synchronization

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

    /// Runs `body` as well, which asks `Stop` again and again whether it is to end, and does so by throwing what that
    /// throws: for what takes long and can be left.
    func runUntilCancelled<Result: Sendable>(
        _ body: @escaping @Sendable (Stop) throws -> Result
    ) async throws -> Result {
        let stop = Stop()
        return try await withTaskCancellationHandler {
            try await run { try body(stop) }
        } onCancel: {
            stop.set()
        }
    }
}

/// Whether work on a thread is to end.
final class Stop: Sendable {
    private let isSet = Atomic(false)

    /// What asks in vain.
    static let never = Stop()

    /// Throws when nobody wants the work any more.
    func check() throws {
        if isSet.load(ordering: .relaxed) { throw CancellationError() }
    }

    /// Waits until a pipe can be read from or written to, which may be never; throws when nobody wants it any more.
    func wait(for descriptor: CInt, _ event: CInt) throws {
        while true {
            try check()
            var asked = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            guard poll(&asked, 1, 100) == 0 else { return }
        }
    }

    fileprivate func set() {
        isSet.store(true, ordering: .relaxed)
    }
}
