import BlobStorage
import Hashing
import Metadata
import NIOCore
import OCI
import RegistryContract

extension HostedRegistry {
    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        try await translatingErrors {
            try await blobs.admit(byteCount: 0)
            var random = SystemRandomNumberGenerator()
            let id = UploadID(using: &random)
            let hash = ContentHash(algorithm)
            let moment = host.now()
            let upload = UploadFact(
                id: id.description,
                repository: repository,
                key: BlobKey(using: &random).description,
                byteCount: 0,
                hashState: hash.encoded(),
                algorithm: algorithm,
                startedAt: moment,
                touchedAt: moment,
                startedBy: caller.id
            )
            try await facts.write { try $0.insertUpload(upload) }
            let progress = UploadDesk.Progress(
                key: upload.key,
                state: UploadState(offset: 0, hash: hash),
                committedOffset: 0,
                committedAt: moment
            )
            host.uploads.remember(id, repository: repository, progress)
            return UploadStatus(id: id, offset: 0)
        }
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await withSlot(id, in: repository) { slot in
            // Whoever only asks takes the upload over from nobody.
            let look = UploadAttempt(registry: self, id: id, repository: repository, slot: slot)
            try await look.load()
            return UploadStatus(id: id, offset: try await look.checkpoint())
        }
    }

    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try await withAttempt(id, in: repository, at: offset) { attempt in
            do {
                while let batch = try await body.next(upTo: body.batchByteCount) { try await attempt.write(batch) }
            } catch {
                // What had come is kept for the client to go on from.
                _ = try? await attempt.checkpoint()
                throw error
            }
            return UploadStatus(id: id, offset: try await attempt.checkpoint())
        }
    }

    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try await withAttempt(id, in: repository, at: offset) { attempt in
            var last: [ByteBuffer] = []
            do {
                try await requireRoom(for: digest, byteCount: body?.declaredByteCount, in: repository)
            } catch let exceeded as QuotaExceeded {
                // What cannot end is not kept.
                try? await attempt.drop()
                throw exceeded
            }
            do {
                last = try await attempt.writeAllButLast(of: body)
            } catch {
                _ = try? await attempt.checkpoint()
                throw error
            }
            return try await attempt.finish(last, expecting: digest)
        }
    }

    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try await withAttempt(id, in: repository, at: nil) { attempt in
            try await attempt.drop()
        }
    }

    /// Lends an upload that stands at `offset` to a request that changes it.
    private func withAttempt<Value>(
        _ id: UploadID,
        in repository: RepositoryName,
        at offset: Int64?,
        _ body: (UploadAttempt) async throws -> Value
    ) async throws -> Value {
        try await withSlot(id, in: repository) { slot in
            let look = UploadAttempt(registry: self, id: id, repository: repository, slot: slot)
            return try await body(look.takingOver(at: offset))
        }
    }

    private func withSlot<Value>(
        _ id: UploadID,
        in repository: RepositoryName,
        _ body: (UploadSlot) async throws -> Value
    ) async throws -> Value {
        try await translatingErrors { try await host.uploads.withSlot(id, in: repository, body) }
    }
}
