import BlobStorage
import Synchronization

/// Blobs that are being opened in the store behind: who asks for one meanwhile waits for the same answer.
///
/// The first who asks does the work, in its own task; where it is cancelled, another of them begins again.
final class SharedOpenings: Sendable {
    private typealias Answer = WatchedValue<Result<StoredBlob, any Error>??>

    private let openings = Mutex<[OpenBlobs.Name: Answer]>([:])

    /// How many wait for the answer about a blob.
    func waitingCount(_ name: OpenBlobs.Name) -> Int {
        openings.withLock { $0[name] }?.waitingCount ?? 0
    }

    /// Opens a blob, unless somebody does so already.
    func open(_ name: OpenBlobs.Name, _ body: () async throws -> StoredBlob) async throws -> StoredBlob {
        while true {
            let (answer, isFirst) = openings.withLock { openings in
                if let answer = openings[name] { return (answer, false) }
                let answer = Answer(nil)
                openings[name] = answer
                return (answer, true)
            }
            guard isFirst else {
                // Without a result, the one who did the work was cancelled.
                guard let result = try await answer.wait(for: { $0 }) else { continue }
                return try result.get()
            }
            do {
                let blob = try await body()
                end(name, answer, .success(blob))
                return blob
            } catch {
                end(name, answer, Task.isCancelled ? nil : .failure(error))
                throw error
            }
        }
    }

    /// Lets nobody wait any longer for an answer that was asked for before now: the blob was removed.
    func forget(_ name: OpenBlobs.Name) {
        openings.withLock { _ = $0.removeValue(forKey: name) }
    }

    private func end(_ name: OpenBlobs.Name, _ answer: Answer, _ result: Result<StoredBlob, any Error>?) {
        openings.withLock { if $0[name] === answer { $0[name] = nil } }
        answer.change { $0 = .some(result) }
    }
}
