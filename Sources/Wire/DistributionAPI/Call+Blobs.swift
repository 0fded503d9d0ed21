import DistributionGrammar
import HTTPServing
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
        let content = try await registry.blob(digest, in: repository)
        if try EntityTags.isNotModified(request.headers, digest) {
            return ServerResponse(.notModified, headers: headers)
        }
        let range = EntityTags.rangeApplies(request.headers, digest) ? request.headers.first(name: "range") : nil
        switch ByteRange(header: range, byteCount: content.byteCount) {
        case .whole:
            return ServerResponse(.ok, headers: headers, body: try Self.body(content, 0..<content.byteCount))
        case .part(let part):
            let text = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(content.byteCount)"
            headers.add(name: "Content-Range", value: text)
            return ServerResponse(.partialContent, headers: headers, body: try Self.body(content, part))
        case .unsatisfiable:
            headers.add(name: "Content-Range", value: "bytes */\(content.byteCount)")
            return ServerResponse(.rangeNotSatisfiable, headers: headers)
        }
    }

    private static func body(_ content: BlobContent, _ part: Range<Int64>) throws -> ServerResponse.Body {
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
        case .stream:
            // Nothing that is served here lies elsewhere; whoever wraps a remote registry keeps its blobs first.
            throw RegistryError(.unavailable, "the blob lies in another registry, and has not been brought here yet")
        }
    }
}
