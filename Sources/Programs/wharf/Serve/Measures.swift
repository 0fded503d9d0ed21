import BlobStorage
import Metadata
import Observability

/// Numbers about the storage that are looked up from time to time, not when they are read.
struct Measures: Sendable {
    private let installation: Installation
    private let blobCount: Gauge
    private let blobByteCount: Gauge
    private let free: Gauge

    init(installation: Installation, metrics: MetricSet) {
        self.installation = installation
        blobCount = metrics.gauge("wharf_storage_blobs", "Blobs stored, each counted once.")
        blobByteCount = metrics.gauge("wharf_storage_used_bytes", "Bytes of all blobs, each counted once.")
        free = metrics.gauge("wharf_storage_free_bytes", "Bytes free in the file system of the data folder.")
    }

    func refresh() async {
        if let usage = try? await installation.facts.read({ try $0.usage() }) {
            blobCount.set(to: Int(usage.blobCount))
            blobByteCount.set(to: Int(usage.byteCount))
        }
        if let space = try? await installation.blobs.space(), let bytes = space.free { free.set(to: Int(bytes)) }
    }
}
