import BlobStorage
import OCI
import Synchronization

/// Finished blobs that were read lately, kept open: to open one anew needs a thread that may block, and that costs
/// more than sending a small blob.
///
/// Two generations: what is asked for is in the young one or moves there; when that is full it becomes the old one, and
/// the old one is dropped. So at most twice `capacity` descriptors are held, and each for as long as it is in use.
final class OpenBlobs: Sendable {
    struct Name: Hashable {
        var key: BlobKey
        var digest: Digest
    }

    /// A moment, to find out whether anything was removed since.
    struct Moment: Equatable {
        fileprivate var removals = 0
    }

    private struct State {
        var young: [Name: StoredBlob] = [:]
        var old: [Name: StoredBlob] = [:]
        var moment = Moment()
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The blob when it is open, and the moment of the look.
    func find(_ name: Name) -> (blob: StoredBlob?, at: Moment) {
        state.withLock { state in
            if let blob = state.young[name] { return (blob, state.moment) }
            guard let blob = state.old.removeValue(forKey: name) else { return (nil, state.moment) }
            insert(blob, name, &state)
            return (blob, state.moment)
        }
    }

    /// Keeps a blob that was opened after `moment`, unless something was removed meanwhile: it might be this one.
    func keep(_ blob: StoredBlob, _ name: Name, openedAfter moment: Moment) {
        state.withLock { state in
            if state.moment == moment { insert(blob, name, &state) }
        }
    }

    /// Forgets a blob that is about to be removed, or was.
    func forget(_ name: Name) {
        state.withLock { state in
            state.moment.removals += 1
            state.young[name] = nil
            state.old[name] = nil
        }
    }

    /// Closes a blob that is not what it was; it may be opened anew.
    func drop(_ name: Name) {
        state.withLock { state in
            state.young[name] = nil
            state.old[name] = nil
        }
    }

    private func insert(_ blob: StoredBlob, _ name: Name, _ state: inout State) {
        if state.young.count >= capacity {
            state.old = state.young
            state.young = [:]
        }
        state.young[name] = blob
    }
}
