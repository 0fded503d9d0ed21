import OCI

/// A layer that was made here: its bytes in a temporary file, and what is known of it.
public struct LayerDraft: Sendable {
    /// The digest of the bytes as they are stored.
    public let digest: Digest
    /// The digest of the tar archive without compression.
    public let diffID: Digest
    /// How it is compressed.
    public let compression: LayerCompression
    /// What the image's history is to say of it.
    public var history: HistoryStep
    /// Annotations of its descriptor.
    public var annotations: Annotations = [:]
    /// The bytes.
    let file: TemporaryFile

    /// Describes a layer that is finished.
    init(digest: Digest, diffID: Digest, compression: LayerCompression, history: HistoryStep, file: TemporaryFile) {
        self.digest = digest
        self.diffID = diffID
        self.compression = compression
        self.history = history
        self.file = file
    }

    /// The size as it is stored, in bytes.
    public var byteCount: Int64 { file.byteCount }
}

extension LayerCompression {
    /// The media type of a layer in a manifest of OCI's or Docker's kind.
    func mediaType(in manifest: MediaType) -> MediaType? {
        let isDocker = manifest == .dockerManifest
        return switch (self, isDocker) {
        case (.none, false): MediaType("application/vnd.oci.image.layer.v1.tar")
        case (.gzip, false): MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
        case (.zstd, false): MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
        case (.none, true): MediaType("application/vnd.docker.image.rootfs.diff.tar")
        case (.gzip, true): MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
        case (.zstd, true): MediaType("application/vnd.docker.image.rootfs.diff.tar.zstd")
        }
    }
}
