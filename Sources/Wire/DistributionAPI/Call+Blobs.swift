import DistributionGrammar
import HTTPServing
import Logging
import NIOCore
import NIOHTTP1
import OCI
import RegistryContract

extension Call {
    /// end-2.
    func blob(_ digest: Digest, in repository: RepositoryName, headOnly: Bool) async throws -> ServerResponse {
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "Content-Type", value: "application/octet-stream")
        headers.add(name: "Docker-Content-Digest", value: digest.description)
        headers.add(name: "ETag", value: "\"\(digest)\"")
        headers.add(name: "Accept-Ranges", value: "bytes")
        headers.add(name: "Cache-Control", value: "max-age=31536000, immutable")
        if headOnly {
            let byteCount = try await registry.blobByteCount(digest, in: repository)
            if try EntityTags.isNotModified(request.headers, digest) {
                return ServerResponse(.notModified, headers: headers)
            }
            headers.add(name: "Content-Length", value: String(byteCount))
            return ServerResponse(.ok, headers: headers)
        }
        if let location = try await registry.blobLocation(digest, in: repository) {
            return redirect(to: location, digest)
        }
        let range = EntityTags.rangeApplies(request.headers, digest) ? request.headers.first(name: "range") : nil
        guard let range else {
            let content = try await registry.blob(digest, in: repository)
            if try EntityTags.isNotModified(request.headers, digest) {
                return ServerResponse(.notModified, headers: headers)
            }
            return ServerResponse(.ok, headers: headers, body: try body(content, 0..<content.byteCount))
        }
        return try await part(range, of: digest, in: repository, headers)
    }

    /// Sends the client to where the bytes are, and asks everybody on the way to keep that to themselves.
    private func redirect(to location: BlobLocation, _ digest: Digest) -> ServerResponse {
        let headers: HTTPHeaders = [
            "Location": location.url, "Docker-Content-Digest": digest.description, "Cache-Control": "no-store",
            "Content-Length": "0",
        ]
        return ServerResponse(.temporaryRedirect, headers: headers)
    }

    /// A part of a blob: how large the whole is tells which, and only that is fetched where the blob lies elsewhere.
    private func part(
        _ range: String,
        of digest: Digest,
        in repository: RepositoryName,
        _ headers: HTTPHeaders
    ) async throws -> ServerResponse {
        var headers = headers
        let byteCount = try await registry.blobByteCount(digest, in: repository)
        if try EntityTags.isNotModified(request.headers, digest) {
            return ServerResponse(.notModified, headers: headers)
        }
        switch ByteRange(header: range, byteCount: byteCount) {
        case .whole:
            let content = try await registry.blob(digest, in: repository)
            return ServerResponse(.ok, headers: headers, body: try body(content, 0..<content.byteCount))
        case .part(let part):
            let content = try await registry.blob(digest, range: part, in: repository)
            headers.add(
                name: "Content-Range",
                value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(content.byteCount)"
            )
            return ServerResponse(.partialContent, headers: headers, body: try body(content, part))
        case .unsatisfiable:
            headers.add(name: "Content-Range", value: "bytes */\(byteCount)")
            return ServerResponse(.rangeNotSatisfiable, headers: headers)
        }
    }

    /// A part of a blob as a body; `content` gives at least that.
    private func body(_ content: BlobContent, _ part: Range<Int64>) throws -> ServerResponse.Body {
        switch content.source {
        case .bytes(let bytes):
            let start = bytes.readerIndex + Int(part.lowerBound)
            return .bytes(bytes.getSlice(at: start, length: part.count) ?? ByteBuffer())
        case .file(let file):
            return .file(
                FileSlice(
                    descriptor: file.descriptor,
                    owner: file.owner,
                    offset: file.offset + part.lowerBound,
                    byteCount: Int64(part.count)
                )
            )
        case .stream(let stream):
            guard content.range == part else {
                throw RegistryError(.unavailable, "other bytes of the blob came than were asked for")
            }
            return .stream(BlobBody(stream: stream, log: log), byteCount: Int64(part.count))
        }
    }
}

/// A blob that comes from elsewhere while it is sent; why it ended early is for the log.
private struct BlobBody: ResponseStream {
    let stream: any ByteStream
    let log: Logger

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        do {
            return try await stream.next(upTo: byteCount)
        } catch {
            if !Task.isCancelled { log.error("a blob ended early", metadata: ["error": .string("\(error)")]) }
            throw error
        }
    }
}
