import BlobStorage
import Metadata
import OCI
import RegistryContract
import Synchronization

/// The uploads that this process knows in memory: how far each has really come, and who may go on with it.
///
/// The database knows an upload up to its last checkpoint; here is what came after. A client whose connection broke
/// starts a new attempt while the old one may still hang: the new one fences the old one off, after the batch that is
/// just being written, and goes on from where that ended.
final class UploadDesk: Sendable {
    /// How far an upload has come.
    struct Progress: Sendable {
        /// Where its bytes lie.
        var key: String
        /// What is written.
        var state: UploadState
        /// How many of them the database knows of.
        var committedOffset: Int64
        /// When the database was told last.
        var committedAt: Timestamp
    }

    /// Uploads without a client that are kept, so that the request after the one that began them needs no query.
    private static let restingCountMax = 4096

    /// What a place is found by: an id in another repository than its own names nothing, and disturbs nothing.
    private struct Name: Hashable {
        var id: UploadID
        var repository: RepositoryName
    }

    private struct State {
        var slots: [Name: UploadSlot] = [:]
        var activeCount = 0
    }

    private let turnDuration: Duration
    private let state = Mutex(State())

    /// An empty desk, where nobody waits for an upload longer than `turnDuration`.
    init(turnDuration: Duration) {
        self.turnDuration = turnDuration
    }

    var activeCount: Int { state.withLock { $0.activeCount } }

    /// Whether a request is at work on an upload now.
    func isActive(_ id: UploadID, in repository: RepositoryName) -> Bool {
        state.withLock { ($0.slots[Name(id: id, repository: repository)]?.userCount ?? 0) > 0 }
    }

    /// Remembers an upload that has just begun.
    func remember(_ id: UploadID, repository: RepositoryName, _ progress: Progress) {
        let slot = UploadSlot(turnDuration: turnDuration)
        slot.progress.withLock { $0 = progress }
        state.withLock { state in
            // Uploads that were begun and never gone on with would fill it: whoever comes back to one asks the
            // database.
            if state.slots.count >= Self.restingCountMax { state.slots = state.slots.filter { $0.value.userCount > 0 } }
            state.slots[Name(id: id, repository: repository)] = slot
        }
    }

    /// Lends the place of an upload for one request.
    func withSlot<Value>(
        _ id: UploadID,
        in repository: RepositoryName,
        _ body: (UploadSlot) async throws -> Value
    ) async throws -> Value {
        let name = Name(id: id, repository: repository)
        let slot = state.withLock { state in
            let slot = state.slots[name] ?? UploadSlot(turnDuration: turnDuration)
            state.slots[name] = slot
            slot.userCount += 1
            state.activeCount += 1
            return slot
        }
        defer {
            state.withLock { state in
                slot.userCount -= 1
                state.activeCount -= 1
                if slot.userCount == 0, state.slots[name] === slot { state.slots[name] = nil }
            }
        }
        return try await body(slot)
    }
}

/// The place of one upload in memory.
final class UploadSlot: Sendable {
    /// Nil until it was read from the database, and after the upload has ended.
    let progress = Mutex<UploadDesk.Progress?>(nil)
    private let turnDuration: Duration
    private let turn = Turn()
    private let attempt = Atomic<Int>(0)
    /// How many requests use it; guarded by the desk's state.
    private let users = Atomic<Int>(0)

    init(turnDuration: Duration) {
        self.turnDuration = turnDuration
    }

    fileprivate(set) var userCount: Int {
        get { users.load(ordering: .relaxed) }
        set { users.store(newValue, ordering: .relaxed) }
    }

    /// How many wait for their turn now.
    var waitingCount: Int { turn.waitingCount }

    /// Begins an attempt: every older one has no turn any more.
    func beginAttempt() -> Int {
        attempt.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
    }

    /// Runs `body` when nobody else writes to the upload; refuses an attempt that a newer one has fenced off.
    ///
    /// A look has no number and is not fenced off. A turn covers one batch, never a wait for the client. Where the
    /// batch before takes too long, the next is refused for now: a store that does not answer would hold all who come.
    func inTurn<Value>(_ attempt: Int?, _ body: () async throws -> Value) async throws -> Value {
        guard await turn.take(within: turnDuration) else {
            try Task.checkCancellation()
            throw RegistryError(
                .unavailable,
                "another request for this upload is still at work after \(turnDuration): try again"
            )
        }
        defer { turn.pass() }
        guard attempt == nil || self.attempt.load(ordering: .acquiring) == attempt else {
            throw RegistryError.overtaken(at: progress.withLock { $0?.state.offset })
        }
        return try await body()
    }
}

extension RegistryError {
    /// Another request goes on with an upload, which stands at some offset.
    static func overtaken(at offset: Int64?) -> RegistryError {
        RegistryError(.uploadOffsetInvalid, "another request has taken this upload over", offset: offset)
    }
}
