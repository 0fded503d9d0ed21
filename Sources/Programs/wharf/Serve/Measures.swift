import BlobStorage
import Logging
import Metadata
import Observability
import Settings

/// Numbers about the storage that are looked up from time to time, not when they are read.
struct Measures: Sendable {
    private let installation: Installation
    private let marks: Watermarks
    private let blobCount: Gauge
    private let blobByteCount: Gauge
    private let free: Gauge
    private let waiting: LabelledMetrics<Gauge>
    private let doomedByteCount: Gauge

    /// Up to how many of what waits to be collected are counted.
    private static let countMax = 10_000
    private let damaged: LabelledMetrics<Gauge>

    /// Up to how many damaged things are counted.
    private static let damageCountMax = 10_000

    init(installation: Installation, settings: ServerSettings.Storage, metrics: MetricSet, log: Logger) {
        self.installation = installation
        marks = Watermarks(settings, metrics: metrics, log: log)
        blobCount = metrics.gauge("wharf_storage_blobs", "Blobs stored, each counted once.")
        blobByteCount = metrics.gauge("wharf_storage_used_bytes", "Bytes of all blobs, each counted once.")
        waiting = metrics.gauges(
            "wharf_gc_waiting",
            "Links to be looked at, blobs in quarantine, files or objects to be removed: counted up to 10000.",
            labels: ["what"]
        )
        doomedByteCount = metrics.gauge("wharf_gc_quarantine_bytes", "Bytes of the blobs that no repository has.")
        free = metrics.gauge("wharf_storage_free_bytes", "Bytes free in the file system of the data folder.")
        damaged = metrics.gauges(
            "wharf_storage_damaged",
            "What was found to be damaged and is not mended, counted up to \(Self.damageCountMax).",
            labels: ["kind"]
        )
    }

    func refresh() async {
        if let usage = try? await installation.facts.read({ try $0.usage() }) {
            blobCount.set(to: Int(usage.blobCount))
            blobByteCount.set(to: Int(usage.byteCount))
        }
        if let totals = try? await installation.facts.read({ try $0.collectionTotals(limit: Self.countMax) }) {
            waiting.with("links").set(to: Int(totals.idleLinkCount))
            waiting.with("blobs").set(to: Int(totals.blobCount))
            waiting.with("keys").set(to: Int(totals.keyCount))
            doomedByteCount.set(to: Int(totals.byteCount))
        }
        if let counts = try? await installation.facts.read({ try $0.damageCounts(limit: Self.damageCountMax) }) {
            for kind in DamageFact.Kind.allCases { damaged.with(kind.rawValue).set(to: Int(counts[kind] ?? 0)) }
        }
        guard let space = try? await installation.blobs.space() else { return }
        if let bytes = space.free { free.set(to: Int(bytes)) }
        marks.look(at: space)
    }
}
