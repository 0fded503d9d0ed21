import HTTPServing
import NIOCore
import NIOHTTP1
import OCI
import RegistryContract

extension Call {
    /// end-3.
    func manifest(
        _ reference: Reference,
        in repository: RepositoryName,
        headOnly: Bool
    ) async throws -> ServerResponse {
        let manifest = try await registry.manifest(reference, in: repository)
        let digest = manifest.digest.description
        let tag = "\"\(digest)\""
        var headers = HTTPHeaders()
        headers.reserveCapacity(6)
        headers.add(name: "Content-Type", value: manifest.mediaType.description)
        headers.add(name: "Docker-Content-Digest", value: digest)
        headers.add(name: "ETag", value: tag)
        if EntityTags.isNotModified(request.headers, tag: tag) { return ServerResponse(.notModified, headers: headers) }
        guard headOnly else { return ServerResponse(.ok, headers: headers, body: .bytes(manifest.bytes)) }
        headers.add(name: "Content-Length", value: String(manifest.bytes.readableBytes))
        return ServerResponse(.ok, headers: headers)
    }

    /// end-7.
    func putManifest(
        _ reference: Reference,
        in repository: RepositoryName,
        tags: [Tag]
    ) async throws -> ServerResponse {
        var push = ManifestPush(
            digest: nil,
            tags: tags,
            contentType: try contentType(),
            bytes: try await manifestBytes(),
            condition: try EntityTags.condition(request.headers)
        )
        switch reference {
        case .digest(let digest): push.digest = digest
        case .tag(let tag): if !push.tags.contains(tag) { push.tags.insert(tag, at: 0) }
        }
        let receipt = try await registry.putManifest(push, in: repository)
        var headers: HTTPHeaders = [
            "Location": location("/v2/\(repository)/manifests/\(reference)"),
            "Docker-Content-Digest": receipt.digest.description,
        ]
        if let subject = receipt.subject { headers.add(name: "OCI-Subject", value: subject.description) }
        for tag in tags { headers.add(name: "OCI-Tag", value: tag.description) }
        return ServerResponse(.created, headers: headers)
    }

    private func contentType() throws -> MediaType? {
        guard let text = request.headers.first(name: "content-type"), !text.isEmpty else { return nil }
        guard let type = MediaType(text) else {
            throw RegistryError(.manifestInvalid, "the Content-Type \(text.prefix(80)) is not a media type")
        }
        // What clients send when nobody said anything: the manifest itself then says what it is.
        return type == .octetStream || type.description == "application/json" ? nil : type
    }

    private func manifestBytes() async throws -> [UInt8] {
        let limit = options.manifestByteCountMax
        let tooLarge = RegistryError(
            .manifestTooLarge,
            "a manifest may have at most \(limit) bytes; this one is larger"
        )
        if let declared = request.body.declaredByteCount, declared > limit { throw tooLarge }
        var bytes: [UInt8] = []
        while let batch = try await request.body.next(upTo: 64 << 10) {
            for buffer in batch { bytes.append(contentsOf: buffer.readableBytesView) }
            guard bytes.count <= limit else { throw tooLarge }
        }
        return bytes
    }
}

/// Conditional requests (RFC 9110 section 13); an entity's tag is its digest in quotes.
///
/// Compared as bytes: text from a client may hold long runs of combining marks, which take String quadratic time.
enum EntityTags {
    /// Whether the client has what it asks for already.
    static func isNotModified(_ headers: HTTPHeaders, tag: String) -> Bool {
        guard headers.contains(name: "if-none-match") else { return false }
        return headers["if-none-match"].contains { list in
            list.utf8.split(separator: UInt8(ascii: ",")).contains { isMatch($0, tag: tag) }
        }
    }

    /// Whether a range is of what the client thinks; without the header it is.
    static func rangeApplies(_ headers: HTTPHeaders, tag: String) -> Bool {
        headers.first(name: "if-range").map { $0.utf8.elementsEqual(tag.utf8) } ?? true
    }

    /// What a push wants to hold of its tags: `If-Match: "digest"`, or `If-None-Match: *` for a tag that is new.
    static func condition(_ headers: HTTPHeaders) throws -> ManifestPush.TagCondition {
        if let text = headers.first(name: "if-none-match"), text.utf8.elementsEqual("*".utf8) { return .absent }
        guard let text = headers.first(name: "if-match"), !text.utf8.elementsEqual("*".utf8) else { return .none }
        var match = text.utf8[...]
        if match.first == UInt8(ascii: "\""), match.last == UInt8(ascii: "\"") { match = match.dropFirst().dropLast() }
        guard let digest = try? Digest(Substring(match)) else {
            throw RegistryError(.conditionFailed, "If-Match must be the digest, in quotes, that the tag points to")
        }
        return .pointsTo(digest)
    }

    /// Weak comparison (RFC 9110 section 8.8.3.2).
    private static func isMatch(_ text: Substring.UTF8View, tag: String) -> Bool {
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        if text.elementsEqual("*".utf8) { return true }
        return (text.starts(with: "W/".utf8) ? text.dropFirst(2) : text).elementsEqual(tag.utf8)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}
