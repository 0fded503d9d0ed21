import Glibc
import Hashing
import NIOCore
import OCI
import RegistryContract
import Synchronization

/// An upload into a layout: a file of its own that gets the name of its digest once it is whole, or goes away.
///
/// One of a blob that is known has a file of the blob's name, which stays when the program ends early: the next one
/// goes on where it ends. That file is no blob: what is in it is compared as a whole, from its first byte, before it is
/// one.
///
/// Invariant: the file holds `offset` bytes that count; `hash` is over the first of them, as far as they were hashed.
/// Only the newest attempt writes: a number that each attempt takes at its beginning fences off the ones before it.
/// Every method may wait for the disk.
final class LayoutUpload: Sendable {
    /// The right to write, until somebody else takes it.
    struct Attempt: Sendable {
        fileprivate var number: Int
        /// Whether the bytes are hashed as they come.
        var isHashing: Bool
    }

    private struct State {
        var offset: Int64 = 0
        var attempt = 0
        var hash: ContentHash
        var isEnded = false
    }

    private let file: LayoutFile
    private let state: Mutex<State>
    private let id: UploadID
    private let isDurable: Bool
    private let isPart: Bool

    /// Begins an upload in `folder`, under a lock that tells others that somebody works on it.
    init(_ id: UploadID, in folder: LayoutFolder, _ algorithm: Digest.Algorithm, isDurable: Bool) throws {
        let path = "\(folder.ingest)/\(Self.prefix)\(id)"
        guard let file = try LayoutFile(path, for: .making) else { throw FileProblem(.write, path) }
        self.file = file
        self.id = id
        self.isDurable = isDurable
        isPart = false
        state = Mutex(State(hash: ContentHash(algorithm)))
        // Somebody who clears up may have been faster: then the file has no name any more.
        guard try file.lock(LOCK_EX), try file.status().st_nlink > 0 else {
            errno = ENOENT
            throw FileProblem(.write, path)
        }
    }

    /// Begins an upload of a blob, or goes on with what is there of it; nil when somebody else is at that.
    init?(of blob: Descriptor, _ id: UploadID, in folder: LayoutFolder, isDurable: Bool) throws {
        let path = "\(folder.ingest)/\(Self.partPrefix)\(blob.digest.algorithm.rawValue)-\(blob.digest.encoded)"
        guard let file = try LayoutFile(path, for: .writing), try file.lock(LOCK_EX) else { return nil }
        let found = try file.status()
        // A file that has other names, or that others own, is not written to; one that was just removed is nobody's.
        guard found.st_nlink == 1, found.st_uid == geteuid() else { return nil }
        if Int64(found.st_size) > blob.size { try file.truncate(to: 0) }
        self.file = file
        self.id = id
        self.isDurable = isDurable
        isPart = true
        let offset = try file.byteCount()
        state = Mutex(State(offset: offset, hash: ContentHash(blob.digest.algorithm)))
    }

    deinit {
        leave()
    }

    /// Removes the uploads whose writers are gone, but not what the next one may still go on with.
    static func clear(_ folder: LayoutFolder) throws {
        for name in try LayoutFolder.names(in: folder.ingest) where name.hasPrefix(prefix) {
            let path = "\(folder.ingest)/\(name)"
            guard let file = try? LayoutFile(path) else { continue }
            let age = Int64(time(nil)) - Int64(try file.status().st_mtim.tv_sec)
            guard !name.hasPrefix(partPrefix) || age > keptSecondsMax, try file.lock(LOCK_EX) else { continue }
            unlink(path)
        }
    }

    private static let prefix = "wharf-"
    private static let partPrefix = "wharf-part-"
    /// Less is not worth a file, in bytes.
    private static let keptByteCountMin: Int64 = 1 << 20
    /// What nobody has gone on with for a week is removed.
    private static let keptSecondsMax: Int64 = 7 * 86_400

    /// How far it has come.
    var status: UploadStatus {
        get throws {
            try state.withLock { state in
                guard !state.isEnded else { throw unknown }
                return UploadStatus(id: id, offset: state.offset)
            }
        }
    }

    /// Takes the right to write at `offset`, or wherever the upload stands.
    func begin(at offset: Int64?, isHashing: Bool) throws -> Attempt {
        try state.withLock { state in
            guard !state.isEnded else { throw unknown }
            guard offset == nil || offset == state.offset else { throw elsewhere(state.offset) }
            state.attempt += 1
            return Attempt(number: state.attempt, isHashing: isHashing)
        }
    }

    /// Appends bytes.
    func write(_ batch: [ByteBuffer], by attempt: Attempt) throws {
        try state.withLock { state in
            try check(attempt, state)
            let canHash = attempt.isHashing && state.hash.byteCount == state.offset
            try Self.withGroups(of: batch) { pieces in
                // Hashed and then written while it is still in the processor's cache.
                if canHash { for piece in pieces { state.hash.update(piece) } }
                try file.write(pieces, at: state.offset)
                state.offset += pieces.reduce(0) { $0 + Int64($1.count) }
            }
        }
    }

    /// Makes what is there a blob: compares it with its digest, unless who sent it has done so, and renames the file.
    func finish(_ attempt: Attempt, as digest: Digest, isVerified: Bool, in folder: LayoutFolder) throws -> Int64 {
        try state.withLock { state in
            try check(attempt, state)
            state.isEnded = true
            do {
                if !isVerified {
                    let actual = try Self.digest(of: file, state.offset, state.hash, digest.algorithm)
                    guard actual == digest else { throw mismatch(digest, actual) }
                }
                if isDurable { try file.synchronize() }
                try LayoutFolder.makeFolder(folder.blobs)
                try LayoutFolder.makeFolder(folder.folder(digest.algorithm))
                guard rename(file.path, folder.file(digest)) == 0 else {
                    throw FileProblem(.write, folder.file(digest))
                }
            } catch {
                unlink(file.path)
                throw error
            }
            return state.offset
        }
    }

    /// Ends it; what it brought goes away.
    func cancel() throws {
        try state.withLock { state in
            guard !state.isEnded else { throw unknown }
            state.isEnded = true
            unlink(file.path)
        }
    }

    /// Ends it here; what is worth to go on with stays, and is anybody's from now on.
    ///
    /// The lock is given back, and not only closed with the file: a process that this one just begins has the file open
    /// until it runs its program, and the lock with it.
    func leave() {
        state.withLock { state in
            guard !state.isEnded else { return }
            state.isEnded = true
            if !isPart || state.offset < Self.keptByteCountMin { unlink(file.path) }
            file.unlock()
        }
    }

    private func check(_ attempt: Attempt, _ state: borrowing State) throws {
        guard !state.isEnded else { throw unknown }
        guard attempt.number == state.attempt else { throw elsewhere(state.offset) }
    }

    // MARK: - Refusals

    private var unknown: RegistryError {
        RegistryError(.uploadUnknown, "There is no upload \(id), or it has ended: begin it again.")
    }

    private func elsewhere(_ offset: Int64) -> RegistryError {
        RegistryError(.uploadOffsetInvalid, "The upload stands at \(offset) bytes: go on there.", offset: offset)
    }

    private func mismatch(_ digest: Digest, _ actual: Digest) -> RegistryError {
        RegistryError(
            .digestMismatch,
            "What came for \(digest) has the digest \(actual): it was damaged on its way, or is something else. "
                + "Nothing was kept of it.",
            digests: [actual]
        )
    }
}

// MARK: - Bytes

extension LayoutUpload {
    /// As much as is hashed and then written in one go, in bytes.
    private static var groupByteCount: Int { 256 << 10 }
    /// How many buffers are written in one go.
    private static var groupCountMax: Int { 64 }

    /// The digest of the file: from the hash where that is over all of it, else from the bytes on the disk.
    private static func digest(
        of file: LayoutFile,
        _ byteCount: Int64,
        _ hash: ContentHash,
        _ algorithm: Digest.Algorithm
    ) throws -> Digest {
        if hash.algorithm == algorithm, hash.byteCount == byteCount { return hash.digest() }
        var whole = ContentHash(algorithm)
        try withUnsafeTemporaryAllocation(byteCount: groupByteCount, alignment: 16) { buffer in
            while whole.byteCount < byteCount {
                let wanted = Int(min(byteCount - whole.byteCount, Int64(buffer.count)))
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
                let count = try file.read(into: piece, at: whole.byteCount)
                guard count > 0 else { throw FileProblem(.read, file.path) }
                whole.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            }
        }
        return whole.digest()
    }

    /// Shows bytes a group at a time: so many buffers as fit, or a part of a large one.
    private static func withGroups(
        of buffers: [ByteBuffer],
        _ body: ([UnsafeRawBufferPointer]) throws -> Void
    ) throws {
        var rest = buffers[...]
        while let first = rest.first {
            guard first.readableBytes <= groupByteCount else {
                try first.withUnsafeReadableBytes { bytes in
                    var bytes = bytes[...]
                    while !bytes.isEmpty {
                        try body([UnsafeRawBufferPointer(rebasing: bytes.prefix(groupByteCount))])
                        bytes = bytes.dropFirst(groupByteCount)
                    }
                }
                rest.removeFirst()
                continue
            }
            var byteCount = 0
            let group = rest.prefix(groupCountMax).prefix { buffer in
                byteCount += buffer.readableBytes
                return byteCount <= groupByteCount
            }
            rest = rest[group.endIndex...]
            var pieces: [UnsafeRawBufferPointer] = []
            try withPieces(group, &pieces, body)
        }
    }

    /// Shows the bytes of all buffers at once.
    private static func withPieces(
        _ buffers: ArraySlice<ByteBuffer>,
        _ pieces: inout [UnsafeRawBufferPointer],
        _ body: ([UnsafeRawBufferPointer]) throws -> Void
    ) rethrows {
        guard let first = buffers.first else { return try body(pieces) }
        try first.withUnsafeReadableBytes { bytes in
            pieces.append(bytes)
            try withPieces(buffers.dropFirst(), &pieces, body)
        }
    }
}
