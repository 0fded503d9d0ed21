import BlobStorage
import Hashing
import NIOCore
import NIOPosix
import OCI

extension S3BlobStore {
    func finishNow(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        let byteCount = bytes.reduce(state.offset) { $0 + Int64($1.readableBytes) }
        guard state.hash.algorithm == digest.algorithm else {
            return try await finishHashingAnew(key, appending: bytes, at: state, expecting: digest)
        }
        if state.offset == 0, byteCount < partByteCount {
            try demand(digest, try await hashed(state.hash, bytes))
            try await name(key, digest, byteCount)
            try await put(.buffers(bytes), key, digest)
            spools.drop(key)
            return byteCount
        }
        if try await isFinishedBefore(key, digest, byteCount) {
            try demand(digest, try await hashed(state.hash, bytes))
            return byteCount
        }
        let reached = try await appendNow(bytes, to: key, at: state)
        try demand(digest, reached.hash)
        var ledger = try S3Ledger(reached.ledger)
        let spool = try await spool(key, ledger, upTo: byteCount)
        let rest = ledger.partsEnd..<byteCount
        if ledger.uploadID == nil {
            try await name(key, digest, byteCount)
            try await put(spool.body(rest), key, digest)
        } else {
            if !rest.isEmpty { _ = try await send(rest, of: spool, key, &ledger) }
            try await name(key, digest, byteCount)
            try await complete(key, ledger, digest, byteCount)
        }
        await forget(key, ledger)
        return byteCount
    }

    /// Drops what an upload needs no longer when it is finished.
    private func forget(_ key: BlobKey, _ ledger: S3Ledger) async {
        spools.drop(key)
        let tails = ledger.stale + (ledger.tail.map { [$0] } ?? [])
        // What cannot be removed now is found in the store's listing.
        for tail in tails { try? await client.delete(S3BlobLayout.tail(tail, key)) }
    }

    /// Finishes what was hashed by another algorithm than that of `digest`.
    ///
    /// Parts cannot be read before they are an object: so this is made first, read back, and removed when it is not
    /// what it should be. Until then it is named by the digest that is known of it.
    private func finishHashingAnew(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at state: UploadState,
        expecting digest: Digest
    ) async throws -> Int64 {
        let byteCount = bytes.reduce(state.offset) { $0 + Int64($1.readableBytes) }
        // It has this name only after it was compared.
        if try await isFinishedBefore(key, digest, byteCount) { return byteCount }
        let reached = try await appendNow(bytes, to: key, at: state)
        var ledger = try S3Ledger(reached.ledger)
        guard ledger.uploadID != nil else {
            var hashed = reached
            hashed.hash = try await rehash(key, at: reached, digest.algorithm)
            return try await finishNow(key, appending: [], at: hashed, expecting: digest)
        }
        let rest = ledger.partsEnd..<reached.offset
        if !rest.isEmpty {
            _ = try await send(rest, of: try await spool(key, ledger, upTo: reached.offset), key, &ledger)
        }
        let (object, known) = (S3BlobLayout.blob(key), reached.hash.digest())
        try await name(key, known, reached.offset)
        // Where it is complete already, another attempt has made it the blob of the digest that is known.
        try await complete(key, ledger, known, reached.offset, isRepeatable: false)
        let actual = try await hash(object, digest.algorithm)
        guard actual.byteCount == reached.offset, actual.digest() == digest else {
            try await remove(key, digest: known)
            try demand(digest, actual)
            throw BlobStoreError(.truncated, "\(client.address.place) gives back other bytes than it was given.")
        }
        try await name(key, digest, reached.offset)
        // Of two names each would be taken for all that names the bytes.
        try await client.delete(S3BlobLayout.digest(known, key, byteCount: reached.offset))
        verified.forget(S3BlobLayout.digestStart(known, key))
        verified.insert(S3BlobLayout.digestStart(digest, key))
        await forget(key, ledger)
        return reached.offset
    }

    /// The hash of an object.
    private func hash(_ name: String, _ algorithm: Digest.Algorithm) async throws -> ContentHash {
        var hash = ContentHash(algorithm)
        for try await chunk in try await client.get(name).body { hash = try await hashed(hash, [chunk]) }
        return hash
    }

    /// Puts the name there that tells a blob's digest.
    private func name(_ key: BlobKey, _ digest: Digest, _ byteCount: Int64) async throws {
        try await client.put(S3BlobLayout.digest(digest, key, byteCount: byteCount), .empty)
    }

    /// Puts a blob there at once.
    private func put(_ body: S3Body, _ key: BlobKey, _ digest: Digest) async throws {
        let field = [Self.digestField: digest.description]
        do {
            try await client.put(S3BlobLayout.blob(key), body, metadata: field, onlyIfAbsent: isConditional)
        } catch let error as S3Error where error.code == .preconditionFailed {
            // It is there since an attempt whose answer was lost: nobody else has this key.
            guard try await isFinished(key, digest, body.byteCount) else { throw error }
        }
    }

    private func complete(
        _ key: BlobKey,
        _ ledger: S3Ledger,
        _ digest: Digest,
        _ byteCount: Int64,
        isRepeatable: Bool = true
    ) async throws {
        let name = S3BlobLayout.blob(key)
        do {
            try await client.complete(S3Upload(key: name, id: ledger.uploadID ?? ""), ledger.parts)
        } catch let error as S3Error {
            // The answer of an attempt that did it may have been lost.
            if try await isFinished(key, digest, byteCount) {
                guard !isRepeatable else { return }
                throw error
            }
            let isRefused = [.noSuchUpload, .invalidPart, .entityTooSmall].contains(error.code)
            if isRefused { try? await client.delete(S3BlobLayout.digest(digest, key, byteCount: byteCount)) }
            throw error
        }
        verified.insert(S3BlobLayout.digestStart(digest, key))
    }

    /// Whether another process has finished an upload, or this one before its caller was stopped.
    ///
    /// What this process has a file of, it has not finished.
    private func isFinishedBefore(_ key: BlobKey, _ digest: Digest, _ byteCount: Int64) async throws -> Bool {
        guard spools[key] == nil else { return false }
        return try await isFinished(key, digest, byteCount)
    }

    /// Whether a blob is there with this digest and size.
    private func isFinished(_ key: BlobKey, _ digest: Digest, _ byteCount: Int64) async throws -> Bool {
        do {
            return try await facts(of: key, digest).byteCount == byteCount
        } catch let error as S3Error where error.code == .noSuchKey {
            return false
        } catch let error as BlobStoreError where error.code == .notFound {
            return false
        }
    }

    private func demand(_ digest: Digest, _ hash: ContentHash) throws(BlobStoreError) {
        let actual = hash.digest()
        guard actual != digest else { return }
        throw BlobStoreError(.digestMismatch, "The bytes have the digest \(actual), not \(digest).", actual: actual)
    }

    private func hashed(_ before: ContentHash, _ bytes: [ByteBuffer]) async throws -> ContentHash {
        try await threads.runIfActive {
            var hash = before
            for buffer in bytes { buffer.withUnsafeReadableBytes { hash.update($0) } }
            return hash
        }
    }

    // MARK: - Giving up

    func discardNow(_ key: BlobKey, ledger bytes: [UInt8]?) async throws {
        spools.drop(key)
        let name = S3BlobLayout.blob(key)
        if let id = (try? S3Ledger(bytes))?.uploadID {
            try await client.abort(S3Upload(key: name, id: id))
        } else {
            for upload in try await client.listUploads(prefix: name).uploads where upload.key == name {
                try await client.abort(upload)
            }
        }
        var token: String?
        repeat {
            let page = try await client.list(prefix: S3BlobLayout.tailStart(key), token: token)
            try await delete(page.objects.map(\.key))
            token = page.next
        } while token != nil
    }
}
