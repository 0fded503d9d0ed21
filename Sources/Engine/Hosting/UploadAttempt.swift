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
        let known = slot.progress.withLock { $0 }
        guard known == nil || !registry.host.options.isAlone else { return }
        guard let upload = try await facts.read({ try $0.upload(id.description, in: repository) }),
            let key = BlobKey(upload.key)
        else {
            slot.progress.withLock { $0 = nil }
            throw unknown
        }
        // Unless another process has gone on with it, there is more here than in the facts.
        if let known, known.committedOffset == upload.byteCount { return }
        let state = try await state(of: upload, key)
        slot.progress.withLock {
            $0 = .init(key: upload.key, state: state, committedOffset: upload.byteCount, committedAt: moment)
        }
    }

    /// How far the facts say that an upload has come.
    private func state(of upload: UploadFact, _ key: BlobKey) async throws -> UploadState {
        var state = UploadState(offset: upload.byteCount, hash: ContentHash(upload.algorithm), ledger: upload.parts)
        if let hash = ContentHash(encoded: upload.hashState), hash.byteCount == upload.byteCount {
            state.hash = hash
            return state
        }
        // An encoding that this program does not know: hash again.
        let unhashed = state
        state.hash = try await storing { try await blobs.rehash(key, at: unhashed, upload.algorithm) }
        return state
    }

    /// Refuses when the upload does not stand where the client thinks.
    private func require(_ offset: Int64?) throws {
        guard let offset else { return }
        let progress = try current()
        let reached = progress.state.offset
        guard reached == offset else {
            throw RegistryError(
                .uploadOffsetInvalid,
                "the upload stands at \(reached) bytes, not at \(offset): go on from there",
                offset: reached
            )
        }
    }

    /// Appends a batch; makes durable what is there when much has come since the last time.
    func write(_ batch: [ByteBuffer]) async throws {
        let due: UploadExtent? = try await slot.inTurn(number) {
            var progress = try current()
            let (key, state) = (try key(progress), progress.state)
            progress.state = try await storing { try await blobs.append(batch, to: key, at: state) }
            slot.progress.withLock { $0 = progress }
            if progress.committedAt < moment - Self.checkpointInterval { return .whole }
            let byteCount = progress.state.offset - progress.committedOffset
            return byteCount >= registry.host.options.checkpointByteCount ? .cheap : nil
        }
        if let due { _ = try await checkpoint(due) }
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

    /// Makes what has come durable, bytes before offset; returns how far that is.
    func checkpoint(_ extent: UploadExtent = .whole) async throws -> Int64 {
        try await slot.inTurn(number) {
            var progress = try current()
            let state = progress.state
            guard state.offset > progress.committedOffset else { return state.offset }
            let key = try key(progress)
            let durable = try await storing { try await blobs.flush(key, at: state, extent) }
            guard durable.offset > progress.committedOffset else { return progress.committedOffset }
            let (committed, moment) = (progress.committedOffset, registry.host.now())
            let isAdvanced = try await facts.write { facts in
                try facts.advanceUpload(
                    id.description,
                    from: committed,
                    to: durable.offset,
                    hashState: durable.hash.encoded(),
                    parts: durable.ledger,
                    at: moment
                )
            }
            guard isAdvanced else { throw await overtaken() }
            if durable.offset == state.offset { progress.state = durable }
            progress.committedOffset = durable.offset
            progress.committedAt = moment
            slot.progress.withLock { $0 = progress }
            return durable.offset
        }
    }

    /// Makes the upload a blob of its repository.
    func finish(_ last: [ByteBuffer], expecting digest: Digest) async throws -> Int64 {
        try await slot.inTurn(number) {
            let progress = try current()
            let key = try key(progress)
            let state = try await state(of: progress, hashedFor: digest)
            let byteCount: Int64
            do {
                byteCount = try await storing {
                    try await blobs.finish(key, appending: last, at: state, expecting: digest)
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

    /// How far an upload has come, with a hash of the algorithm that a digest needs.
    private func state(of progress: UploadDesk.Progress, hashedFor digest: Digest) async throws -> UploadState {
        var state = progress.state
        guard state.hash.algorithm != digest.algorithm else { return state }
        let (key, other) = (try key(progress), state)
        state.hash = try await storing { try await blobs.rehash(key, at: other, digest.algorithm) }
        return state
    }

    /// Why the facts did not follow: the upload has ended, or another process has gone on with it.
    private func overtaken() async -> RegistryError {
        slot.progress.withLock { $0 = nil }
        let now = try? await facts.read { try $0.upload(id.description, in: repository) }
        guard let now else { return unknown }
        return .overtaken(at: now.byteCount)
    }

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
        let progress = slot.progress.withLock { $0 }
        let (id, unknown) = (id.description, unknown)
        try await facts.write { facts in
            guard try facts.deleteUpload(id) else { throw unknown }
        }
        slot.progress.withLock { $0 = nil }
        await discard(progress)
    }

    /// Drops the bytes; if this fails, the sweep finds them.
    private func discard(_ progress: UploadDesk.Progress?) async {
        guard let progress, let key = BlobKey(progress.key) else { return }
        try? await blobs.discard(key, ledger: progress.state.ledger)
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
                await discard(slot.progress.withLock { $0 })
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
