import BlobStorage
import NIOCore
import OCI
import Synchronization

/// A store whose bytes are not what they were, or cannot be read.
final class FaultyBlobs: ForwardingBlobStore {
    /// What is wrong with a blob.
    enum Fault: Sendable, CaseIterable {
        /// A bit is not what it was.
        case flipped
        /// The last byte is not there.
        case short
        /// Nothing is there.
        case missing
        /// The disk cannot give the bytes back.
        case unreadable
    }

    private struct State {
        /// By key, and how often still; nil for ever.
        var faults: [String: (fault: Fault, times: Int?)] = [:]
        var away = false
        var opened: [Digest] = []
        var identity: BlobKey?
    }

    let base: any BlobStore
    private let state = Mutex(State())

    init(_ base: any BlobStore) {
        self.base = base
    }

    /// What was opened, in order.
    var opened: [Digest] { state.withLock { $0.opened } }

    /// Makes the bytes under a key faulty, for ever or some times.
    func damage(_ key: String, _ fault: Fault, times: Int? = nil) {
        state.withLock { $0.faults[key] = (fault, times) }
    }

    /// Makes all bytes what they were.
    func heal() {
        state.withLock { ($0.faults, $0.away, $0.opened) = ([:], false, []) }
    }

    /// Lets the store answer nothing.
    func goAway() {
        state.withLock { $0.away = true }
    }

    /// Makes it seem to be another store.
    func pretend(to identity: BlobKey) {
        state.withLock { $0.identity = identity }
    }

    func identity() async throws -> BlobKey? {
        if let identity = state.withLock({ $0.identity }) { return identity }
        return try await base.identity()
    }

    func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        let (fault, isAway) = state.withLock { state in
            state.opened.append(digest)
            guard let (fault, times) = state.faults[key.description] else { return (nil as Fault?, state.away) }
            if let times { state.faults[key.description] = times > 1 ? (fault, times - 1) : nil }
            return (fault, state.away)
        }
        if isAway { throw BlobStoreError(.unavailable, "away") }
        guard let fault else { return try await base.open(key, digest: digest) }
        switch fault {
        case .missing: throw BlobStoreError(.notFound, "\(key)")
        case .unreadable: throw BlobStoreError(.unreadable, "\(key)")
        case .short, .flipped:
            let stored = try await base.open(key, digest: digest)
            guard stored.byteCount > 0 else { throw BlobStoreError(.notFound, "\(key)") }
            let count = Int(stored.byteCount) - (fault == .short ? 1 : 0)
            return StoredBlob(byteCount: Int64(count), content: .bytes(ByteBuffer(repeating: 0x5A, count: count)))
        }
    }

    func byteCount(of key: BlobKey, digest: Digest) async throws -> Int64 {
        try await open(key, digest: digest).byteCount
    }
}
