import Archives
import Hashing
import OCI
import Synchronization

/// Reads what is in a layer from its tar archive, as the bytes come.
struct LayerScanner {
    private var archive = TarReader()
    private let budget: ReadingBudget
    private let hashesFiles: Bool
    private var current: (path: EntryName, facts: FileFacts, hash: ContentHash?)?
    private var hash = ContentHash(.sha256)
    /// What was found, in the order of the archive.
    private(set) var items: [LayerItem] = []

    init(budget: ReadingBudget, hashesFiles: Bool) {
        self.budget = budget
        self.hashesFiles = hashesFiles
    }

    /// How many bytes of the archive were read.
    var byteCount: Int64 { hash.byteCount }

    /// The digest of the archive.
    var diffID: Digest { hash.digest() }

    /// Reads bytes of the archive, without compression.
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
        hash.update(bytes)
        // Taken out while it calls back into this value.
        var archive = TarReader()
        swap(&archive, &self.archive)
        defer { swap(&archive, &self.archive) }
        try archive.read(bytes) { event in
            switch event {
            case .entry(let entry, _): try begin(entry)
            case .data(let bytes): current?.hash?.update(bytes)
            case .entryEnd: end()
            }
        }
    }

    /// Says that there are no more bytes.
    mutating func finish() throws {
        try archive.finish()
    }

    private mutating func begin(_ entry: TarEntry) throws {
        guard let kind = FileFacts.Kind(entry.kind) else { return }
        // Some builders write absolute names: they mean the root of the image.
        let name = Array(entry.name.drop { $0 == UInt8(ascii: "/") })
        let components = name.isEmpty ? [] : try EntryPath.components(of: name)
        let path = EntryName(bytes: Array(components.joined(separator: [UInt8(ascii: "/")])))
        try budget.spend(pathByteCount: path.bytes.count + entry.target.count)
        let facts = FileFacts(
            kind: kind,
            mode: UInt16(truncatingIfNeeded: entry.mode & 0o7777),
            owner: UInt32(clamping: entry.userID),
            group: UInt32(clamping: entry.groupID),
            size: kind == .file ? entry.size : 0,
            modified: entry.modified.seconds,
            linkTarget: entry.target.isEmpty ? nil : EntryName(bytes: entry.target)
        )
        current = (path, facts, hashesFiles && kind == .file ? ContentHash(.sha256) : nil)
    }

    private mutating func end() {
        guard var entry = current else { return }
        current = nil
        entry.facts.digest = entry.hash?.digest()
        if let item = LayerItem(path: entry.path, facts: entry.facts) { items.append(item) }
    }
}

/// How much the layers of an image may still bring; shared by those that are read at once.
final class ReadingBudget: Sendable {
    private let limits: ContentLimits
    private let spent = Mutex((entries: 0, pathBytes: 0))

    init(_ limits: ContentLimits) {
        self.limits = limits
    }

    /// Takes note of one more entry.
    func spend(pathByteCount: Int) throws(ImagingError) {
        let now = spent.withLock { spent in
            spent.entries += 1
            spent.pathBytes += pathByteCount
            return spent
        }
        guard now.entries <= limits.entryCountMax, now.pathBytes <= limits.pathByteCountMax else {
            throw ImagingError(
                .limitExceeded,
                "The layers have more than \(limits.entryCountMax) files, or more than \(limits.pathByteCountMax) bytes"
                    + " of names, which is the limit for reading them."
            )
        }
    }
}

extension FileFacts.Kind {
    /// The kind of an entry of a tar archive; nil for what no file system has.
    init?(_ kind: TarEntry.Kind) {
        switch kind {
        case .file: self = .file
        case .hardLink: self = .hardLink
        case .symbolicLink: self = .symbolicLink
        case .characterDevice: self = .characterDevice
        case .blockDevice: self = .blockDevice
        case .folder: self = .directory
        case .pipe: self = .fifo
        case .other: return nil
        }
    }

    /// The kind of entry that it is in a tar archive.
    var tarKind: TarEntry.Kind {
        switch self {
        case .file: .file
        case .hardLink: .hardLink
        case .symbolicLink: .symbolicLink
        case .characterDevice: .characterDevice
        case .blockDevice: .blockDevice
        case .directory: .folder
        case .fifo: .pipe
        }
    }
}
