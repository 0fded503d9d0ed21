import NIOCore
public import OCI
import Outgoing
public import RegistryContract

/// Blobs as streams.
extension RegistryClient {
    /// A blob, or a part of it, on its way; the bytes are not verified here.
    ///
    /// Redirects are followed, as most registries keep their blobs elsewhere.
    public func blob(
        _ digest: Digest,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        if let range, range.isEmpty {
            let byteCount = try await blobByteCount(digest, in: repository)
            let start = min(range.lowerBound, byteCount)
            return BlobContent(byteCount: byteCount, range: start..<start, source: .bytes(ByteBuffer()))
        }
        let first = try await part(of: digest, in: repository, range, total: nil)
        let total: Int64
        if let said = first.total { total = said } else { total = try await blobByteCount(digest, in: repository) }
        let wanted = (range ?? 0..<total).clamped(to: 0..<total)
        guard range == nil || wanted == range else {
            throw RegistryError(
                .sizeInvalid,
                "The blob \(digest) of \(repository) has \(total) bytes at \(host), and \(wanted.upperBound) are not "
                    + "all that was asked for.",
                digests: [digest]
            )
        }
        let stream = BlobDownload(self, digest, in: repository, range: wanted, of: total, from: first)
        return BlobContent(byteCount: total, range: wanted, source: .stream(stream))
    }

    /// Bytes of a blob: those from the beginning of the range at least, where they do not come from further in front.
    ///
    /// A server may pass over a range and send the whole (RFC 9110 section 14.2).
    func part(
        of digest: Digest,
        in repository: RepositoryName,
        _ range: Range<Int64>?,
        total: Int64?
    ) async throws -> BlobDownload.Part {
        var call = blobCall(.get, digest, repository)
        let isPart = range.map { $0.lowerBound > 0 || $0.upperBound != total } ?? false
        if let range, isPart { call.headers["Range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)" }
        let response = try await answer(call, isPart ? [200, 206, 416] : [200])
        let part: BlobDownload.Part
        switch (response.status, range) {
        case (206, let range?):
            guard let content = response.headers["Content-Range"].flatMap({ ContentRange($0) }),
                content.range.lowerBound == range.lowerBound, content.range.upperBound <= range.upperBound,
                response.body.byteCount.map({ $0 == Int64(content.range.count) }) ?? true
            else { throw wrong("gives other bytes of \(call.thing) than were asked for", digest) }
            part = BlobDownload.Part(body: response.body, start: range.lowerBound, total: content.byteCount)
        case (416, _):
            await drain(response)
            throw wrong("has fewer bytes of \(call.thing) than were asked for", digest)
        default:
            let type = response.headers["Content-Type"]?.lowercased() ?? ""
            guard !type.hasPrefix("text/html") else {
                throw wrong("gives a page for people in place of \(call.thing)", digest)
            }
            part = BlobDownload.Part(body: response.body, start: 0, total: response.body.byteCount)
        }
        if let total, let said = part.total, said != total {
            throw wrong("says that \(call.thing) has \(said) bytes, after it had \(total)", digest)
        }
        return part
    }

    private func wrong(_ what: String, _ digest: Digest) -> RegistryError {
        RegistryError(
            .sizeInvalid,
            "\(host) \(what). Try again, and ask its operator, or the operator of a proxy in between.",
            digests: [digest]
        )
    }
}
