import Glibc
import NIOCore
public import OCI
public import RegistryContract
import Synchronization

extension LayoutRegistry {
    /// Makes a file in `ingest`.
    public func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        var random = SystemRandomNumberGenerator()
        let id = UploadID(using: &random)
        try await work.run { [self] in
            try prepare()
            let upload = try newUpload(id, algorithm)
            uploads.withLock { $0[id] = upload }
        }
        return UploadStatus(id: id, offset: 0)
    }

    /// Makes a file in `ingest`, or goes on with that which an earlier program has left there.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        var random = SystemRandomNumberGenerator()
        let id = UploadID(using: &random)
        let offset = try await work.run { [self] in
            try prepare()
            let known = try part(of: blob, id) ?? newUpload(id, blob.digest.algorithm)
            uploads.withLock { $0[id] = known }
            return try known.status.offset
        }
        return UploadStatus(id: id, offset: offset)
    }

    /// How much the file holds.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try known(id).status
    }

    /// Hashes and writes, a batch at a time.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        let upload = try known(id)
        try await write(body, to: upload, by: try upload.begin(at: offset, isHashing: true))
        return try upload.status
    }

    /// Compares, synchronises, renames.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        let upload = try known(id)
        let isVerified = try (body as? any VerifiedByteStream)?.verifiedDigest == digest && upload.status.offset == 0
        let attempt = try upload.begin(at: offset, isHashing: !isVerified)
        if let body { try await write(body, to: upload, by: attempt) }
        return try await work.run { [self] in
            defer { if (try? upload.status) == nil { forget(id) } }
            try announce()
            let size = try upload.finish(attempt, as: digest, isVerified: isVerified, in: folder)
            // The blob is in its place: now the folder is a layout.
            try makeLayout()
            return size
        }
    }

    /// Removes the file.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        let upload = try known(id)
        try await work.run { [self] in
            try upload.cancel()
            forget(id)
        }
    }

    /// Lets go of the file and its lock.
    public func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {
        try? await work.run { [self] in
            try known(id).leave()
            forget(id)
        }
    }

    /// True when the blob is there: there is but one repository.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        try await work.run { [folder] in try folder.byteCount(of: digest) != nil }
    }

    private func known(_ id: UploadID) throws -> LayoutUpload {
        guard let upload = uploads.withLock({ $0[id] }) else {
            throw RegistryError(.uploadUnknown, "There is no upload \(id), or it has ended: begin it again.")
        }
        return upload
    }

    private func write(_ body: any ByteStream, to upload: LayoutUpload, by attempt: LayoutUpload.Attempt) async throws {
        while let batch = try await body.next(upTo: body.batchByteCount) {
            try Task.checkCancellation()
            try await work.run { [self] in
                do {
                    try upload.write(batch, by: attempt)
                } catch let problem as FileProblem where problem.refusal.code == .storageFull {
                    // It cannot go on, and its room is wanted.
                    if let status = try? upload.status { forget(status.id) }
                    try? upload.cancel()
                    throw problem
                }
            }
        }
    }
}

// MARK: - On the threads

extension LayoutRegistry {
    /// Makes the folder ready, once; removes what broken runs have left.
    func prepare() throws {
        guard !isPrepared.withLock({ $0 }) else { return }
        try folder.prepare()
        try LayoutUpload.clear(folder)
        isPrepared.withLock { $0 = true }
    }

    /// Makes the file of an upload, and its folder again where another writer has just removed that as empty.
    func newUpload(_ id: UploadID, _ algorithm: Digest.Algorithm) throws -> LayoutUpload {
        var tries = 100
        while true {
            do {
                return try LayoutUpload(id, in: folder, algorithm, isDurable: isDurable)
            } catch let problem as FileProblem where problem.number == ENOENT && tries > 0 {
                tries -= 1
                try LayoutFolder.makeFolder(folder.ingest)
            }
        }
    }

    /// The file for the beginning of a blob; nil where another writer is at it, or has just removed the folder.
    private func part(of blob: Descriptor, _ id: UploadID) throws -> LayoutUpload? {
        do {
            try LayoutFolder.makeFolder(folder.ingest)
            return try LayoutUpload(of: blob, id, in: folder, isDurable: isDurable)
        } catch let problem as FileProblem where problem.number == ENOENT {
            return nil
        }
    }

    /// Forgets an upload; the last one takes the empty folder with it.
    private func forget(_ id: UploadID) {
        let isLast = uploads.withLock { uploads in
            uploads[id] = nil
            return uploads.isEmpty
        }
        if isLast { rmdir(folder.ingest) }
    }

    /// Makes a layout of the folder, unless it is one.
    func makeLayout() throws {
        guard byteCount(folder.versionFile) == nil || byteCount(folder.indexFile) == nil else { return }
        try folder.changeIndex { _ in }
    }

    private func byteCount(_ path: String) -> Int64? {
        var found = stat()
        return lstat(path, &found) == 0 && found.st_size > 0 ? Int64(found.st_size) : nil
    }

    /// Lets whoever collects know that blobs come in here, until this registry is gone.
    func announce() throws {
        try presence.withLock { presence in
            guard presence == nil else { return }
            try LayoutFolder.makeFolder(folder.blobs)
            guard let handle = FolderHandle(folder.blobs) else { throw FileProblem(.read, folder.blobs) }
            // Where a folder cannot be locked, as on some network file systems, it goes without.
            guard flock(handle.descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
                throw RegistryError(
                    .unavailable,
                    "Another program is removing what is not needed from \(folder.name). Run this again when "
                        + "it is done."
                )
            }
            presence = handle
        }
    }
}
