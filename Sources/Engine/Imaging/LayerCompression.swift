/// How a layer is compressed.
public enum LayerCompression: String, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// gzip, which every client reads.
    case gzip
    /// Zstandard, which newer clients read.
    case zstd
}
