import Glibc

/// A file of this machine and what it is to be in an image.
struct CollectedFile {
    /// Where it is to be.
    var path: EntryName
    /// What it is to be.
    var facts: FileFacts
    /// Where it is, for the system; empty for a folder that is only needed to put others in.
    var source: [UInt8]
    /// Device and number, for a file that has more names than one.
    var identity: Identity?

    /// What tells one file from another, whatever its names.
    struct Identity: Hashable {
        var device: UInt64
        var number: UInt64
    }
}

/// Finds the files that sources name, in an order that does not depend on the machine.
///
/// Links are kept as links and never followed. Sockets, devices and pipes are refused: what they would mean elsewhere
/// nobody knows. Two sources may name one folder, but not one file.
struct FileCollector {
    /// The most files that one layer gets.
    static let fileCountMax = 1_000_000

    /// The time that all files get, in seconds since 1970.
    let modified: Int64
    /// Whether folders that nobody names, but that others lie in, are made too.
    let addsParents: Bool
    private var files: [CollectedFile] = []

    init(modified: Int64, addsParents: Bool) {
        self.modified = modified
        self.addsParents = addsParents
    }

    /// The files of all sources, in bytewise order of their paths in the image.
    static func files(
        of sources: [FileSource],
        modified: Int64,
        addsParents: Bool
    ) throws(ImagingError) -> [CollectedFile] {
        var collector = FileCollector(modified: modified, addsParents: addsParents)
        for source in sources { try collector.collect(source) }
        if addsParents { collector.addParents() }
        return try collector.sorted()
    }

    // MARK: - Walking

    private mutating func collect(_ source: FileSource) throws(ImagingError) {
        guard let target = Self.target(source.target) else {
            throw ImagingError(
                .requestInvalid,
                "\(source.target) is no path in an image: it must be absolute, without . and .. in it."
            )
        }
        let top = Array(source.path.utf8)
        let status = try Self.status(of: top, follows: true)
        guard status.st_mode & S_IFMT != S_IFDIR else {
            try add(top, status, at: target, for: source)
            return try walk(top, target, source)
        }
        var path = target
        if path.isEmpty || source.target.hasSuffix("/") {
            let name = top.split(separator: UInt8(ascii: "/")).last ?? []
            path = EntryName(bytes: target.bytes + (target.bytes.isEmpty ? [] : [UInt8(ascii: "/")]) + name)
        }
        try add(top, status, at: path, for: source)
    }

    private mutating func walk(_ top: [UInt8], _ target: EntryName, _ source: FileSource) throws(ImagingError) {
        var rest = [(folder: top, path: target)]
        while let (folder, path) = rest.popLast() {
            for name in try Self.names(in: folder) {
                let file = folder + [UInt8(ascii: "/")] + name
                let its = EntryName(bytes: path.bytes + (path.bytes.isEmpty ? [] : [UInt8(ascii: "/")]) + name)
                let status = try Self.status(of: file, follows: false)
                try add(file, status, at: its, for: source)
                if status.st_mode & S_IFMT == S_IFDIR { rest.append((file, its)) }
            }
        }
    }

    private mutating func add(
        _ file: [UInt8],
        _ status: stat,
        at path: EntryName,
        for source: FileSource
    ) throws(ImagingError) {
        guard !path.isEmpty else { return }
        guard files.count < Self.fileCountMax else {
            throw ImagingError(.limitExceeded, "There are more than \(Self.fileCountMax) files for one layer.")
        }
        var facts = FileFacts(kind: .file, owner: source.owner, group: source.group, modified: modified)
        var identity: CollectedFile.Identity?
        switch status.st_mode & S_IFMT {
        case S_IFDIR: facts.kind = .directory
        case S_IFLNK:
            facts.kind = .symbolicLink
            facts.linkTarget = try Self.linkTarget(of: file)
        case S_IFREG:
            facts.size = Int64(status.st_size)
            if status.st_nlink > 1 { identity = .init(device: UInt64(status.st_dev), number: UInt64(status.st_ino)) }
        default:
            throw ImagingError(
                .fileUnusable,
                "\(Self.text(file)) is a socket, device or pipe, which cannot be put into an image. Leave it out."
            )
        }
        facts.mode = Self.mode(of: status, facts.kind, source.mode)
        files.append(CollectedFile(path: path, facts: facts, source: file, identity: identity))
    }

    private static func mode(of status: stat, _ kind: FileFacts.Kind, _ rule: FileSource.ModeRule) -> UInt16 {
        guard kind != .symbolicLink else { return 0o777 }
        switch rule {
        case .kept: return UInt16(truncatingIfNeeded: status.st_mode & 0o7777)
        case .fixed(let mode): return mode & 0o7777
        case .normalized: return kind == .directory || status.st_mode & S_IXUSR != 0 ? 0o755 : 0o644
        }
    }

    // MARK: - Order

    private mutating func addParents() {
        var known = Set(files.map(\.path))
        for file in files {
            var path = file.path
            while let parent = path.parent, known.insert(parent).inserted {
                let facts = FileFacts(kind: .directory, mode: 0o755, modified: modified)
                files.append(CollectedFile(path: parent, facts: facts, source: [], identity: nil))
                path = parent
            }
        }
    }

    private func sorted() throws(ImagingError) -> [CollectedFile] {
        // Sources keep their order where they name one folder: the first decides what it is.
        let order = files.indices.sorted { (files[$0].path, $0) < (files[$1].path, $1) }
        var sorted: [CollectedFile] = []
        var first: [CollectedFile.Identity: EntryName] = [:]
        let others = Set(files.filter { $0.facts.kind != .directory }.map(\.path))
        for var file in order.map({ files[$0] }) {
            if let last = sorted.last, last.path == file.path {
                guard last.facts.kind == .directory, file.facts.kind == .directory else {
                    throw ImagingError(
                        .requestInvalid,
                        "Two sources name /\(file.path): give one of them another path."
                    )
                }
                continue
            }
            var path = file.path
            while let parent = path.parent {
                guard !others.contains(parent) else {
                    throw ImagingError(.requestInvalid, "/\(parent) is a file, and so nothing can lie in it.")
                }
                path = parent
            }
            if let identity = file.identity {
                if let known = first[identity] {
                    file.facts.kind = .hardLink
                    file.facts.size = 0
                    file.facts.linkTarget = known
                } else {
                    first[identity] = file.path
                }
            }
            sorted.append(file)
        }
        return sorted
    }

    // MARK: - The system

    /// The components of an absolute path, joined again; nil when it is none.
    static func target(_ text: String) -> EntryName? {
        guard text.hasPrefix("/"), !text.utf8.contains(0) else { return nil }
        let components = text.split(separator: "/")
        guard !components.contains("."), !components.contains("..") else { return nil }
        return EntryName(components.joined(separator: "/"))
    }

    private static func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }

    private static func failure(_ what: String, _ path: [UInt8]) -> ImagingError {
        ImagingError(.fileUnusable, "\(text(path)) \(what): \(String(cString: strerror(errno))).")
    }

    private static func cString(_ path: [UInt8]) -> [CChar] {
        path.map { CChar(bitPattern: $0) } + [0]
    }

    private static func status(of path: [UInt8], follows: Bool) throws(ImagingError) -> stat {
        var status = stat()
        let flags = follows ? 0 : AT_SYMLINK_NOFOLLOW
        guard fstatat(AT_FDCWD, cString(path), &status, flags) == 0 else { throw failure("cannot be read", path) }
        return status
    }

    private static func names(in folder: [UInt8]) throws(ImagingError) -> [[UInt8]] {
        guard let stream = opendir(cString(folder)) else { throw failure("cannot be opened", folder) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        guard errno == 0 else { throw failure("cannot be listed", folder) }
        return names
    }

    private static func linkTarget(of path: [UInt8]) throws(ImagingError) -> EntryName {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(cString(path), &buffer, buffer.count)
        guard count > 0 else { throw failure("cannot be read", path) }
        return EntryName(bytes: buffer.prefix(count).map { UInt8(bitPattern: $0) })
    }
}

extension EntryName {
    /// Whether it is the path of the root.
    var isEmpty: Bool { bytes.isEmpty }

    /// The path of the folder that it lies in; nil for what lies in the root.
    var parent: EntryName? {
        bytes.lastIndex(of: UInt8(ascii: "/")).map { EntryName(bytes: Array(bytes[..<$0])) }
    }
}
