/// Tar archives and their compression, read and written as streams.
///
/// Nothing here knows of images. Whatever is read may lie: each number, name and length from an archive is checked and
/// bounded before it is used, and no entry reaches the file system from here.
public enum ArchiveFormat: Sendable, Hashable, CaseIterable {
    /// Not compressed.
    case plain
    /// gzip (RFC 1952).
    case gzip
    /// Zstandard (RFC 8878).
    case zstd
}
