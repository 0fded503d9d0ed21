import AdminModel
import Metadata
import OCI

/// The garbage collection: what it has before it, and why something is kept.
extension Management {
    /// Beyond how many rows nothing is counted: then asking costs as much however much there is.
    private static let countMax = 100_000
    /// How many repositories are told that have something, and how many manifests and tags of each.
    private static let toldMax = 5

    /// What the garbage collection has before it.
    public func collection() async throws -> CollectionStatus {
        try requireInstallation()
        let (totals, last) = try await read { facts in
            (
                try facts.collectionTotals(limit: Self.countMax),
                try facts.jobs(JobSearch(kind: "gc.run"), before: nil, limit: 10).first { $0.startedAt != nil }
            )
        }
        let patience = service.patience
        return CollectionStatus(
            linkCount: totals.idleLinkCount,
            oldestSince: totals.oldestIdleSince.map { Instant($0) },
            blobCount: totals.blobCount,
            byteCount: totals.byteCount,
            keyCount: totals.keyCount,
            keyByteCount: totals.keyByteCount,
            countMax: Int64(Self.countMax),
            graceSeconds: patience.grace.components.seconds,
            quarantineSeconds: patience.quarantine.components.seconds,
            lastRun: last.map { Job($0) }
        )
    }

    /// Why a blob or manifest is kept, or when it goes.
    public func fate(of text: String) async throws -> DigestFate {
        try requireInstallation()
        guard let digest = try? Digest(text) else {
            throw Problem(.invalid, "a digest is written as sha256:… with 64 hexadecimal digits", field: "digest")
        }
        let (blob, manifests) = try await read { facts in
            (
                try facts.fate(of: digest, limit: Self.toldMax),
                try facts.standings(ofManifest: digest, limit: Self.toldMax)
            )
        }
        // Some tools push the manifests of their cache as blobs too: what a client sees of it is the manifest.
        if !manifests.isEmpty { return DigestFate(digest, manifests: manifests, at: now) }
        guard let blob else { throw Bounds.missing("blob or manifest \(digest)") }
        return DigestFate(digest, blob: blob, at: now, patience: service.patience)
    }
}
