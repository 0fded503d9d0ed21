import Glibc

/// A file that is changed as a whole: read, changed and put in place of the old one, by one program at a time.
///
/// The new text is written to a file beside it, brought to the disk and renamed, so that a reader sees the old file or
/// the new one. A link is followed to the file that it leads to. Beside it stays `.NAME.lock`, an empty file, which
/// says who is at work: to remove it would let two in at once.
struct FileRewrite {
    /// How long others are waited for.
    static let lockTimeMax = Duration.seconds(20)
    /// How many links may lead to one another; what the kernel takes.
    private static let linkCountMax = 40

    /// The file itself, no link.
    let path: String
    private let folder: String
    private let name: String

    /// Finds the file that a path leads to, which need not be there.
    init(_ path: String) throws(ToolFileProblem) {
        let real = try Self.resolved(path)
        self.path = real
        let slash = real.lastIndex(of: "/")
        folder = slash.map { $0 == real.startIndex ? "/" : String(real[..<$0]) } ?? "."
        name = slash.map { String(real[real.index(after: $0)...]) } ?? real
    }

    /// Changes the file; `change` gets the old text, nil where there is none, and gives the new one, nil for no change.
    func perform(
        _ change: (FileText?) throws(ToolFileProblem) -> [UInt8]?
    ) throws(ToolFileProblem) {
        try makeFolder()
        let lock = try locked()
        defer { close(lock) }
        guard let bytes = try change(try FileText(reading: path)) else { return }
        try replace(with: bytes)
    }

    private func replace(with bytes: [UInt8]) throws(ToolFileProblem) {
        let draft = "\(folder)/.\(name).\(UInt64.random(in: .min ... .max))"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw problem("a new file cannot be made beside it") }
        defer { close(file) }
        do throws(ToolFileProblem) {
            try write(bytes, to: file)
            // Under sudo the file stays its owner's.
            if let old = FileFacts(path), old.owner != getuid() || old.group != getgid() {
                _ = fchown(file, old.owner, old.group)
            }
            guard fsync(file) == 0 else { throw problem("the disk does not take it") }
            guard rename(draft, path) == 0 else { throw problem("it cannot be put in place") }
        } catch {
            unlink(draft)
            throw error
        }
        let above = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard above >= 0 else { return }
        fsync(above)
        close(above)
    }

    private func write(_ bytes: [UInt8], to file: CInt) throws(ToolFileProblem) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw problem("it cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    /// An open file that nobody else has locked; the lock goes when it is closed, or when the process ends.
    private func locked() throws(ToolFileProblem) -> CInt {
        let lock = open("\(folder)/.\(name).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw problem("a lock file cannot be made beside it") }
        let end = ContinuousClock.now + Self.lockTimeMax
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < end else {
                close(lock)
                throw problem("another program has held \(folder)/.\(name).lock for \(Self.lockTimeMax)")
            }
            usleep(2000)
        }
        return lock
    }

    /// Makes the folder and those above it, for its owner alone.
    private func makeFolder() throws(ToolFileProblem) {
        guard FileFacts(folder) == nil else { return }
        var made = ""
        for part in folder.split(separator: "/") {
            made += made.isEmpty && !folder.hasPrefix("/") ? "\(part)" : "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST || FileFacts(made)?.isFolder == true else {
                throw problem("the folder \(made) cannot be made")
            }
        }
    }

    private func problem(_ what: String) -> ToolFileProblem {
        let message = "the file cannot be changed: \(what): \(ToolFileProblem.systemReason)"
        return ToolFileProblem(.unwritableFile, path: path, message)
    }

    /// Where links lead, to something or to nothing.
    private static func resolved(_ path: String) throws(ToolFileProblem) -> String {
        var path = path
        for _ in 0..<linkCountMax {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &target, target.count)
            guard count > 0 else { return path }
            let link = String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let above = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            path = link.hasPrefix("/") ? link : above + link
        }
        throw ToolFileProblem(.unwritableFile, path: path, "links lead in a circle; remove one")
    }
}
