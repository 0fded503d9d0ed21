import OCI

/// What a layer says of a file.
public struct FileFacts: Hashable, Sendable {
    /// What kind of file it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// A file with bytes of its own.
        case file
        /// A folder.
        case directory
        /// A link to a name.
        case symbolicLink
        /// Another name of a file of the same layer.
        case hardLink
        /// A device that is read by characters.
        case characterDevice
        /// A device that is read by blocks.
        case blockDevice
        /// A named pipe.
        case fifo
    }

    /// What kind of file it is.
    public var kind: Kind
    /// The twelve bits of its mode.
    public var mode: UInt16
    /// The number of its owner.
    public var owner: UInt32
    /// The number of its group.
    public var group: UInt32
    /// Its size in bytes; 0 for all but files.
    public var size: Int64
    /// When it was changed, in seconds since 1970.
    public var modified: Int64
    /// What a link points to.
    public var linkTarget: EntryName?
    /// The digest of its bytes, where that was asked for.
    public var digest: Digest?

    /// Describes a file.
    public init(
        kind: Kind,
        mode: UInt16 = 0o644,
        owner: UInt32 = 0,
        group: UInt32 = 0,
        size: Int64 = 0,
        modified: Int64 = 0,
        linkTarget: EntryName? = nil,
        digest: Digest? = nil
    ) {
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.group = group
        self.size = size
        self.modified = modified
        self.linkTarget = linkTarget
        self.digest = digest
    }

    /// Whether two are the same but for their time, which says nothing where content was compared.
    ///
    /// Of files whose bytes nobody looked at, another time is the only sign of other bytes.
    func matches(_ other: FileFacts) -> Bool {
        if kind == .file, digest == nil || other.digest == nil { return self == other }
        var other = other
        other.modified = modified
        return self == other
    }
}

/// What an entry of a layer does to the files below it (image specification, layer.md).
enum LayerItem: Sendable, Hashable {
    /// A file is there.
    case file(EntryName, FileFacts)
    /// A file of a lower layer, with all below it, is gone: `.wh.NAME`.
    case whiteout(EntryName)
    /// All that lower layers have in a folder is gone: `.wh..wh..opq`.
    case opaque(EntryName)

    private static let prefix = Array(".wh.".utf8)
    private static let ownPrefix = Array(".wh..wh.".utf8)
    private static let opaqueName = Array(".wh..wh..opq".utf8)

    /// Reads what a path means; nil for what AUFS kept for itself.
    init?(path: EntryName, facts: FileFacts) {
        let slash = path.bytes.lastIndex(of: UInt8(ascii: "/"))
        let name = path.bytes[(slash.map { $0 + 1 } ?? 0)...]
        let folder = EntryName(bytes: Array(path.bytes[..<(slash ?? 0)]))
        guard name.starts(with: Self.prefix) else {
            self = .file(path, facts)
            return
        }
        if name.elementsEqual(Self.opaqueName) {
            self = .opaque(folder)
        } else if name.starts(with: Self.ownPrefix) || name.count == Self.prefix.count {
            return nil
        } else {
            let hidden = folder.bytes + (folder.bytes.isEmpty ? [] : [UInt8(ascii: "/")])
            self = .whiteout(EntryName(bytes: hidden + name.dropFirst(Self.prefix.count)))
        }
    }
}

/// What a layer did to a file.
public struct FileChange: Hashable, Sendable {
    /// What a layer can do to a file.
    public enum Kind: String, Sendable {
        /// It was not there before.
        case added
        /// It was there, and is another now.
        case changed
        /// It was there, with all below it, and is no more.
        case removed
    }

    /// What the layer did.
    public var kind: Kind
    /// Where.
    public var path: EntryName
    /// What was there before.
    public var before: FileFacts?
    /// What is there now.
    public var after: FileFacts?
    /// How many bytes of files of lower layers nobody can see any more because of it.
    public var hiddenByteCount: Int64
    /// How many such files.
    public var hiddenFileCount: Int
}
