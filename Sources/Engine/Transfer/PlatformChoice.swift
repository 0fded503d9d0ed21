import Hashing
import NIOCore
import OCI
import RegistryContract

/// The children of an index that fit some machines best.
struct PlatformChoice {
    private let platforms: [Platform]
    private let isSparse: Bool

    init(_ platforms: [Platform], isSparse: Bool) {
        self.platforms = platforms
        self.isSparse = isSparse
    }

    /// What is copied in place of a manifest: itself unless it is an index.
    func root(of stored: StoredManifest) throws -> CopyRun.Root {
        let bytes = Array(stored.bytes.readableBytesView)
        let index: Manifest
        do {
            index = try Manifest(parsing: bytes, contentType: stored.mediaType)
        } catch {
            throw RegistryError(.manifestInvalid, "it is no manifest that can be copied: \(error)", underlying: error)
        }
        guard index.kind == .index, !platforms.isEmpty else {
            return CopyRun.Root(descriptor: stored.descriptor, manifest: stored)
        }
        let chosen = try platforms.map { try Self.child(of: index, for: $0) }
        if !isSparse, platforms.count == 1, let child = chosen.first { return CopyRun.Root(descriptor: child) }
        let digests = Set(chosen.map(\.digest))
        let kept = digests.union(index.manifests.filter { $0.isAttestation(of: digests) }.map(\.digest))
        if isSparse { return CopyRun.Root(descriptor: stored.descriptor, manifest: stored, children: kept) }
        let positions = index.manifests.indices.filter { kept.contains(index.manifests[$0].digest) }
        let made = IndexText(bytes).keeping(Set(positions))
        let digest = ContentHash.digest(of: made, stored.digest.algorithm)
        let manifest = StoredManifest(digest: digest, mediaType: index.mediaType, bytes: ByteBuffer(bytes: made))
        return CopyRun.Root(descriptor: manifest.descriptor, manifest: manifest)
    }

    /// The first of those children that fit best.
    private static func child(of index: Manifest, for platform: Platform) throws -> Descriptor {
        let fitting = index.manifests.compactMap { child -> (Descriptor, Int)? in
            child.platform.flatMap { platform.distance(to: $0) }.map { (child, $0) }
        }
        guard let best = fitting.min(by: { $0.1 < $1.1 }) else {
            let offered = index.manifests.compactMap { $0.platform?.description }.filter { $0 != "unknown/unknown" }
            let list = offered.isEmpty ? "it names no platforms" : "it has \(offered.joined(separator: ", "))"
            throw RegistryError(.manifestUnknown, "there is no image for \(platform) in the index: \(list)")
        }
        return best.0
    }
}

extension Descriptor {
    /// Whether it is what BuildKit says about how one of these images was built, which lies beside them in an index.
    fileprivate func isAttestation(of images: Set<Digest>) -> Bool {
        annotations.contains { annotation in
            annotation.name == "vnd.docker.reference.digest" && images.contains { $0.description == annotation.value }
        }
    }
}
