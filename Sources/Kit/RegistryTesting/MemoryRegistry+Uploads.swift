import Hashing
import NIOCore
public import OCI
public import RegistryContract
import Synchronization

// A body is read to its end, or to where it breaks, before anything is written: so whoever writes second at an offset
// finds that the upload stands elsewhere.
extension MemoryRegistry {
    /// Remembers an empty array.
    public func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        var random = SystemRandomNumberGenerator()
        let id = UploadID(using: &random)
        state.withLock { $0.uploads[id] = Upload(repository: repository) }
        return UploadStatus(id: id, offset: 0)
    }

    /// The count of the array.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try state.withLock { UploadStatus(id: id, offset: Int64(try $0.upload(id, in: repository, at: nil).count)) }
    }

    /// Adds to the array.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        let bytes = try await received(body, to: id, at: offset, in: repository)
        return UploadStatus(id: id, offset: Int64(try write(bytes, to: id, at: offset, in: repository)))
    }

    /// Compares the digest of the array, and drops the upload either way.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        var last: [UInt8] = []
        if let body { last = try await received(body, to: id, at: offset, in: repository) }
        return try state.withLock { state in
            let whole = try state.upload(id, in: repository, at: offset) + last
            state.uploads[id] = nil
            let actual = ContentHash.digest(of: whole, digest.algorithm)
            guard actual == digest else { throw RegistryError(.digestMismatch, "other bytes", digests: [actual]) }
            state.contents[digest] = whole
            state.repositories[repository, default: Repository()].blobs.insert(digest)
            return Int64(whole.count)
        }
    }

    /// Forgets the array.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try state.withLock { state in
            _ = try state.upload(id, in: repository, at: nil)
            state.uploads[id] = nil
        }
    }

    /// All that a body brings; what a broken one has brought is kept with the upload.
    private func received(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> [UInt8] {
        _ = try state.withLock { try $0.upload(id, in: repository, at: offset) }
        var bytes: [UInt8] = []
        do {
            while let batch = try await body.next(upTo: body.batchByteCount) {
                for buffer in batch { bytes += buffer.readableBytesView }
            }
        } catch {
            _ = try? write(bytes, to: id, at: offset, in: repository)
            throw error
        }
        return bytes
    }

    private func write(
        _ bytes: [UInt8],
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) throws -> Int {
        try state.withLock { state in
            let whole = try state.upload(id, in: repository, at: offset) + bytes
            state.uploads[id]?.bytes = whole
            return whole.count
        }
    }
}

extension MemoryRegistry.State {
    /// The bytes of an upload of the repository that stands at `offset`, if one is given.
    fileprivate func upload(_ id: UploadID, in repository: RepositoryName, at offset: Int64?) throws -> [UInt8] {
        guard let upload = uploads[id], upload.repository == repository else {
            throw RegistryError(.uploadUnknown, "no such upload")
        }
        let count = Int64(upload.bytes.count)
        guard offset == nil || offset == count else {
            throw RegistryError(.uploadOffsetInvalid, "it stands elsewhere", offset: count)
        }
        return upload.bytes
    }
}
