import Archives
import OCI

/// The files of an image: what each layer did, what is to be seen in the end, and what was stored in vain.
public struct ImageContents: Sendable {
    /// What one layer did.
    public struct Layer: Sendable, Hashable {
        /// The layer as it is stored.
        public var descriptor: Descriptor
        /// The step of the image's history that made it.
        public var history: HistoryStep?
        /// The size of its tar archive without compression, in bytes.
        public var unpackedByteCount: Int64
        /// The bytes of the files in it.
        public var fileByteCount: Int64
        /// What it did, in bytewise order of the paths.
        public var changes: [FileChange]

        /// How many paths it added, changed or removed.
        public func count(of kind: FileChange.Kind) -> Int {
            changes.count { $0.kind == kind }
        }

        /// How many bytes of lower layers nobody can see any more because of it.
        public var hiddenByteCount: Int64 { changes.reduce(0) { $0 + $1.hiddenByteCount } }
    }

    /// A file of the image as it is run.
    public struct File: Sendable, Hashable {
        /// Where it is.
        public var path: EntryName
        /// What it is.
        public var facts: FileFacts
        /// The layer that it is from, counted from 0 for the lowest.
        public var layer: Int
    }

    /// A path at which bytes are stored that nobody can see.
    public struct Waste: Sendable, Hashable {
        /// Where.
        public var path: EntryName
        /// How often a file there was overwritten or removed.
        public var fileCount: Int
        /// The bytes of those files.
        public var byteCount: Int64
    }

    /// The layers, the lowest first.
    public var layers: [Layer]
    /// The files as they are to be seen in the end, in bytewise order of their paths.
    public var files: [File]
    /// The paths at which bytes are wasted, the worst first.
    public var waste: [Waste]

    /// The bytes of all files of all layers.
    public var fileByteCount: Int64 { layers.reduce(0) { $0 + $1.fileByteCount } }

    /// The bytes of files that a later layer overwrites or removes.
    public var wastedByteCount: Int64 { waste.reduce(0) { $0 + $1.byteCount } }

    /// How much of what is stored can be seen: 1 for all, less with each wasted byte.
    ///
    /// Where dive counts the larger of two files of one path as wasted, this counts the lower: it is the one that is
    /// hidden. For files that are removed, and for those that keep their size, both give the same.
    public var efficiency: Double {
        fileByteCount == 0 ? 1 : 1 - Double(wastedByteCount) / Double(fileByteCount)
    }
}

/// What is read of layers at most.
///
/// Whoever made an image decides what its layers unpack to; whoever looks into it decides how much they put up with.
public struct ContentLimits: Sendable, Hashable {
    /// How many files all layers may have together, folders that no layer names among them.
    public var entryCountMax = 1_000_000
    /// How many bytes all paths of all layers may have together.
    public var pathByteCountMax = 256 << 20
    /// How many bytes a layer may unpack to.
    public var unpackedByteCountMax: Int64 = 64 << 30
    /// How many times its stored size a layer may unpack to, once it is larger than ``ratioFreeByteCount``.
    public var ratioMax: Int64 = 500
    /// Up to here a layer may unpack to whatever it likes, in bytes: small ones hurt nobody.
    public var ratioFreeByteCount: Int64 = 32 << 20

    /// Limits that images in use keep well below.
    public init() {}

    /// The same for a decompressor.
    var expansion: ExpansionLimit {
        ExpansionLimit(byteCountMax: unpackedByteCountMax, ratioMax: ratioMax, byteCountFree: ratioFreeByteCount)
    }
}
