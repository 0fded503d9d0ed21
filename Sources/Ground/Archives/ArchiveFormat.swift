/// Tar archives and their compression, read and written as streams.
///
/// Nothing here knows of images. Whatever is read may lie: each number, name and length from an archive is checked and
/// bounded before it is used, and no entry reaches the file system from here. Everything is synchronous and works on
/// bytes that are lent for the length of a call, so that threads and tasks can use it alike.
public enum ArchiveFormat: Sendable, Hashable, CaseIterable {
    /// Not compressed.
    case plain
    /// gzip (RFC 1952).
    case gzip
    /// Zstandard (RFC 8878).
    case zstd
}

extension ArchiveFormat {
    /// How many bytes ``init(magic:)`` wants to see, where there are as many.
    public static let magicByteCount = 6

    /// Tells the format of a stream by its first bytes; what is not known as compressed is plain.
    ///
    /// - Parameter bytes: The first ``magicByteCount`` bytes, fewer only where there are fewer.
    /// - Throws: `unsupported` for compressions that are known and not read.
    public init(magic bytes: some Collection<UInt8>) throws(ArchiveError) {
        let bytes = Array(bytes.prefix(Self.magicByteCount))
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if bytes.count >= 4, bytes[0] & 0xF0 == 0x50, bytes[1...3].elementsEqual([0x2A, 0x4D, 0x18]) {
            // A frame to be skipped (RFC 8878 section 3.1.2), as some writers begin with.
            self = .zstd
        } else if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            throw ArchiveError(.unsupported, "it is compressed with xz, which is not read: unpack it first", offset: 0)
        } else if bytes.starts(with: Array("BZh".utf8)) {
            throw ArchiveError(
                .unsupported,
                "it is compressed with bzip2, which is not read: unpack it first",
                offset: 0
            )
        } else {
            self = .plain
        }
    }
}
