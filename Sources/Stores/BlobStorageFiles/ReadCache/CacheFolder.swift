import BlobStorage
import Glibc
import Hashing
import NIOCore
import NIOPosix
import OCI

/// The files of a read cache.
///
///     FOLDER/
///       lock                            held with flock(2) while a process uses the folder
///       fills/
///         4f0a…                         bytes that are on their way, 32 digits; removed at the next start
///       cached/
///         9c/
///           sha256.9c22ab….4f0a…        a blob: algorithm and digits of its digest, its key
///
/// The names are others than those of a ``FileBlobStore``, so that its files are never taken for a cache's. Nothing
/// is synchronised: a file that a crash has left half written does not have its digest, and that is looked at before it
/// is read. Whatever else lies in the folder is left alone.
struct CacheFolder: Sendable {
    let path: String
    let calls: any FileSystemCalls
    private let threads: NIOThreadPool
    private let lock: HeldFile

    /// A file that is there at the start.
    struct Found: Sendable {
        var name: OpenBlobs.Name
        var byteCount: Int64
    }

    /// Opens the folder, which is made when it is missing; removes what downloads have left.
    static func open(
        _ path: String,
        threads: NIOThreadPool,
        calls: any FileSystemCalls
    ) async throws -> (CacheFolder, [Found]) {
        try await threads.blocking {
            try calls.makeFolderIfMissing(path)
            let lock = HeldFile(try calls.open("\(path)/lock", for: .creating), calls)
            let folder = CacheFolder(path: path, calls: calls, threads: threads, lock: lock)
            guard try calls.lock(lock.file) else {
                throw BlobStoreError(
                    .unusable,
                    "The folder of the read cache \(path) is in use by another process. Stop that, or choose another "
                        + "folder."
                )
            }
            for part in ["fills", "cached"] { try calls.makeFolderIfMissing("\(path)/\(part)") }
            for name in try calls.names(in: "\(path)/fills") where BlobKey(name) != nil {
                try calls.unlinkIfPresent("\(path)/fills/\(name)")
            }
            return (folder, try folder.found())
        }
    }

    // MARK: - Names

    func file(_ name: OpenBlobs.Name) -> String {
        let digest = name.digest
        return "\(prefixFolder(name))/\(digest.algorithm.rawValue).\(digest.encoded).\(name.key)"
    }

    private func prefixFolder(_ name: OpenBlobs.Name) -> String {
        "\(path)/cached/\(name.digest.encoded.prefix(2))"
    }

    private func file(_ temporary: BlobKey) -> String {
        "\(path)/fills/\(temporary)"
    }

    /// What a file is by its name; nil for a name that the cache does not give.
    static func meaning(prefix: String, name: String) -> OpenBlobs.Name? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].hasPrefix(prefix), let key = BlobKey(parts[2]),
            let digest = try? Digest("\(parts[0]):\(parts[1])")
        else { return nil }
        return OpenBlobs.Name(key: key, digest: digest)
    }

    private func found() throws -> [Found] {
        var found: [Found] = []
        for prefix in try calls.names(in: "\(path)/cached").sorted() where BlobLayout.isPrefix(prefix) {
            for file in try calls.names(in: "\(path)/cached/\(prefix)").sorted() {
                guard let name = Self.meaning(prefix: prefix, name: file),
                    let status = try calls.statusIfPresent(at: self.file(name)), status.kind == .file
                else { continue }
                found.append(Found(name: name, byteCount: status.byteCount))
            }
        }
        return found
    }

    // MARK: - What is done with files

    /// Opens a blob's file for reading; throws when it has not the size that it should have.
    func open(_ name: OpenBlobs.Name, byteCount: Int64) async throws -> OpenFile {
        try await threads.blocking {
            let file = try calls.open(file(name), for: .reading)
            let content = OpenFile(owning: file.descriptor)
            let found = try calls.status(of: file).byteCount
            guard found == byteCount else {
                throw BlobStoreError(.truncated, "\(file.path) has \(found) bytes in place of \(byteCount)")
            }
            return content
        }
    }

    /// Whether an open file has the size that it had, and still has its name; does not wait for the disk.
    func isUnchanged(_ file: OpenFile, byteCount: Int64) -> Bool {
        let opened = OpenedFile(descriptor: file.descriptor, path: path)
        guard let status = try? calls.status(of: opened) else { return false }
        return status.byteCount == byteCount && status.nameCount > 0
    }

    /// Makes the file of a download, if so many bytes leave the reserve of the disk alone.
    func make(_ temporary: BlobKey, byteCount: Int64, reserve: Int64) async throws -> OpenFile {
        try await threads.blocking {
            if reserve > 0, let free = try calls.space(at: path).free, free - byteCount < reserve {
                throw SystemCallError("write", file(temporary), ENOSPC)
            }
            return OpenFile(owning: try calls.open(file(temporary), for: .creating).descriptor)
        }
    }

    /// Writes bytes at an offset of a download and hashes them.
    func write(
        _ bytes: [ByteBuffer],
        to file: OpenFile,
        of temporary: BlobKey,
        after before: ContentHash
    ) async throws -> ContentHash {
        try await threads.blocking {
            let opened = OpenedFile(descriptor: file.descriptor, path: self.file(temporary))
            var hash = before
            for buffer in bytes {
                try buffer.withUnsafeReadableBytes { raw in
                    try calls.writeAll([raw], to: opened, at: hash.byteCount)
                    hash.update(raw)
                }
            }
            return hash
        }
    }

    /// Gives a download, now verified, the name of its blob.
    func keep(_ temporary: BlobKey, as name: OpenBlobs.Name) async throws {
        try await threads.blocking {
            try calls.makeFolderIfMissing(prefixFolder(name))
            try calls.rename(file(temporary), to: file(name))
        }
    }

    /// Hashes the next bytes of a file; throws when it ends before.
    func hash(
        _ file: OpenFile,
        _ name: OpenBlobs.Name,
        after before: ContentHash,
        byteCount: Int
    ) async throws -> ContentHash {
        try await threads.blocking {
            var hash = before
            let buffer = try readNow(file, name, at: before.byteCount, byteCount: byteCount)
            buffer.withUnsafeReadableBytes { hash.update($0) }
            return hash
        }
    }

    /// Exactly so many bytes of a file.
    func read(_ file: OpenFile, _ name: OpenBlobs.Name, at start: Int64, byteCount: Int) async throws -> ByteBuffer {
        try await threads.blocking { try readNow(file, name, at: start, byteCount: byteCount) }
    }

    private func readNow(
        _ file: OpenFile,
        _ name: OpenBlobs.Name,
        at start: Int64,
        byteCount: Int
    ) throws -> ByteBuffer {
        let opened = OpenedFile(descriptor: file.descriptor, path: self.file(name))
        var buffer = ByteBuffer()
        buffer.reserveCapacity(byteCount)
        while buffer.readableBytes < byteCount {
            let (done, rest) = (buffer.readableBytes, byteCount - buffer.readableBytes)
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: rest) { raw in
                let wanted = UnsafeMutableRawBufferPointer(rebasing: raw[..<rest])
                return try calls.read(into: wanted, from: opened, at: start + Int64(done))
            }
            guard count > 0 else {
                throw BlobStoreError(.truncated, "\(opened.path) ends before \(start + Int64(byteCount)) bytes")
            }
        }
        return buffer
    }

    /// Removes the file of a download; returns whether it is gone.
    func remove(_ temporary: BlobKey) async -> Bool {
        (try? await threads.blocking { try calls.unlinkIfPresent(file(temporary)) }) != nil
    }

    /// Removes blobs' files; returns those that could not be.
    func remove(_ names: [OpenBlobs.Name]) async -> Set<OpenBlobs.Name> {
        let kept = try? await threads.blocking {
            var kept: Set<OpenBlobs.Name> = []
            for name in names {
                do {
                    try calls.unlinkIfPresent(file(name))
                } catch {
                    kept.insert(name)
                }
            }
            return kept
        }
        return kept ?? Set(names)
    }
}

/// A file that is closed, and its lock given back, when nobody holds it any longer.
private final class HeldFile: Sendable {
    let file: OpenedFile
    private let calls: any FileSystemCalls

    init(_ file: OpenedFile, _ calls: any FileSystemCalls) {
        self.file = file
        self.calls = calls
    }

    deinit {
        calls.unlock(file)
        calls.close(file)
    }
}
