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
        var headers = HTTPHeaders()
        headers.reserveCapacity(6)
        headers.add(name: "Content-Type", value: manifest.mediaType.description)
        headers.add(name: "Docker-Content-Digest", value: digest)
        headers.add(name: "ETag", value: "\"\(digest)\"")
        if try EntityTags.isNotModified(request.headers, manifest.digest) {
            return ServerResponse(.notModified, headers: headers)
        }
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
        try await registry.admitManifest(in: repository)
        let share = manifestRoom.share()
        defer { withExtendedLifetime(share) {} }
        var push = ManifestPush(
            digest: nil,
            tags: tags,
            contentType: try contentType(),
            bytes: try await manifestBytes(share),
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

    private func manifestBytes(_ share: ManifestRoom.Share) async throws -> [UInt8] {
        let limit = options.manifestByteCountMax
        let tooLarge = RegistryError(
            .manifestTooLarge,
            "a manifest may have at most \(limit) bytes; this one is larger"
        )
        if let declared = request.body.declaredByteCount, declared > limit { throw tooLarge }
        var bytes: [UInt8] = []
        while let batch = try await request.body.next(upTo: 64 << 10) {
            try share.take(batch.reduce(0) { $0 + $1.readableBytes })
            for buffer in batch { bytes.append(contentsOf: buffer.readableBytesView) }
            guard bytes.count <= limit else { throw tooLarge }
        }
        return bytes
    }
}
