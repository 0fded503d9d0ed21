import OCI
import Synchronization
import Transfer

/// Counts the blobs that are fetched.
final class LayerCounter: TransferObserver {
    private let started = Mutex(0)

    var count: Int { started.withLock { $0 } }

    func started(_ blob: Descriptor) {
        started.withLock { $0 += 1 }
    }
}
