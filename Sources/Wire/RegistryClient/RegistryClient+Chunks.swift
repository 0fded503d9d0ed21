import DistributionGrammar
import NIOCore
public import OCI
import Outgoing
public import RegistryContract

/// The bytes of uploads.
///
/// A body of known length goes as it comes, with the offset that it is for. Of one of unknown length the first
/// mebibyte is kept back: if that is all, its length is known; a longer one is sent in one go once the registry has
/// said that the offset is right, and what breaks in the midst of it is ended in order, so that the registry keeps
/// it.
extension RegistryClient {
    /// How much of a body of unknown length is kept back, in bytes.
    private static let headByteCountMax = 1 << 20
    /// A registry may want chunks of at least so many bytes, and not of more.
    static let carryByteCountMax: Int64 = 32 << 20

    /// What is to be sent.
    private struct Chunk {
        var bytes: [ByteBuffer] = []
        var rest: (any ByteStream)?
        /// How many bytes there are in all; nil when nobody knows.
        var byteCount: Int64?
        /// What broke the body behind them.
        var failure: (any Error)?
    }

    /// Appends bytes to an upload.
    ///
    /// Where a registry asks for chunks of some length, fewer are kept here until more come.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        let entry = try known(id, repository)
        let chunk = try await chunk(of: body, behind: entry)
        if let byteCount = chunk.byteCount, byteCount == 0 || byteCount < entry.chunkByteCountMin {
            return try await carry(chunk, id, entry, at: offset)
        }
        if chunk.byteCount == nil, let offset { try await demand(offset, id, repository) }
        let sent = UploadBody(chunk.rest ?? BytesBody(ByteBuffer()), after: chunk.bytes, byteCount: chunk.byteCount)
        var call = uploadCall(.patch, entry, "append to")
        call.headers["Content-Type"] = MediaType.octetStream.description
        let start = offset.map { $0 - entry.carryByteCount }
        if let start, let byteCount = chunk.byteCount {
            call.headers["Content-Range"] = "\(start)-\(start + byteCount - 1)"
        }
        call.body = .stream(sent)
        call.isRepeatable = false
        let response = try await sending(id) { try await self.exchange(call) }
        guard [200, 201, 202, 204].contains(response.status) else {
            throw await refusal(response, to: call, id, at: start)
        }
        await drain(response)
        let expected = (start ?? entry.offset) + sent.sentByteCount
        let reached = UploadOffset.value(response.headers["Range"], isOneLikely: expected > 0) ?? expected
        uploads.update(id) { $0.carry = [] }
        try await note(response, reached, id)
        if let failure = chunk.failure ?? sent.failure { throw failure }
        return UploadStatus(id: id, offset: reached)
    }

    /// Appends the last bytes, if any, and makes the upload a blob of the repository; returns its size in bytes.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        var (body, offset) = (body, offset)
        if let unsafe = body, try isAppended(unsafe, to: known(id, repository)) {
            // A body that breaks must not pass for the end of the blob.
            let isMeasured = unsafe.declaredByteCount != nil
            offset = try await append(unsafe, to: id, at: isMeasured && offset == 0 ? nil : offset, in: repository)
                .offset
            body = nil
        }
        let entry = try known(id, repository)
        let byteCount = entry.carryByteCount + (body?.declaredByteCount ?? 0)
        let start = offset.map { $0 - entry.carryByteCount }
        var call = uploadCall(.put, entry, "finish")
        call.place = .url(try finishing(entry.location, digest))
        call.digest = digest
        call.isRepeatable = false
        call.headers["Content-Type"] = MediaType.octetStream.description
        if byteCount > 0 {
            call.body = .stream(UploadBody(body ?? BytesBody(ByteBuffer()), after: entry.carry, byteCount: byteCount))
            // All in one go has no range (distribution specification, "POST then PUT").
            if let start, start != 0 || entry.offset != 0 || !entry.isOffsetSure {
                call.headers["Content-Range"] = "\(start)-\(start + byteCount - 1)"
            }
        } else if let start, entry.isOffsetSure, start != entry.offset {
            throw offsetInvalid(entry.offset, repository)
        }
        return try await finish(id, call, digest, entry, start, byteCount)
    }

    private func finish(
        _ id: UploadID,
        _ call: Call,
        _ digest: Digest,
        _ entry: UploadTable.Entry,
        _ start: Int64?,
        _ byteCount: Int64
    ) async throws -> Int64 {
        let repository = entry.repository
        let response: OutgoingResponse
        do {
            response = try await sending(id) { try await self.exchange(call) }
        } catch let error as RegistryError where error.underlying is OutgoingError {
            // The answer is lost, and what was asked may have been done: with all bytes, or with those that came.
            let whole = start.map { $0 + byteCount } ?? (entry.isOffsetSure ? entry.offset + byteCount : nil)
            guard let size = try? await blobByteCount(digest, in: repository), size == whole ?? size else {
                throw error
            }
            await end(id)
            return size
        }
        guard [200, 201, 202, 204].contains(response.status) else {
            let error = await refusal(response, to: call, id, at: start)
            if let error = error as? RegistryError, error.code == .digestMismatch {
                try? await cancelUpload(id, in: repository)
                await end(id)
            }
            throw error
        }
        await drain(response)
        await end(id)
        repositories.note(repository, isKnown: true)
        if let start { return start + byteCount }
        return entry.isOffsetSure ? entry.offset + byteCount : try await blobByteCount(digest, in: repository)
    }

    // MARK: Parts

    /// Whether a body is appended before an upload is ended, and not with its end.
    private func isAppended(_ body: any ByteStream, to entry: UploadTable.Entry) -> Bool {
        guard let byteCount = body.declaredByteCount else { return true }
        return byteCount > 0 && entry.checksOnlyAppended
    }

    /// What there is to send: all that is known of it, or the beginning.
    private func chunk(of body: any ByteStream, behind entry: UploadTable.Entry) async throws -> Chunk {
        var chunk = Chunk(bytes: entry.carry)
        let carried = entry.carryByteCount
        if let declared = body.declaredByteCount, declared > 0, carried + declared >= entry.chunkByteCountMin {
            chunk.rest = body
            chunk.byteCount = carried + declared
            return chunk
        }
        var count = carried
        let enough = max(Int64(Self.headByteCountMax), entry.chunkByteCountMin)
        while count < enough {
            do {
                guard let batch = try await body.next(upTo: body.batchByteCount) else {
                    chunk.byteCount = count
                    return chunk
                }
                chunk.bytes += batch
                count += batch.reduce(0) { $0 + Int64($1.readableBytes) }
            } catch {
                guard count > carried, !(error is CancellationError) else { throw error }
                chunk.failure = error
                chunk.byteCount = count
                return chunk
            }
        }
        chunk.rest = body
        return chunk
    }

    /// Keeps bytes that are too few for a chunk.
    private func carry(
        _ chunk: Chunk,
        _ id: UploadID,
        _ entry: UploadTable.Entry,
        at offset: Int64?
    ) async throws -> UploadStatus {
        let standing = entry.offset + entry.carryByteCount
        if let offset, !entry.isOffsetSure || offset != standing { try await demand(offset, id, entry.repository) }
        uploads.update(id) { $0.carry = chunk.bytes }
        if let failure = chunk.failure { throw failure }
        if entry.chunkByteCountMin == 0 { return try await upload(id, in: entry.repository) }
        return UploadStatus(id: id, offset: entry.offset + (chunk.byteCount ?? 0))
    }

    /// Throws unless an upload stands at an offset.
    private func demand(_ offset: Int64, _ id: UploadID, _ repository: RepositoryName) async throws {
        let status = try await upload(id, in: repository)
        guard status.offset == offset else { throw offsetInvalid(status.offset, repository) }
    }

    private func offsetInvalid(_ offset: Int64, _ repository: RepositoryName) -> RegistryError {
        RegistryError(
            .uploadOffsetInvalid,
            "The upload to \(repository) stands at \(offset): go on from there.",
            offset: offset
        )
    }

    /// Sends bytes: when that fails, nobody knows how many have arrived.
    private func sending(
        _ id: UploadID,
        _ body: () async throws -> OutgoingResponse
    ) async throws -> OutgoingResponse {
        do {
            return try await body()
        } catch {
            uploads.update(id) { $0.isOffsetSure = false }
            throw error
        }
    }

    /// A refusal of bytes, with the true offset where that is what is wrong.
    private func refusal(
        _ response: OutgoingResponse,
        to call: Call,
        _ id: UploadID,
        at start: Int64?
    ) async -> any Error {
        let error = await refusal(response, to: call)
        guard var refused = error as? RegistryError else { return error }
        if response.status == 416 {
            // Where offset 0 is refused and `0-0` is said, there is one byte.
            let offset = UploadOffset.value(response.headers["Range"], isOneLikely: start == 0)
            do {
                if let offset {
                    try await note(response, offset, id)
                    refused.offset = offset
                } else if let repository = call.repository {
                    refused.offset = try await upload(id, in: repository).offset
                }
            } catch {
                return error
            }
            return refused
        }
        if refused.code != .uploadUnknown { uploads.update(id) { $0.isOffsetSure = false } }
        return await ended(id, refused)
    }

    private func finishing(_ location: OutgoingURL, _ digest: Digest) throws -> OutgoingURL {
        let separator = location.pathAndQuery.contains("?") ? "&" : "?"
        let digest = PercentEncoding.encode(digest.description)
        do {
            return try OutgoingURL(location.target, path: "\(location.pathAndQuery)\(separator)digest=\(digest)")
        } catch {
            throw RegistryError(.unavailable, "\(host) names a place that cannot be used: \(error).", underlying: error)
        }
    }
}
