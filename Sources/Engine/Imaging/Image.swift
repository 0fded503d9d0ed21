import OCI

/// A manifest with its bytes and what was read from them.
public struct ReadManifest: Hashable, Sendable {
    /// Its digest.
    public var digest: Digest
    /// The very bytes.
    public var bytes: [UInt8]
    /// What they say.
    public var manifest: Manifest

    /// Puts together what belongs together.
    public init(digest: Digest, bytes: [UInt8], manifest: Manifest) {
        self.digest = digest
        self.bytes = bytes
        self.manifest = manifest
    }

    /// A descriptor of it, as an index or a referrer may name it.
    public var descriptor: Descriptor {
        Descriptor(mediaType: manifest.mediaType, digest: digest, size: Int64(bytes.count))
    }
}

/// One image: its manifest and its config.
public struct Image: Hashable, Sendable {
    /// What the reference named: the index that the image was chosen from, or the manifest itself.
    public var root: ReadManifest
    /// The manifest of the image.
    public var manifest: ReadManifest
    /// Its config.
    public var config: ImageConfig

    /// Puts together what belongs together.
    public init(root: ReadManifest, manifest: ReadManifest, config: ImageConfig) {
        self.root = root
        self.manifest = manifest
        self.config = config
    }

    /// The layers as they are stored, the lowest first.
    public var layers: [Descriptor] { manifest.manifest.layers }

    /// What it runs on: what the index says, or the config.
    public var platform: Platform? {
        root.manifest.manifests.first { $0.digest == manifest.digest }?.platform ?? config.platform
    }

    /// How it was made, each step with the layer that it made.
    public var steps: [ImageStep] {
        ImageStep.joined(config.history, layers: layers, diffIDs: config.diffIDs)
    }

    /// What a registry keeps for it: layers, config and manifest, in bytes.
    public var storedByteCount: Int64 {
        let sizes = layers.map(\.size) + [manifest.manifest.config?.size ?? 0, Int64(manifest.bytes.count)]
        return sizes.reduce(0) { sum, size in
            let (total, isTooLarge) = sum.addingReportingOverflow(size)
            return isTooLarge ? .max : total
        }
    }
}
