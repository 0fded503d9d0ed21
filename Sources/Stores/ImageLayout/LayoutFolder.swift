import Documents
import Glibc
import OCI
import RegistryContract
import Synchronization

/// A layout folder, and what its files mean (image specification, image-layout.md).
///
///     DIR/
///       oci-layout            says the version; locked with flock(2) while the index is changed
///       index.json            what is named; replaced by rename(2)
///       index.json.new        the next one, while it is written
///       blobs/                locked, shared, by whoever brings blobs in; alone, by whoever collects
///         sha256/
///           4f0a…             content under its digest: whole and compared before it got this name
///       ingest/
///         wharf-6b1c…         an upload in progress, locked by its writer; removed by the next one when that died
///         wharf-part-sha256-… the beginning of a blob, locked by its writer; if that ended early, the next one that
///                             brings the blob goes on with it, and after a week it is removed
///
/// The locks are the kernel's: they go with the process that holds them, however that ends.
struct LayoutFolder: LayoutSource {
    /// The version of layouts that is read and written.
    static let version = "1.0.0"

    /// The path, as it was given.
    let path: String
    private let seen = IndexCache()

    init(path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    var name: String { "the OCI layout \(path)" }
    var versionFile: String { "\(path)/oci-layout" }
    var indexFile: String { "\(path)/index.json" }
    var blobs: String { "\(path)/blobs" }
    var ingest: String { "\(path)/ingest" }

    /// The folder of the blobs of an algorithm.
    func folder(_ algorithm: Digest.Algorithm) -> String {
        "\(blobs)/\(algorithm.rawValue)"
    }

    /// The file of a blob.
    func file(_ digest: Digest) -> String {
        "\(folder(digest.algorithm))/\(digest.encoded)"
    }

    // MARK: - Reading

    func index() throws -> LayoutIndex {
        guard let version = try LayoutFile(versionFile), try version.byteCount() > 0 else { throw missing }
        try Self.checkVersion(try version.bytes(count: 4096), name)
        guard let file = try LayoutFile(indexFile) else { throw missing }
        return try seen.index(of: file, in: name)
    }

    func open(_ digest: Digest) throws -> BlobContent? {
        guard let file = try LayoutFile(file(digest)) else { return nil }
        let source = OpenDescriptor(descriptor: file.descriptor, owner: file)
        return BlobContent(byteCount: try file.byteCount(), source: .file(source))
    }

    func byteCount(of digest: Digest) throws -> Int64? {
        var found = stat()
        guard lstat(file(digest), &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileProblem(.read, file(digest))
        }
        return found.st_mode & S_IFMT == S_IFREG ? Int64(found.st_size) : nil
    }

    private var missing: RegistryError {
        RegistryError(
            .nameUnknown,
            "There is no OCI layout in \(path): it has no oci-layout or no index.json. Check the path."
        )
    }

    /// Refuses another version than ours.
    static func checkVersion(_ bytes: [UInt8], _ name: String) throws {
        guard case .string(let version)? = (try? JSONValue(json: bytes))?["imageLayoutVersion"] else {
            throw RegistryError(.unsupported, "The file oci-layout of \(name) does not say a version.")
        }
        guard version == Self.version else {
            throw RegistryError(
                .unsupported,
                "\(name.prefix(1).uppercased() + name.dropFirst()) has the version \(version.prefix(40)); only "
                    + "\(Self.version) is read."
            )
        }
    }

    // MARK: - Writing

    /// Makes the folder ready for uploads, when it is a layout, is empty, or is not there.
    func prepare() throws {
        try Self.makeFolders(path)
        if try LayoutFile(versionFile) == nil { try refuseStrangers() }
        try Self.makeFolder(ingest)
        // What is left there of broken runs is removed.
        try Self.demandNoLink(ingest)
    }

    private func refuseStrangers() throws {
        let strangers = try Self.names(in: path).subtracting(["ingest", "blobs", "lost+found"]).sorted()
        guard let first = strangers.first else { return }
        throw RegistryError(
            .unsupported,
            "\(path) is no OCI layout and is not empty (it has \(first)). Choose an empty folder, or a path where "
                + "nothing is."
        )
    }

    /// Changes the index, alone among all programs that change it so: reads it, lets `body` change it, replaces it.
    ///
    /// Makes a layout of the folder if it is none yet. Durable on return.
    func changeIndex<Result>(_ body: (inout LayoutIndex) throws -> Result) throws -> Result {
        let lock = try locked()
        defer { withExtendedLifetime(lock) {} }
        var index = LayoutIndex()
        var old: [UInt8]?
        if let file = try LayoutFile(indexFile) {
            index = try seen.index(of: file, in: name)
            old = index.json()
        }
        let result = try body(&index)
        let bytes = index.json()
        guard bytes != old else { return result }
        try replaceIndex(bytes)
        return result
    }

    private func replaceIndex(_ bytes: [UInt8]) throws {
        let path = "\(indexFile).new"
        guard let file = try LayoutFile(path, for: .writing) else { throw missing }
        do {
            try file.truncate(to: 0)
            try file.write(bytes)
            try file.synchronize()
            guard rename(path, indexFile) == 0 else { throw FileProblem(.write, indexFile) }
        } catch {
            unlink(path)
            throw error
        }
        try Self.synchronizeFolder(self.path)
    }

    /// The version file, locked; it is written when it is new.
    ///
    /// Waits up to 30 seconds: nobody holds the lock for longer than a change of the index takes.
    private func locked() throws -> LayoutFile {
        for _ in 0..<3000 {
            guard let file = try LayoutFile(versionFile, for: .writing) else { throw missing }
            guard try file.lock(LOCK_EX) else {
                usleep(10_000)
                continue
            }
            // Another program may have put another file there meanwhile.
            var found = stat()
            guard lstat(versionFile, &found) == 0, found.st_ino == (try file.status()).st_ino else { continue }
            if try file.byteCount() == 0 {
                try file.write(Array(#"{"imageLayoutVersion":"\#(Self.version)"}"#.utf8))
                try file.synchronize()
                try Self.makeFolder(blobs)
            }
            return file
        }
        throw RegistryError(
            .unavailable,
            "Another program has kept \(versionFile) locked for half a minute. Wait for it, or end it."
        )
    }
}

// MARK: - Folders

extension LayoutFolder {
    /// Makes a folder; not an error when it is there.
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileProblem(.write, path) }
    }

    /// Refuses a link: a layout that came from elsewhere could have files of another folder deleted by it.
    static func demandNoLink(_ path: String) throws {
        var found = stat()
        guard lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFLNK else { return }
        throw RegistryError(
            .unsupported,
            "\(path) is a link: nothing is deleted behind it. Put the folder in its place that it leads to."
        )
    }

    /// Makes a folder and those above it that are missing.
    static func makeFolders(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw FileProblem(.write, path)
        }
        try makeFolders(String(path[..<slash]))
        try makeFolder(path)
    }

    /// Every name in a folder but `.` and `..`; none when there is no such folder.
    static func names(in folder: String) throws -> Set<String> {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw FileProblem(.read, folder)
        }
        defer { closedir(stream) }
        var names: Set<String> = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.insert(name) }
        }
        return names
    }

    /// Makes the names in a folder durable.
    static func synchronizeFolder(_ path: String) throws {
        guard let folder = FolderHandle(path) else { throw FileProblem(.read, path) }
        // Some file systems cannot do this to a folder; what they promise then is theirs.
        guard fsync(folder.descriptor) == 0 || errno == EINVAL else { throw FileProblem(.write, path) }
    }
}

/// An open folder; a lock on it ends with it.
final class FolderHandle: Sendable {
    let descriptor: CInt

    init?(_ path: String) {
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit {
        // A process that this one just begins has it open too, until it runs its program: closing alone keeps the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

/// The index as it was last read, as long as the file is that one.
private final class IndexCache: Sendable {
    private struct Stamp: Equatable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64

        init(_ found: stat) {
            device = UInt64(found.st_dev)
            inode = UInt64(found.st_ino)
            size = Int64(found.st_size)
            seconds = Int64(found.st_mtim.tv_sec)
            nanoseconds = Int64(found.st_mtim.tv_nsec)
        }
    }

    private let last = Mutex<(stamp: Stamp, index: LayoutIndex)?>(nil)

    func index(of file: LayoutFile, in name: String) throws -> LayoutIndex {
        let stamp = Stamp(try file.status())
        if let index = last.withLock({ $0?.stamp == stamp ? $0?.index : nil }) { return index }
        guard stamp.size <= LayoutIndex.byteCountMax else {
            throw RegistryError(
                .manifestTooLarge,
                "The index.json of \(name) has \(stamp.size) bytes, and may have \(LayoutIndex.byteCountMax)."
            )
        }
        let bytes = try file.bytes(count: Int(stamp.size))
        do throws(LayoutProblem) {
            let index = try LayoutIndex(parsing: bytes)
            last.withLock { $0 = (stamp, index) }
            return index
        } catch {
            throw RegistryError(.manifestInvalid, "The index.json of \(name) cannot be used: \(error.description).")
        }
    }
}
