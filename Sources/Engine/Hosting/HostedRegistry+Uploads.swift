import BlobStorage
import Hashing
import Metadata
import NIOCore
import OCI
import RegistryContract
import Synchronization

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
                offset: 0,
                committedOffset: 0,
                committedAt: moment,
                hash: hash
            )
            host.uploads.remember(id, repository: repository, progress)
            return UploadStatus(id: id, offset: 0)
        }
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await withAttempt(id, in: repository) { attempt in
            UploadStatus(id: id, offset: try await attempt.checkpoint())
        }
    }

    func append(
        _ body: any UploadBody,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try await withAttempt(id, in: repository) { attempt in
            try await attempt.require(offset)
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
        appending body: (any UploadBody)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try await withAttempt(id, in: repository) { attempt in
            try await attempt.require(offset)
            var last: [ByteBuffer] = []
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
        try await withAttempt(id, in: repository) { attempt in
            try await attempt.drop()
        }
    }

    private func withAttempt<Value>(
        _ id: UploadID,
        in repository: RepositoryName,
        _ body: (UploadAttempt) async throws -> Value
    ) async throws -> Value {
        try await translatingErrors {
            try await host.uploads.withSlot(id, in: repository) { slot in
                let attempt = UploadAttempt(registry: self, id: id, repository: repository, slot: slot)
                try await attempt.load()
                return try await body(attempt)
            }
        }
    }
}

/// One request's go at an upload.
struct UploadAttempt {
    let registry: HostedRegistry
    let id: UploadID
    let repository: RepositoryName
    let slot: UploadSlot
    private let number: Int

    init(registry: HostedRegistry, id: UploadID, repository: RepositoryName, slot: UploadSlot) {
        self.registry = registry
        self.id = id
        self.repository = repository
        self.slot = slot
        number = slot.beginAttempt()
    }

    /// A slow upload is made durable at least so often: it has moved on, and is not taken for abandoned.
    private static let checkpointInterval = Duration.seconds(15)

    private var blobs: any BlobStore { registry.blobs }
    private var facts: FactStore { registry.facts }

    /// Finds out how far the upload has come: in memory, or else in the database.
    func load() async throws {
        try await slot.inTurn(number) {
            guard slot.repository == repository else { throw unknown }
            guard slot.progress.withLock({ $0 == nil }) else { return }
            guard let upload = try await facts.read({ try $0.upload(id.description, in: repository) }),
                let key = BlobKey(upload.key)
            else { throw unknown }
            var hash = ContentHash(encoded: upload.hashState)
            if hash?.byteCount != upload.byteCount { hash = nil }
            // An encoding that this program does not know: hash again.
            let known = try await hash.orElse {
                try await blobs.rehash(key, byteCount: upload.byteCount, upload.algorithm)
            }
            slot.progress.withLock {
                $0 = .init(
                    key: upload.key,
                    offset: upload.byteCount,
                    committedOffset: upload.byteCount,
                    committedAt: moment,
                    hash: known
                )
            }
        }
    }

    /// Refuses when the upload does not stand where the client thinks.
    func require(_ offset: Int64?) async throws {
        guard let offset else { return }
        let progress = try current()
        guard progress.offset == offset else {
            throw RegistryError(
                .uploadOffsetInvalid,
                "the upload stands at \(progress.offset) bytes, not at \(offset): go on from there",
                offset: progress.offset
            )
        }
    }

    /// Appends a batch; makes all durable when much has come since the last time.
    func write(_ batch: [ByteBuffer]) async throws {
        let isDue = try await slot.inTurn(number) {
            var progress = try current()
            progress.hash = try await blobs.append(batch, to: key(progress), at: progress.offset, hash: progress.hash)
            progress.offset += Int64(batch.reduce(0) { $0 + $1.readableBytes })
            slot.progress.withLock { $0 = progress }
            return progress.offset - progress.committedOffset >= registry.host.options.checkpointByteCount
                || progress.committedAt < moment - Self.checkpointInterval
        }
        if isDue { _ = try await checkpoint() }
    }

    /// Appends what a body brings, except the last batch, which is returned for ``finish(_:expecting:)``.
    func writeAllButLast(of body: (any UploadBody)?) async throws -> [ByteBuffer] {
        guard let body else { return [] }
        var received: Int64 = 0
        while let batch = try await body.next(upTo: body.batchByteCount) {
            received += Int64(batch.reduce(0) { $0 + $1.readableBytes })
            if received == body.declaredByteCount { return batch }
            try await write(batch)
        }
        return []
    }

    /// Makes what has come durable, bytes before offset; returns the offset.
    func checkpoint() async throws -> Int64 {
        try await slot.inTurn(number) {
            var progress = try current()
            guard progress.offset > progress.committedOffset else { return progress.offset }
            try await blobs.flush(key(progress), byteCount: progress.offset)
            let (committed, state, moment) = (progress.committedOffset, progress.hash.encoded(), registry.host.now())
            let reached = progress.offset
            let isAdvanced = try await facts.write { facts in
                try facts.advanceUpload(
                    id.description,
                    from: committed,
                    to: reached,
                    hashState: state,
                    at: moment
                )
            }
            guard isAdvanced else { throw unknown }
            progress.committedOffset = reached
            progress.committedAt = moment
            slot.progress.withLock { $0 = progress }
            return reached
        }
    }

    /// Makes the upload a blob of its repository.
    func finish(_ last: [ByteBuffer], expecting digest: Digest) async throws -> Int64 {
        try await slot.inTurn(number) {
            let progress = try current()
            let key = try key(progress)
            var hash = progress.hash
            if hash.algorithm != digest.algorithm {
                hash = try await blobs.rehash(key, byteCount: progress.offset, digest.algorithm)
            }
            let byteCount: Int64
            do {
                byteCount = try await blobs.finish(
                    key,
                    appending: last,
                    at: progress.offset,
                    hash: hash,
                    expecting: digest
                )
            } catch let error as BlobStoreError {
                throw try await refusal(of: error, digest)
            }
            do {
                try await commit(BlobFact(digest: digest, byteCount: byteCount, key: progress.key, storedAt: moment))
            } catch let error as RegistryError where error == unknown {
                // The upload ended elsewhere meanwhile, so nothing will ever name these bytes.
                try? await blobs.remove(key, digest: digest)
                throw error
            }
            slot.progress.withLock { $0 = nil }
            return byteCount
        }
    }

    /// Ends the upload and drops its bytes.
    func drop() async throws {
        try await slot.inTurn(number) { try await dropNow() }
    }

    // MARK: Parts

    private var moment: Timestamp { registry.host.now() }

    private var unknown: RegistryError {
        RegistryError(
            .uploadUnknown,
            "there is no such upload in \(repository): it was finished, cancelled, or abandoned for too long; begin anew"
        )
    }

    private func current() throws -> UploadDesk.Progress {
        guard let progress = slot.progress.withLock({ $0 }) else { throw unknown }
        return progress
    }

    private func key(_ progress: UploadDesk.Progress) throws -> BlobKey {
        guard let key = BlobKey(progress.key) else { throw unknown }
        return key
    }

    /// The transaction that names the blob; the bytes are durable.
    private func commit(_ blob: BlobFact) async throws {
        let (id, repository) = (id.description, repository)
        let standing = try await facts.write { facts in
            guard try facts.deleteUpload(id) else { throw unknown }
            let standing = try facts.insertBlob(blob)
            let target = try facts.ensureRepository(repository, at: blob.storedAt)
            try facts.link(blob.digest, in: target, at: blob.storedAt)
            return standing
        }
        registry.cache.forget(blob: blob.digest, in: repository)
        // Somebody else brought the same bytes before: one copy is enough. If this fails, verify finds it.
        if standing.key != blob.key, let key = BlobKey(blob.key) { try? await blobs.remove(key, digest: blob.digest) }
    }

    private func dropNow() async throws {
        let progress = try current()
        let (id, unknown) = (id.description, unknown)
        try await facts.write { facts in
            guard try facts.deleteUpload(id) else { throw unknown }
        }
        slot.progress.withLock { $0 = nil }
        try? await blobs.discard(key(progress))
    }

    private func refusal(of error: BlobStoreError, _ digest: Digest) async throws -> any Error {
        switch error.code {
        case .digestMismatch:
            try? await dropNow()
            return RegistryError(
                .digestMismatch,
                "the bytes have the digest \(error.actual?.description ?? "of something else") and were pushed as "
                    + "\(digest): what was uploaded is dropped",
                digests: error.actual.map { [$0] } ?? []
            )
        case .truncated, .notFound:
            // A crash came between the bytes and the fact: the upload cannot go on.
            try? await dropNow()
            return unknown
        default:
            return error
        }
    }
}

extension Optional {
    /// What is there, or else what `other` makes.
    fileprivate func orElse(_ other: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await other()
    }
}
