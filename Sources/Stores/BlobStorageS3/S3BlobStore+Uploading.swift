import BlobStorage
import Hashing
import NIOCore
import OCI

extension S3BlobStore {
    /// How many bytes the part behind so many parts has, which its number alone says.
    func partByteCount(after count: Int) -> Int64 {
        min(partByteCount << Int64(min(count / Self.partsOfOneSize, 16)), Self.partByteCountMax)
    }

    /// The largest part that S3 takes.
    private static let partByteCountMax: Int64 = 5 << 30

    func appendNow(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) async throws -> UploadState {
        var ledger = try S3Ledger(state.ledger)
        let spool = try await spool(key, ledger, upTo: state.offset)
        var (offset, hash, rest) = (state.offset, state.hash, bytes[...])
        while !rest.isEmpty {
            let end = ledger.partsEnd + partByteCount(after: ledger.parts.count)
            let piece = Self.take(&rest, Int(max(end - offset, 0)))
            hash = try await spool.write(piece, at: offset, hash)
            offset += piece.reduce(0) { $0 + Int64($1.readableBytes) }
            guard offset >= end else { continue }
            let part = try await send(ledger.partsEnd..<offset, of: spool, key, &ledger)
            spool.know(S3Spool.Boundary(part: part, offset: offset, hash: hash))
        }
        // It may have gone meanwhile, when it was empty.
        spools.keep(spool, for: key, at: moment)
        return UploadState(offset: offset, hash: hash, ledger: ledger.encoded())
    }

    /// Sends a stretch of an upload as its next part; its multipart upload is begun with the first.
    func send(
        _ range: Range<Int64>,
        of spool: S3Spool,
        _ key: BlobKey,
        _ ledger: inout S3Ledger
    ) async throws -> S3Part {
        let number = ledger.parts.count + 1
        guard number <= S3Ledger.partsMax else {
            throw S3Error(.entityTooLarge, "A blob of more than \(S3Ledger.partsMax) parts cannot be stored.")
        }
        let name = S3BlobLayout.blob(key)
        let known = ledger.uploadID.map { S3Upload(key: name, id: $0) }
        let upload = if let known { known } else { try await client.createUpload(name) }
        do {
            let part = try await client.uploadPart(number, of: upload, spool.body(range))
            ledger.uploadID = upload.id
            ledger.append(part)
            return part
        } catch let error as S3Error where known != nil && error.code == .notImplemented {
            // rclone sends parts on as they come, and cannot take one back that a broken attempt has sent.
            throw BlobStoreError(.truncated, "\(error.message) The upload begins anew.")
        } catch {
            // Nobody will know it; what is left is found in the store's listing.
            if known == nil { try? await S3Afterwards.run { try await client.abort(upload) } }
            throw error
        }
    }

    // MARK: - Going on

    /// The file with the bytes of an upload from where its parts end up to `offset`: the one that is here, if it has
    /// these, or one that is made of the end that was flushed.
    func spool(_ key: BlobKey, _ ledger: S3Ledger, upTo offset: Int64) async throws -> S3Spool {
        let base = ledger.partsEnd
        let known = spools[key]
        if let known, known.has(ledger, upTo: offset) {
            known.touch(at: moment)
            do {
                try await known.advance(to: base)
            } catch {
                spools.drop(key)
                throw error
            }
            return known
        }
        guard offset > base else {
            guard offset == base else { throw Self.truncated(key, offset) }
            let spool = try await S3Spool.make(in: folder, base: base, threads: threads, at: moment)
            spools.keep(spool, for: key, at: moment)
            return spool
        }
        guard let tail = ledger.currentTail, tail.end >= offset else {
            guard known == nil, ledger == S3Ledger() else { throw Self.truncated(key, offset) }
            throw BlobStoreError(.notFound, "There is no upload \(key).")
        }
        let spool = try await fetch(tail, key)
        spools.keep(spool, for: key, at: moment)
        return spool
    }

    /// The end of an upload that some process has flushed.
    private func fetch(_ tail: S3Ledger.Tail, _ key: BlobKey) async throws -> S3Spool {
        let spool = try await S3Spool.make(in: folder, base: tail.start, threads: threads, at: moment)
        do {
            let object = try await client.get(S3BlobLayout.tail(tail, key))
            guard object.facts.byteCount == tail.end - tail.start else { throw Self.truncated(key, tail.end) }
            var (offset, hash) = (tail.start, ContentHash(.sha256))
            for try await chunk in object.body {
                hash = try await spool.write([chunk], at: offset, hash)
                offset += Int64(chunk.readableBytes)
            }
            guard S3Ledger.Tail(tail.start..<offset, hash) == tail else {
                throw BlobStoreError(
                    .truncated,
                    "The end of the upload \(key) has other bytes than were put there. It begins anew."
                )
            }
        } catch let error as S3Error where error.code == .noSuchKey {
            throw Self.truncated(key, tail.end)
        }
        spool.know(tail)
        return spool
    }

    static func truncated(_ key: BlobKey, _ offset: Int64) -> BlobStoreError {
        BlobStoreError(.truncated, "The upload \(key) has fewer than the \(offset) bytes that were recorded for it.")
    }

    // MARK: - Making durable

    func flushWhole(_ key: BlobKey, at state: UploadState) async throws -> UploadState {
        guard state.offset > 0 else { return state }
        let before = try S3Ledger(state.ledger)
        if before.currentTail?.end == state.offset { return state }
        var ledger = before.endingAtParts()
        if state.offset > before.partsEnd {
            let spool = try await spool(key, before, upTo: state.offset)
            let range = before.partsEnd..<state.offset
            let tail = S3Ledger.Tail(range, try await spool.hash(range, .sha256))
            try await client.put(S3BlobLayout.tail(tail, key), spool.body(range))
            spool.know(tail)
            ledger.tail = tail
            ledger.stale.removeAll { $0 == tail }
        }
        // The ends that were old at the flush before: what that one gave was recorded, or this one were not asked for.
        for tail in before.stale where tail != ledger.tail {
            guard await isGone(tail, key) else { continue }
            ledger.stale.removeAll { $0 == tail }
        }
        return UploadState(offset: state.offset, hash: state.hash, ledger: ledger.encoded())
    }

    /// Goes back to where the parts end, if this process has sent the last of them; else to the beginning.
    func flushParts(_ key: BlobKey, at state: UploadState) throws -> UploadState {
        let ledger = try S3Ledger(state.ledger)
        let durable = ledger.endingAtParts().encoded()
        if ledger.partsEnd == state.offset {
            return UploadState(offset: state.offset, hash: state.hash, ledger: durable)
        }
        guard let boundary = spools[key]?.boundary(of: ledger), boundary.hash.algorithm == state.hash.algorithm else {
            return UploadState.start(state.hash.algorithm)
        }
        return UploadState(offset: boundary.offset, hash: boundary.hash, ledger: durable)
    }

    private func isGone(_ tail: S3Ledger.Tail, _ key: BlobKey) async -> Bool {
        do {
            try await client.delete(S3BlobLayout.tail(tail, key))
            return true
        } catch {
            // It stays in the ledger, for the next time.
            return false
        }
    }

    /// Takes bytes from the front: as many as are asked for, or all.
    private static func take(_ rest: inout ArraySlice<ByteBuffer>, _ count: Int) -> [ByteBuffer] {
        var (taken, left): ([ByteBuffer], Int) = ([], count)
        while left > 0, var buffer = rest.popFirst() {
            guard let piece = buffer.readSlice(length: min(left, buffer.readableBytes)) else { continue }
            left -= piece.readableBytes
            taken.append(piece)
            if buffer.readableBytes > 0 {
                rest = [buffer] + rest
                break
            }
        }
        return taken
    }
}
