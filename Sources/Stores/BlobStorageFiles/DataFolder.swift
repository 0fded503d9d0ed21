import BlobStorage
import Glibc

/// The folder that holds everything that a registry keeps: who may use it, and of which format it is.
///
///     DIR/
///       lock        held with flock(2) while a process serves the folder; says its process id
///       version     the number of the format, in decimal digits
///       blobs/      see ``FileBlobStore``
///
/// The lock is the kernel's: it goes with the process that holds it, however that ends. The file itself stays.
public final class DataFolder: Sendable {
    /// What a folder is opened for.
    public enum Purpose: Sendable, Hashable {
        /// To serve it and change it: alone. The folder is made when it is missing.
        case serving
        /// To look at it, whether or not another process serves it meanwhile. Nothing is made or changed.
        case inspecting
        /// To move away what it holds: alone, and nothing is made or changed.
        case leaving
        /// To move an installation into it: as for serving.
        case filling

        /// Whether something may be made and changed.
        public var writes: Bool { self == .serving || self == .filling }
    }

    /// The format that this program reads and writes.
    public static let formatVersion = 1

    /// The absolute path, without symbolic links.
    public let path: String
    private let calls: any FileSystemCalls
    private let lock: OpenedFile?

    /// Where the blobs are.
    public var blobs: String { "\(path)/blobs" }

    /// Opens the folder at `path`, which may be relative to the current folder.
    ///
    /// Blocks: for the start of a program. Throws ``BlobStoreError/Code/unusable`` with a sentence for the operator
    /// when the folder is missing (to inspect it), cannot be written, is in use, or is of another format.
    public static func open(
        _ path: String,
        for purpose: Purpose,
        calls: any FileSystemCalls = SystemCalls()
    ) throws -> DataFolder {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        do {
            if purpose.writes { try makeFolder(path, calls) }
            guard let resolved = realpath(path, nil) else { throw SystemCallError("realpath", path, errno) }
            defer { free(resolved) }
            let absolute = String(cString: resolved)
            guard try calls.status(at: absolute).kind == .folder else {
                throw BlobStoreError(.unusable, "The data folder \(path) is not a folder. Choose another path.")
            }
            let lock =
                switch purpose {
                case .inspecting: nil as OpenedFile?
                case .leaving: try holdLock(absolute, calls)
                case .serving, .filling: try takeLock(absolute, calls)
                }
            let folder = DataFolder(path: absolute, calls: calls, lock: lock)
            try folder.checkVersion(writing: purpose.writes)
            return folder
        } catch let error as SystemCallError where error.isForbidden {
            throw BlobStoreError(
                .unusable,
                "The data folder \(path) cannot be \(purpose.writes ? "written" : "read"): \(error.reason) "
                    + "(\(error.call) \(error.path)). Give its owner to the user that runs wharf, or choose another "
                    + "folder."
            )
        } catch let error as SystemCallError where error.isFull {
            throw BlobStoreError(
                .unusable,
                "The disk is full: the data folder \(path) cannot be opened (\(error)). Free some room."
            )
        } catch let error as SystemCallError {
            throw BlobStoreError(.unusable, "The data folder \(path) cannot be opened: \(error).")
        }
    }

    private init(path: String, calls: any FileSystemCalls, lock: OpenedFile?) {
        self.path = path
        self.calls = calls
        self.lock = lock
    }

    deinit {
        guard let lock else { return }
        calls.unlock(lock)
        calls.close(lock)
    }

    /// Makes a folder and those above it that are missing, durably.
    private static func makeFolder(_ path: String, _ calls: any FileSystemCalls) throws {
        let above = path.hasPrefix("/") ? parent(of: path) : parent(of: "./\(path)")
        do {
            try calls.makeFolder(path)
        } catch {
            if error.isExisting { return }
            guard error.isMissing, above != path else { throw error }
            try makeFolder(above, calls)
            try calls.makeFolder(path)
        }
        try calls.synchronizeFolder(above)
    }

    private static func takeLock(_ path: String, _ calls: any FileSystemCalls) throws -> OpenedFile {
        try calls.checkWritable(path)
        let file = try calls.open("\(path)/lock", for: .creating)
        do {
            guard try calls.lock(file) else { throw inUse(path, by: try text(of: file, calls)) }
            try writeHolder(to: file, calls)
            return file
        } catch {
            calls.close(file)
            throw error
        }
    }

    /// Holds the lock and writes nothing into it.
    private static func holdLock(_ path: String, _ calls: any FileSystemCalls) throws -> OpenedFile {
        guard try calls.statusIfPresent(at: "\(path)/lock") != nil else {
            throw BlobStoreError(
                .unusable,
                "The data folder \(path) was never served: it has no file \"lock\". If that was lost, make an empty "
                    + "one."
            )
        }
        let file = try calls.open("\(path)/lock", for: .reading)
        do {
            guard try calls.lock(file) else { throw inUse(path, by: try text(of: file, calls)) }
            return file
        } catch {
            calls.close(file)
            throw error
        }
    }

    /// A full disk is no reason not to serve what is on it: then only the name of the holder is lost.
    private static func writeHolder(to file: OpenedFile, _ calls: any FileSystemCalls) throws {
        try calls.truncate(file, to: 0)
        do {
            try write("\(getpid())\n", to: file, calls)
        } catch let error as SystemCallError {
            guard error.isFull else { throw error }
        }
    }

    private static func inUse(_ path: String, by holder: String?) -> BlobStoreError {
        let process = holder.flatMap { Int32($0) }.map { "process \($0)" } ?? "another process"
        return BlobStoreError(
            .unusable,
            "The data folder \(path) is in use by \(process). Stop it first, or choose another folder."
        )
    }

    private func checkVersion(writing: Bool) throws {
        guard let text = try versionText() else {
            guard writing else { throw unusable("was never served: it has no file \"version\"") }
            if try calls.names(in: path).contains("blobs") {
                throw unusable(
                    "has blobs but no file \"version\". If that was lost, write \(Self.formatVersion) into it; else "
                        + "choose another folder"
                )
            }
            return try writeVersion()
        }
        guard let version = Int(text), version > 0 else {
            throw unusable("has a damaged file \"version\": it should hold a number")
        }
        guard version <= Self.formatVersion else {
            throw unusable(
                "is of format \(version), and this wharf knows formats up to \(Self.formatVersion). Start the newer "
                    + "wharf that wrote it, or restore a backup from before"
            )
        }
    }

    private func unusable(_ what: String) -> BlobStoreError {
        BlobStoreError(.unusable, "The data folder \(path) \(what).")
    }

    private func versionText() throws -> String? {
        do {
            let file = try calls.open("\(path)/version", for: .reading)
            defer { calls.close(file) }
            return try Self.text(of: file, calls) ?? ""
        } catch let error as SystemCallError where error.isMissing {
            return nil
        }
    }

    /// Writes the version so that a crash leaves all of it or nothing.
    private func writeVersion() throws {
        let file = try calls.open("\(path)/version.new", for: .creating)
        defer { calls.close(file) }
        try calls.truncate(file, to: 0)
        try Self.write("\(Self.formatVersion)\n", to: file, calls)
        try calls.synchronize(file)
        try calls.rename(file.path, to: "\(path)/version")
        try calls.synchronizeFolder(path)
    }

    private static func write(_ text: String, to file: OpenedFile, _ calls: any FileSystemCalls) throws {
        try Array(text.utf8).withUnsafeBytes { try calls.writeAll([$0], to: file, at: 0) }
    }

    /// The first line of a small file, of at most 64 bytes; nil when it is empty.
    private static func text(of file: OpenedFile, _ calls: any FileSystemCalls) throws -> String? {
        let bytes = try [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            count = try calls.read(into: UnsafeMutableRawBufferPointer(buffer), from: file, at: 0)
        }
        return bytes.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    }
}
