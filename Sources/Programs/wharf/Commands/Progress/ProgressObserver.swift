import OCI
import Transfer

/// Shows what a copy does.
struct ProgressObserver: TransferObserver {
    let display: ProgressDisplay

    func planned(_ blob: Descriptor) {
        display.plan(Self.name(blob), byteCount: blob.size)
    }

    func advanced(_ blob: Descriptor, by byteCount: Int64) {
        display.advance(Self.name(blob), by: byteCount)
    }

    func finished(_ blob: Descriptor, _ outcome: BlobOutcome) {
        display.end(Self.name(blob), outcome)
    }

    /// Enough of a digest to know it again.
    private static func name(_ blob: Descriptor) -> String {
        String(blob.digest.encoded.prefix(12))
    }
}

extension BlobOutcome {
    /// For a line of progress.
    var text: String {
        switch self {
        case .copied: "copied"
        case .skipped: "there already"
        case .mounted: "mounted"
        case .leftOut: "left out, it may not be handed on"
        }
    }
}
