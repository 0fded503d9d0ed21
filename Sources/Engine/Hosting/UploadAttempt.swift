import BlobStorage
import Hashing
import Metadata
import NIOCore
import OCI
import RegistryContract
import Synchronization

/// One request's go at an upload: a look at first, which disturbs nobody, until it takes the upload over.
struct UploadAttempt {
    let registry: HostedRegistry
    let id: UploadID
    let repository: RepositoryName
    let slot: UploadSlot
    /// Its number among the attempts; nil for a look.
    private var number: Int?

    init(registry: HostedRegistry, id: UploadID, repository: RepositoryName, slot: UploadSlot) {
        self.registry = registry
        self.id = id
        self.repository = repository
        self.slot = slot
    }

    /// A slow upload is made durable at least so often: it has moved on, and is not taken for abandoned.
    private static let checkpointInterval = Duration.seconds(15)

    private var blobs: any BlobStore { registry.blobs }
    private var facts: FactStore { registry.facts }

    /// Takes the upload over from every older attempt, if it stands where the client thinks.
    ///
    /// Both in one turn. So a request that is refused disturbs nobody, and of several that begin at the same offset one
    /// goes through: whoever comes before bytes were written fences the others off, whoever comes later is refused.
    func takingOver(at offset: Int64?) async throws -> UploadAttempt {
        try await slot.inTurn(nil) {
            try await loadNow()
            try require(offset)
            var attempt = self
            attempt.number = slot.beginAttempt()
            return attempt
        }
    }

    /// Finds out how far the upload has come: in memory, or else in the database.
    func load() async throws {
        try await slot.inTurn(number) { try await loadNow() }
    }

    private func loadNow() async throws {
        guard slot.progress.withLock({ $0 == nil }) else { return }
        guard let upload = try await facts.read({ try $0.upload(id.description, in: repository) }),
            let key = BlobKey(upload.key)
        else { throw unknown }
        var hash = ContentHash(encoded: upload.hashState)
        if hash?.byteCount != upload.byteCount { hash = nil }
        // An encoding that this program does not know: hash again.
        let known = try await hash.orElse {
            try await storing { try await blobs.rehash(key, byteCount: upload.byteCount, upload.algorithm) }
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

    /// Refuses when the upload does not stand where the client thinks.
    private func require(_ offset: Int64?) throws {
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
            let (key, offset, hash) = (try key(progress), progress.offset, progress.hash)
            progress.hash = try await storing { try await blobs.append(batch, to: key, at: offset, hash: hash) }
            progress.offset += Int64(batch.reduce(0) { $0 + $1.readableBytes })
            slot.progress.withLock { $0 = progress }
            return progress.offset - progress.committedOffset >= registry.host.options.checkpointByteCount
                || progress.committedAt < moment - Self.checkpointInterval
        }
        if isDue { _ = try await checkpoint() }
    }

    /// Appends what a body brings, except the last batch, which is returned for ``finish(_:expecting:)``.
    func writeAllButLast(of body: (any ByteStream)?) async throws -> [ByteBuffer] {
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
            let key = try key(progress)
            try await storing { try await blobs.flush(key, byteCount: progress.offset) }
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
                hash = try await storing {
                    try await blobs.rehash(key, byteCount: progress.offset, digest.algorithm)
                }
            }
            let byteCount: Int64
            do {
                byteCount = try await storing {
                    try await blobs.finish(
                        key,
                        appending: last,
                        at: progress.offset,
                        hash: hash,
                        expecting: digest
                    )
                }
            } catch let error as BlobStoreError {
                guard error.code == .digestMismatch else { throw error }
                try? await dropNow()
                throw mismatch(error, digest)
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
            "there is no such upload in \(repository): it was finished, cancelled, or abandoned for too long; "
                + "begin anew"
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
        let damaged = try await damagedKey(of: blob)
        let (standing, old) = try await facts.write { facts in
            guard try facts.deleteUpload(id) else { throw unknown }
            let old = try facts.replaceBlob(with: blob, damaged: damaged)
            let standing = try facts.insertBlob(blob)
            let target = try facts.ensureRepository(repository, at: blob.storedAt)
            try facts.link(blob.digest, in: target, at: blob.storedAt)
            return (standing, old)
        }
        if old != nil { registry.cache.forget(content: blob.digest) }
        registry.cache.forget(blob: blob.digest, in: repository)
        // Somebody else brought the same bytes before: one copy is enough. If this fails, verify finds it.
        let spare = standing.key == blob.key ? old?.key : blob.key
        if let key = spare.flatMap({ BlobKey($0) }) { try? await blobs.remove(key, digest: blob.digest) }
    }

    /// The key under which a blob stands already, if its bytes there are missing or not as many as those that came.
    private func damagedKey(of blob: BlobFact) async throws -> String? {
        guard let known = try await facts.read({ try $0.blob(blob.digest) }) else { return nil }
        guard known.byteCount == blob.byteCount, BlobKey(known.key) != nil else { return known.key }
        do {
            _ = try await registry.open(known)
        } catch is DamagedBlob {
            return known.key
        } catch {
            // Nobody knows whether they are damaged, and what was pushed is no worse off than before.
        }
        return nil
    }

    private func dropNow() async throws {
        let key = slot.progress.withLock { $0.flatMap { BlobKey($0.key) } }
        let (id, unknown) = (id.description, unknown)
        try await facts.write { facts in
            guard try facts.deleteUpload(id) else { throw unknown }
        }
        slot.progress.withLock { $0 = nil }
        if let key { try? await blobs.discard(key) }
    }

    /// Runs what needs the upload's bytes.
    ///
    /// When the store has them no longer (a crash came between the bytes and the fact, or the disk failed to make them
    /// durable), the upload cannot go on, and the client is told to begin anew. When it has no room for more, what has
    /// come is dropped: it would keep the room that is needed, for a client that mostly begins anew as well.
    private func storing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as BlobStoreError {
            switch error.code {
            case .truncated, .notFound:
                try? await dropNow()
                throw unknown
            case .full:
                // The bytes first: a full disk may have no room for the fact that they have gone.
                if let key = slot.progress.withLock({ $0.flatMap { BlobKey($0.key) } }) {
                    try? await blobs.discard(key)
                }
                try? await dropNow()
                throw error
            default:
                throw error
            }
        }
    }

    private func mismatch(_ error: BlobStoreError, _ digest: Digest) -> RegistryError {
        RegistryError(
            .digestMismatch,
            "the bytes have the digest \(error.actual?.description ?? "of something else") and were pushed as "
                + "\(digest): what was uploaded is dropped",
            digests: error.actual.map { [$0] } ?? []
        )
    }
}

extension Optional {
    /// What is there, or else what `other` makes.
    fileprivate func orElse(_ other: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await other()
    }
}
