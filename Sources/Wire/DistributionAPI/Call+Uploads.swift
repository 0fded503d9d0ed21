import DistributionGrammar
import HTTPServing
import NIOCore
import NIOHTTP1
import OCI
import RegistryContract

extension Call {
    /// end-4a, end-4b, end-11.
    func startUpload(in repository: RepositoryName, _ start: UploadStart) async throws -> ServerResponse {
        if let mount = start.mount,
            try await registry.mountBlob(mount, from: MountSource(start.source), into: repository)
        {
            return blobAnswer(mount, in: repository)
        }
        let algorithm = start.digest?.algorithm ?? start.algorithm ?? start.mount?.algorithm ?? .sha256
        let status = try await registry.startUpload(in: repository, algorithm: algorithm)
        guard let digest = start.digest else { return uploadAnswer(.accepted, status, in: repository) }
        do {
            _ = try await registry.finishUpload(
                status.id,
                appending: IncomingBody(request.body),
                at: 0,
                expecting: digest,
                in: repository
            )
        } catch {
            // The client was never told its id, so nobody can go on with it.
            try? await registry.cancelUpload(status.id, in: repository)
            throw error
        }
        return blobAnswer(digest, in: repository)
    }

    /// end-5.
    func patchUpload(_ id: UploadID, in repository: RepositoryName) async throws -> ServerResponse {
        let chunk = try chunkRange()
        let status = try await registry.append(
            IncomingBody(request.body, expecting: chunk?.byteCount),
            to: id,
            at: chunk?.first,
            in: repository
        )
        return uploadAnswer(.accepted, status, in: repository)
    }

    /// end-6.
    func putUpload(_ id: UploadID, in repository: RepositoryName, _ digest: Digest) async throws -> ServerResponse {
        let chunk = try chunkRange()
        _ = try await registry.finishUpload(
            id,
            appending: request.body.declaredByteCount == 0
                ? nil : IncomingBody(request.body, expecting: chunk?.byteCount),
            at: chunk?.first,
            expecting: digest,
            in: repository
        )
        return blobAnswer(digest, in: repository)
    }

    /// end-13, and what POST and PATCH answer.
    func uploadAnswer(
        _ status: HTTPResponseStatus,
        _ upload: UploadStatus,
        in repository: RepositoryName
    ) -> ServerResponse {
        ServerResponse(
            status,
            headers: [
                "Location": location("/v2/\(repository)/blobs/uploads/\(upload.id)"),
                "Range": UploadRange.text(upload.offset),
                "Docker-Upload-UUID": upload.id.description,
            ]
        )
    }

    private func blobAnswer(_ digest: Digest, in repository: RepositoryName) -> ServerResponse {
        ServerResponse(
            .created,
            headers: [
                "Location": location("/v2/\(repository)/blobs/\(digest)"),
                "Docker-Content-Digest": digest.description,
            ]
        )
    }

    /// Where the client says that its bytes go, compared with how many it says that it sends.
    private func chunkRange() throws -> ChunkRange? {
        guard let text = request.headers.first(name: "content-range") else { return nil }
        guard let chunk = ChunkRange(text) else {
            throw RegistryError(
                .sizeInvalid,
                "the Content-Range \(text.prefix(80)) cannot be read: it must be <first>-<last>, both inclusive"
            )
        }
        if let declared = request.body.declaredByteCount, declared != chunk.byteCount {
            throw RegistryError(
                .sizeInvalid,
                "the Content-Range is of \(chunk.byteCount) bytes and the Content-Length says \(declared)"
            )
        }
        return chunk
    }
}

/// The `Range` of an upload: the bytes that are there, both ends inclusive.
///
/// Of nothing there is no such range; by custom it is then `0-0` (distribution specification, end-13).
enum UploadRange {
    static func text(_ offset: Int64) -> String {
        "0-\(max(0, offset - 1))"
    }
}

/// The body of a request, as bytes on their way into the registry.
struct IncomingBody: ByteStream {
    private let body: RequestBody
    private let expected: Int64?
    private let received = Received()

    /// - Parameters:
    ///   - body: what comes over the wire.
    ///   - expected: how many bytes it must have, when a header other than Content-Length says so.
    init(_ body: RequestBody, expecting expected: Int64? = nil) {
        self.body = body
        self.expected = expected
    }

    var declaredByteCount: Int64? { body.declaredByteCount }

    var batchByteCount: Int { body.batchByteCount }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        let batch = try await body.next(upTo: byteCount)
        let total = received.add(batch?.reduce(0) { $0 + $1.readableBytes } ?? 0)
        if let expected, batch == nil ? total != expected : total > expected {
            throw RegistryError(.sizeInvalid, "the Content-Range is of \(expected) bytes; the body has others")
        }
        return batch
    }
}
