import Archives
import Glibc

/// The archive of a folder, as an artifact carries one, on its way back to this machine.
///
/// It is read twice: first it is looked at from end to end, so that one that lies is refused before anything is
/// written. Files, folders and symbolic links are taken; owners and times are not.
struct ArtifactFolder {
    private let file: TemporaryFile
    private let title: String
    private let limits: ContentLimits

    /// Looks at an archive.
    init(_ file: TemporaryFile, title: String, limits: ContentLimits) throws {
        (self.file, self.title, self.limits) = (file, title, limits)
        var seen: Set<[UInt8]> = []
        let budget = ReadingBudget(limits)
        try forEachEvent { event in
            guard case .entry(let entry, _) = event else { return }
            try budget.spend(pathByteCount: entry.name.count + entry.target.count)
            let name = try name(of: entry)
            guard seen.insert(Array(name.utf8)).inserted || entry.kind == .folder else {
                throw ArchiveError(.malformed, "two entries are called \(name)")
            }
            switch entry.kind {
            case .file, .folder: break
            case .symbolicLink where Self.staysInside(entry): break
            default:
                throw ArchiveError(.unsafePath, "\(name) is a device, or a link that leads out of the folder")
            }
        }
    }

    /// Writes what is in it below its title.
    func write(into output: OutputFolder) throws {
        var links: [(name: String, target: String)] = []
        var open: OutputFile?
        try output.makeFolder(title)
        try forEachEvent { event in
            switch event {
            case .entry(let entry, _):
                let name = try name(of: entry)
                switch entry.kind {
                case .folder: try output.makeFolder(name)
                case .symbolicLink: links.append((name, String(decoding: entry.target, as: UTF8.self)))
                default: open = try output.begin(name, mode: entry.mode & 0o111 == 0 ? 0o666 : 0o777)
                }
            case .data(let bytes): try open?.append(bytes)
            case .entryEnd:
                try open?.commit()
                open = nil
            }
        }
        for link in links { try output.makeLink(link.name, to: link.target) }
    }

    /// Where an entry goes; ORAS writes names with the title in front, others without.
    private func name(of entry: TarEntry) throws -> String {
        let components = try EntryPath.components(of: entry.name)
        guard let path = String(validating: components.joined(separator: [UInt8(ascii: "/")]), as: UTF8.self) else {
            throw ArchiveError(.unsupported, "a name in it is no UTF-8")
        }
        let hasTitle = path == title || path.hasPrefix(title + "/")
        let name = path.isEmpty ? title : hasTitle ? path : "\(title)/\(path)"
        guard OutputFolder.components(of: name) != nil else {
            throw ArchiveError(.unsafePath, "the name \(name.prefix(200)) is not safe to write a file by")
        }
        return name
    }

    /// Whether what a link points to lies in the archive.
    ///
    /// Steps upwards may only stand at its beginning, where they go through folders of the archive: further behind they
    /// could go up from wherever another link leads.
    private static func staysInside(_ entry: TarEntry) -> Bool {
        guard let first = entry.target.first, first != UInt8(ascii: "/"), !entry.target.contains(0) else {
            return false
        }
        let folders = entry.name.split(separator: UInt8(ascii: "/")).count { !$0.elementsEqual([0x2E]) } - 1
        let parts = entry.target.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual([0x2E]) }
        let isStepUp = { (part: ArraySlice<UInt8>) in part.elementsEqual([0x2E, 0x2E]) }
        let stepsUp = parts.prefix(while: isStepUp).count
        return stepsUp <= folders && !parts.dropFirst(stepsUp).contains(where: isStepUp)
    }

    private func forEachEvent(_ body: (TarReader.Event) throws -> Void) throws {
        let decompressor = try Decompressor(limit: limits.expansion)
        var archive = TarReader()
        try file.forEachBatch { bytes in
            try decompressor.read(bytes) { try archive.read($0, body) }
        }
        try decompressor.finish { try archive.read($0, body) }
        try archive.finish()
    }
}
