import Logging
import NIOCore
import OCI
import Outgoing
import RegistryContract

/// The bytes of a blob on their way from a registry.
///
/// When the connection is lost, what is missing is asked for from the byte on that was given last; content is known by
/// its digest, so that it cannot be another meanwhile.
actor BlobDownload: ByteStream {
    /// The body of one answer, and which bytes are in it.
    struct Part {
        var body: OutgoingResponseBody
        /// The offset in the blob of the first byte of the body.
        var start: Int64
        /// The size of the whole blob, where the answer says it.
        var total: Int64?

        /// The offset behind its last byte, where the answer says how long it is.
        var end: Int64? { body.byteCount.map { start + $0 } }
    }

    nonisolated let declaredByteCount: Int64?
    nonisolated var batchByteCount: Int { 256 << 10 }

    /// With fewer bytes between two losses nothing was reached.
    private static let progressByteCountMin: Int64 = 16 << 10

    private let client: RegistryClient
    private let digest: Digest
    private let repository: RepositoryName
    private let end: Int64
    private let total: Int64
    /// The offset of the next byte to give.
    private var offset: Int64
    private var bytes: OutgoingResponseBody.AsyncIterator?
    /// The offset of the next byte that comes: less than `offset` where a server gives more than was asked for.
    private var arrival: Int64
    /// Whether the present answer ends with the last byte that is wanted.
    private var isExact: Bool
    private var attempts: Attempts
    private var offsetAtLoss: Int64

    init(
        _ client: RegistryClient,
        _ digest: Digest,
        in repository: RepositoryName,
        range: Range<Int64>,
        of total: Int64,
        from part: Part
    ) {
        self.client = client
        self.digest = digest
        self.repository = repository
        self.total = total
        (offset, end) = (range.lowerBound, range.upperBound)
        declaredByteCount = Int64(range.count)
        bytes = part.body.makeAsyncIterator()
        arrival = part.start
        isExact = part.end == range.upperBound
        attempts = Attempts(client.configuration.retries)
        offsetAtLoss = range.lowerBound
    }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        var batch: [ByteBuffer] = []
        var count = 0
        while count < max(1, byteCount), offset < end {
            do {
                guard var chunk = try await arrived() else { throw lost() }
                guard let wanted = cut(&chunk) else { continue }
                count += wanted.readableBytes
                batch.append(wanted)
            } catch let error as OutgoingError {
                bytes = nil
                guard batch.isEmpty else { return batch }
                try await resume(after: error)
            }
        }
        if offset == end, bytes != nil {
            // Who reads to the end of the answer leaves the connection to the next request.
            if isExact { _ = try? await arrived() }
            bytes = nil
        }
        return batch.isEmpty ? nil : batch
    }

    /// The next chunk of the present answer; nil at its end.
    private func arrived() async throws -> ByteBuffer? {
        guard var iterator = bytes else { throw lost() }
        let chunk = try await iterator.next(isolation: self)
        bytes = iterator
        return chunk
    }

    /// What of a chunk is wanted; nil when nothing is.
    private func cut(_ chunk: inout ByteBuffer) -> ByteBuffer? {
        let early = min(Int64(chunk.readableBytes), offset - arrival)
        chunk.moveReaderIndex(forwardBy: Int(early))
        arrival += early
        let length = min(Int64(chunk.readableBytes), end - offset)
        guard length > 0, let wanted = chunk.readSlice(length: Int(length)) else { return nil }
        arrival += length
        offset += length
        return wanted
    }

    private func resume(after error: OutgoingError) async throws {
        guard error.code == .connectionLost || error.code == .timedOut else { throw failure(error) }
        if offset - offsetAtLoss >= Self.progressByteCountMin { attempts.progress() }
        offsetAtLoss = offset
        let time = client.configuration.time
        guard let wait = attempts.waitAfterLoss(random: time.random()) else { throw failure(error) }
        client.configuration.log.debug(
            "a blob is asked for from the byte on that is missing",
            metadata: ["blob": "\(digest)", "offset": "\(offset)", "after": "\(wait)"]
        )
        try await time.sleep(wait)
        let part = try await client.part(of: digest, in: repository, offset..<end, total: total)
        bytes = part.body.makeAsyncIterator()
        arrival = part.start
        isExact = part.end == end
    }

    private func failure(_ error: OutgoingError) -> any Error {
        client.failure(error, of: client.blobCall(.get, digest, repository))
    }

    private func lost() -> OutgoingError {
        OutgoingError(
            .connectionLost,
            "\(client.host) ended the connection \(end - offset) bytes before the end of the blob. Try again."
        )
    }
}
