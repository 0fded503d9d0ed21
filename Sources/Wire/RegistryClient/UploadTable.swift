import NIOCore
import OCI
import Outgoing
import RegistryContract
import Synchronization

/// The uploads that were begun, by the names that they have here.
final class UploadTable: Sendable {
    /// An upload as the registry knows it.
    struct Entry: Sendable {
        var repository: RepositoryName
        /// Where the next request goes: each answer may name another place.
        var location: OutgoingURL
        /// How many bytes the registry has, as far as its last answer says.
        var offset: Int64
        /// The least that a chunk must have which is not the last, in bytes.
        var chunkByteCountMin: Int64
        /// Whether the registry looks at the digest only of bytes that were appended before the end.
        var checksOnlyAppended = false
        /// Whether nothing was sent since that may have arrived.
        var isOffsetSure = true
        /// By what it is remembered beyond this program; nil where it is not.
        var name: UploadName?
        /// Bytes that are too few for a chunk yet.
        var carry: [ByteBuffer] = []

        var carryByteCount: Int64 { carry.reduce(0) { $0 + Int64($1.readableBytes) } }
    }

    /// More are not known at once: the oldest goes.
    private static let countMax = 10_000

    private struct State {
        var entries: [UploadID: Entry] = [:]
        var order: [UploadID] = []
        /// How often each that is remembered was asked about in vain.
        var vainLooks: [UploadName: Int] = [:]
    }

    private let state = Mutex(State())

    /// Names an upload.
    func insert(_ entry: Entry) -> UploadID {
        var random = SystemRandomNumberGenerator()
        let id = UploadID(using: &random)
        state.withLock { state in
            if state.entries.count >= Self.countMax {
                state.order.removeAll { state.entries[$0] == nil }
                if let oldest = state.order.first { state.entries[oldest] = nil }
            }
            state.entries[id] = entry
            state.order.append(id)
            if state.order.count > 2 * Self.countMax { state.order.removeAll { state.entries[$0] == nil } }
        }
        return id
    }

    /// The upload of a repository.
    func entry(_ id: UploadID, in repository: RepositoryName) -> Entry? {
        state.withLock { $0.entries[id] }.flatMap { $0.repository == repository ? $0 : nil }
    }

    /// Changes an upload, if it is still known.
    func update(_ id: UploadID, _ change: (inout Entry) -> Void) {
        state.withLock { state in
            guard var entry = state.entries[id] else { return }
            change(&entry)
            state.entries[id] = entry
        }
    }

    /// An upload that was remembered was asked about in vain; how often that was so.
    func lookedInVain(for name: UploadName) -> Int {
        state.withLock { state in
            if state.vainLooks.count >= Self.countMax { state.vainLooks = [:] }
            state.vainLooks[name, default: 0] += 1
            return state.vainLooks[name, default: 0]
        }
    }

    /// The registry has said how an upload stands that was remembered.
    func looked(for name: UploadName) {
        state.withLock { $0.vainLooks[name] = nil }
    }

    /// The upload has ended; gives back what was known of it.
    @discardableResult
    func remove(_ id: UploadID) -> Entry? {
        state.withLock { $0.entries.removeValue(forKey: id) }
    }
}
