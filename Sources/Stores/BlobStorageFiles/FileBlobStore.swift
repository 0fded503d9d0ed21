public import BlobStorage
public import Hashing
public import NIOCore
public import NIOPosix
public import OCI

/// A blob store on a local disk.
///
/// Each call runs as one piece of work on a thread that may block; bytes are hashed and written there buffer by buffer,
/// while they are in the processor's cache. Work that was begun is not given up when its task is cancelled, so a
/// caller that cleans up after a cancellation can. `BlobLayout` draws the folder.
///
/// The order that makes a finished blob durable: bytes written and compared, file synchronised, renamed to its
/// digest, folder synchronised. When the kernel fails to synchronise an upload, nobody knows any longer which of its
/// bytes are on the disk and a second attempt would report success: the upload is dropped.
///
/// Beyond ``BlobStoreError``, faults are ``SystemCallError``.
public struct FileBlobStore: BlobStore {
    let layout: BlobLayout
    let calls: any FileSystemCalls
    let prepared: PreparedFolders
    private let opened: OpenBlobs
    private let threads: NIOThreadPool

    /// Opens the store in `folder`, which is made when it is missing; the folder above it must exist.
    ///
    /// - Parameters:
    ///   - folder: An absolute path.
    ///   - threads: Where the work runs. The caller starts and stops it.
    ///   - openBlobsMax: How many descriptors of blobs that were read lately may stay open.
    ///   - readOnly: Whether nothing shall be made or written: for looking at a store that another process serves.
    ///   - calls: The way to the disk.
    /// - Returns: The store, ready.
    /// - Throws: ``BlobStoreError/Code/unusable`` with a sentence for the operator.
    public static func open(
        folder: String,
        threads: NIOThreadPool,
        openBlobsMax: Int = 512,
        readOnly: Bool = false,
        calls: any FileSystemCalls = SystemCalls()
    ) async throws -> FileBlobStore {
        let store = FileBlobStore(
            layout: BlobLayout(folder: folder),
            calls: calls,
            prepared: PreparedFolders(),
            opened: OpenBlobs(capacity: openBlobsMax / 2),
            threads: threads
        )
        try await store.blocking {
            if !readOnly { try store.makeFolders() }
            try store.checkFolders(readOnly: readOnly)
        }
        return store
    }

    /// Hashes and writes in one go; opens the file anew each time, which costs two microseconds.
    public func append(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
        try await blocking { try appendNow(bytes, to: key, at: state) }
    }

    /// Synchronises the file and its entry, whatever the extent; at a failure the upload is dropped.
    public func flush(_ key: BlobKey, at state: UploadState, _ extent: UploadExtent) async throws -> UploadState {
        guard state.offset > 0 else { return state }
        try await blocking { try flushNow(key, byteCount: state.offset) }
        return state
    }

    /// Reads the file in pieces of 64 MiB, between which a cancellation ends it.
    public func rehash(
        _ key: BlobKey,
        at state: UploadState,
        _ algorithm: Digest.Algorithm
    ) async throws -> ContentHash {
        var hash = ContentHash(algorithm)
        // In pieces, so that a large upload does not keep a thread from others for seconds.
        while hash.byteCount < state.offset {
            try Task.checkCancellation()
            let before = hash
            let end = min(before.byteCount + Self.rehashPiece, state.offset)
            hash = try await blocking { try rehashNow(key, before, upTo: end) }
        }
        return hash
    }

    /// Writes, compares, synchronises, renames, synchronises; finishing what is finished already succeeds.
    public func finish(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        let hashed = try await self.state(state, of: key, hashedFor: digest)
        return try await blocking { try finishNow(key, appending: bytes, at: hashed, expecting: digest) }
    }

    /// Unlinks the file.
    public func discard(_ key: BlobKey, ledger: [UInt8]?) async throws {
        try await blocking { try calls.unlinkIfPresent(layout.upload(key)) }
    }

    /// Opens the file, unless it was read lately, still is open, and is what it was.
    public func open(_ key: BlobKey, digest: Digest) async throws -> StoredBlob {
        let name = OpenBlobs.Name(key: key, digest: digest)
        let (found, moment) = opened.find(name)
        if let found {
            if isUnchanged(found, at: layout.blob(key, digest)) { return found }
            opened.drop(name)
        }
        return try await blocking {
            let file = try calls.open(layout.blob(key, digest), for: .reading)
            let content = OpenFile(owning: file.descriptor)
            let blob = StoredBlob(byteCount: try calls.status(of: file).byteCount, content: .file(content))
            opened.keep(blob, name, openedAfter: moment)
            return blob
        }
    }

    /// Unlinks the file; who has it open goes on reading.
    public func remove(_ key: BlobKey, digest: Digest) async throws {
        try await blocking {
            // After the unlink: who opened the file before it, and keeps it open after it, is told by the moment.
            defer { opened.forget(OpenBlobs.Name(key: key, digest: digest)) }
            try calls.unlinkIfPresent(layout.blob(key, digest))
        }
    }

    /// In the order of the layout; strangers are paths relative to the folder.
    public func list(after token: String?, limit: Int) async throws -> BlobListing {
        try await blocking { try listNow(after: token, limit: max(limit, 1)) }
    }

    /// What statvfs(3) says.
    public func space() async throws -> StorageSpace {
        try await blocking { try calls.space(at: layout.folder) }
    }

    /// What the file `identity` says.
    public func identity() async throws -> BlobKey? {
        try await blocking { try identityNow() }
    }

    /// Writes the file `identity`, whole or not at all; one that is there stays.
    public func identify(as name: BlobKey) async throws -> BlobKey {
        try await blocking {
            if let held = try identityNow() { return held }
            try identifyNow(as: name)
            return name
        }
    }
}

// MARK: - On the threads

extension FileBlobStore {
    /// How much of an upload is hashed anew in one piece of work.
    private static var rehashPiece: Int64 { 64 << 20 }

    /// Runs `body` on a thread that may block, and says failures in the words of the contract.
    private func blocking<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        do {
            return try await threads.blocking(body)
        } catch let error as SystemCallError {
            throw error.asStoreError
        }
    }

    /// Whether a blob that is kept open has the size that it had, and its file is still there.
    ///
    /// Somebody may have damaged the store since. An open file is looked at without waiting for the disk.
    private func isUnchanged(_ blob: StoredBlob, at path: String) -> Bool {
        guard case .file(let file) = blob.content else { return true }
        let status = try? calls.status(of: OpenedFile(descriptor: file.descriptor, path: path))
        return status.map { $0.byteCount == blob.byteCount && $0.nameCount > 0 } ?? false
    }

    private func makeFolders() throws {
        try calls.makeFolderIfMissing(layout.folder)
        try calls.synchronizeFolder(parent(of: layout.folder))
        for kind in BlobLayout.kinds { try calls.makeFolderIfMissing("\(layout.folder)/\(kind)") }
        try calls.synchronizeFolder(layout.folder)
    }

    private func checkFolders(readOnly: Bool) throws {
        let device = try calls.status(at: layout.folder).device
        for kind in BlobLayout.kinds {
            let path = "\(layout.folder)/\(kind)"
            let status = try calls.statusIfPresent(at: path)
            guard let status, status.kind == .folder else {
                throw BlobStoreError(.unusable, "\(path) is not a folder. A part of the store was removed or replaced.")
            }
            guard status.device == device else {
                throw BlobStoreError(
                    .unusable,
                    "\(path) lies on another file system than \(layout.folder). Files are renamed from one to the "
                        + "other: mount the whole folder, not a part of it."
                )
            }
            if !readOnly { try calls.checkWritable(path) }
        }
    }
}

extension SystemCallError {
    /// The failure in the words of the contract, where it has them; else itself.
    var asStoreError: any Error {
        if isMissing { return BlobStoreError(.notFound, description) }
        if isFull { return BlobStoreError(.full, description) }
        if isForbidden { return BlobStoreError(.unusable, "\(path) cannot be used: \(reason).") }
        return self
    }
}
