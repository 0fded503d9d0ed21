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
        state.hash = try await storing(at: upload.byteCount) {
            try await blobs.rehash(key, at: unhashed, upload.algorithm)
        }
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
            progress.state = try await storing(at: progress.committedOffset) {
                try await blobs.append(batch, to: key, at: state)
            }
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
            let durable = try await storing(at: progress.committedOffset) {
                try await blobs.flush(key, at: state, extent)
            }
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
            let byteCount: Int64
            do {
                byteCount = try await storing(at: progress.committedOffset) {
                    try await blobs.finish(key, appending: last, at: progress.state, expecting: digest)
                }
            } catch let error as BlobStoreError {
                guard error.code == .digestMismatch else { throw error }
                try await giveUp(at: progress.committedOffset)
                throw mismatch(error, digest)
            }
            do {
                try await commit(BlobFact(digest: digest, byteCount: byteCount, key: progress.key, storedAt: moment))
            } catch let exceeded as QuotaExceeded {
                try await dropFinished(progress, key, digest, byteCount)
                throw exceeded
            } catch let error as RegistryError where error == unknown {
                try await endedElsewhere(progress, digest, byteCount, else: error)
                return byteCount
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
        let placement: BlobPlacement
        do {
            placement = try await place(blob, .unexamined)
        } catch let found as UnexaminedBlob {
            placement = try await place(blob, await examine(found.blob, against: blob))
        }
        if placement.replaced != nil { registry.cache.forget(content: blob.digest) }
        registry.cache.forget(blob: blob.digest, in: repository)
        // Somebody else brought the same bytes before: one copy is enough. If this fails, the collection removes
        // it, which knows the key.
        let spare = placement.standing.key == blob.key ? placement.replaced?.key : blob.key
        if let key = spare.flatMap({ BlobKey($0) }) { try? await blobs.remove(key, digest: blob.digest) }
    }

    /// Drops the finished bytes of an upload that ended elsewhere meanwhile, unless they are those of a blob.
    ///
    /// It ended by the same request, which came twice: then its repository mostly holds the blob, and all is well.
    /// Or it ended for another reason, which is thrown.
    private func endedElsewhere(
        _ progress: UploadDesk.Progress,
        _ digest: Digest,
        _ byteCount: Int64,
        else error: RegistryError
    ) async throws {
        slot.progress.withLock { $0 = nil }
        let repository = repository
        let bytes = BlobFact(digest: digest, byteCount: byteCount, key: progress.key, storedAt: moment)
        // A bucket knows bytes by their key alone: the blob of another algorithm's digest may have the same.
        let isOnly = digest.algorithm == progress.state.hash.algorithm
        // Any repository may need them: the blob may have been mounted elsewhere, and deleted here, since. Nobody can
        // come to need them after this look: a key is one upload's, and is recorded by the transaction that ends it.
        let (isSpare, linked) = try await facts.write { facts in
            (try isOnly && facts.doomUnlessNamed(bytes), try facts.linkedBlob(digest, in: repository))
        }
        if isSpare, let key = BlobKey(progress.key) { try? await blobs.remove(key, digest: digest) }
        guard linked != nil else { throw error }
    }

    /// Ends an upload whose bytes are finished, and which may not become a blob; removes them.
    private func dropFinished(
        _ progress: UploadDesk.Progress,
        _ key: BlobKey,
        _ digest: Digest,
        _ byteCount: Int64
    ) async throws {
        slot.progress.withLock { $0 = nil }
        // A bucket knows bytes by their key alone: the blob of another algorithm's digest may have the same, where two
        // servers end one upload at once. Then the collection finds out.
        let isOnly = digest.algorithm == progress.state.hash.algorithm
        let bytes = BlobFact(digest: digest, byteCount: byteCount, key: key.description, storedAt: moment)
        let id = id.description
        let isSpare = try await facts.write { facts in
            guard isOnly else {
                _ = try facts.deleteUpload(id)
                return false
            }
            _ = try facts.deleteUpload(id, dooming: false)
            return try facts.doomUnlessNamed(bytes)
        }
        // If this fails, the collection removes them.
        if isSpare { try? await blobs.remove(key, digest: digest) }
    }

    private func place(_ blob: BlobFact, _ standing: StandingBytes) async throws -> BlobPlacement {
        let (id, repository) = (id.description, repository)
        do {
            return try await facts.write { facts in
                try facts.finishUpload(id, as: blob, in: repository, standing: standing)
            }
        } catch is NoSuchUpload {
            throw unknown
        }
    }

    /// Whether the bytes of a blob that stands already are missing, or not as many as those that came.
    private func examine(_ known: BlobFact, against blob: BlobFact) async -> StandingBytes {
        guard known.byteCount == blob.byteCount, let key = BlobKey(known.key) else { return .damaged(key: known.key) }
        do {
            // Not opened: a copy that this process keeps does not help the others.
            let byteCount = try await blobs.byteCount(of: key, digest: known.digest)
            if byteCount != known.byteCount { return .damaged(key: known.key) }
        } catch let error as BlobStoreError where error.code == .notFound {
            return .damaged(key: known.key)
        } catch {
            // Nobody knows whether they are damaged, and what was pushed is no worse off than before.
        }
        return .whole
    }

    private func dropNow() async throws {
        let progress = slot.progress.withLock { $0 }
        let (id, unknown) = (id.description, unknown)
        let isOurs = try await forgetting { try $0.deleteUpload(id, dooming: $1) }
        guard isOurs else { throw unknown }
        slot.progress.withLock { $0 = nil }
        await discard(progress)
    }

    /// Forgets the row of an upload; on a full disk without a word on what may be under its key.
    private func forgetting(_ body: @escaping @Sendable (Facts, Bool) throws -> Bool) async throws -> Bool {
        do {
            return try await facts.write { try body($0, true) }
        } catch let error as MetadataError where error.code == .full {
            return try await facts.write { try body($0, false) }
        }
    }

    /// Ends an upload that cannot go on, if it still stands where this attempt found it.
    ///
    /// Another process may have gone on with it, for which it is as well as ever: then only this attempt ends.
    private func giveUp(at offset: Int64) async throws {
        let progress = slot.progress.withLock { $0.take() }
        let id = id.description
        let dropped = try? await forgetting { try $0.dropUpload(id, at: offset, dooming: $1) }
        guard let isOurs = dropped else { return }
        guard isOurs else { throw await overtaken() }
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
    /// Of neither anything is done unless the facts still stand at `offset`, where this attempt has found them.
    private func storing<Value>(at offset: Int64, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as BlobStoreError {
            switch error.code {
            case .truncated, .notFound:
                try await giveUp(at: offset)
                throw unknown
            case .full:
                // The bytes first: a full disk may have no room for the fact that they have gone.
                if registry.host.options.isAlone { await discard(slot.progress.withLock { $0 }) }
                try await giveUp(at: offset)
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
