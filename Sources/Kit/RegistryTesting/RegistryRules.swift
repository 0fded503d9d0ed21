import Glibc
import NIOCore
public import OCI
public import RegistryContract

/// What every ``RegistryContract/Registry`` promises to whoever calls it, beside its durability.
///
/// Not called after the contract, whose module has that name.
public enum RegistryRules {
    /// A promise of a registry, which is checked on an empty one.
    public typealias Rule = ContractRule<any Registry>

    /// Every promise.
    public static let rules: [Rule] = blobs + mounts + uploads + resumed + manifests + tags + referrers + lists

    /// The repository that most rules push to.
    static var app: RepositoryName { get throws { try RepositoryName("team/app") } }
    /// Another one.
    static var other: RepositoryName { get throws { try RepositoryName("team/other") } }
}

// MARK: - Pushing

extension SampleBlob {
    /// The digest as a value.
    public var name: Digest { get throws { try Digest(digest) } }

    /// The bytes of a range, or all, as a body.
    public func body(_ range: Range<Int>? = nil) -> BytesBody {
        BytesBody(ByteBuffer(bytes: bytes[range ?? 0..<bytes.count]))
    }
}

extension SampleManifest {
    /// The digest as a value.
    public var name: Digest { get throws { try Digest(digest) } }

    /// A push of the manifest by tags, or by its digest.
    public func push(
        tags: [Tag] = [],
        by digest: Digest? = nil,
        if condition: TagCondition = .none
    ) -> ManifestPush {
        ManifestPush(
            digest: digest,
            tags: tags,
            contentType: MediaType(mediaType),
            bytes: bytes,
            condition: condition
        )
    }
}

extension Registry {
    /// Pushes a blob in one go.
    @discardableResult
    public func push(_ blob: SampleBlob, to repository: RepositoryName) async throws -> Int64 {
        let digest = try blob.name
        let id = try await startUpload(in: repository, algorithm: digest.algorithm).id
        return try await finishUpload(id, appending: blob.body(), at: 0, expecting: digest, in: repository)
    }

    /// Pushes a manifest.
    @discardableResult
    public func push(
        _ manifest: SampleManifest,
        to repository: RepositoryName,
        tags: String...
    ) async throws -> ManifestReceipt {
        try await putManifest(manifest.push(tags: tags.map { try Tag($0) }), in: repository)
    }

    /// Pushes an image with its blobs.
    @discardableResult
    public func push(
        _ image: SampleImage,
        to repository: RepositoryName,
        tags: String...
    ) async throws -> ManifestReceipt {
        for blob in image.blobs { try await push(blob, to: repository) }
        let digest = try image.manifest.name
        return try await putManifest(image.manifest.push(tags: tags.map { try Tag($0) }, by: digest), in: repository)
    }

    /// Throws unless the repository gives back a blob, by both of the ways to ask.
    public func demandWhole(_ blob: SampleBlob, in repository: RepositoryName) async throws {
        let count = try await blobByteCount(blob.name, in: repository)
        try demandEqual(count, Int64(blob.bytes.count), "the size of \(blob.digest)")
        let content = try await self.blob(blob.name, in: repository)
        try demandEqual(content.byteCount, count, "the size of the opened \(blob.digest)")
        let bytes = try await content.allBytes()
        try demand(bytes == blob.bytes, "\(blob.digest) reads back other bytes than were pushed")
    }

    /// Throws unless the repository gives back a manifest with its bytes and media type.
    public func demandWhole(
        _ manifest: SampleManifest,
        as reference: String,
        in repository: RepositoryName
    ) async throws {
        let found = try await self.manifest(Reference(reference), in: repository)
        try demandEqual(found.digest.description, manifest.digest, "the digest of \(reference)")
        try demandEqual(found.mediaType.description, manifest.mediaType, "the media type of \(reference)")
        try demand(found.bytes == ByteBuffer(bytes: manifest.bytes), "\(reference) reads back other bytes")
    }

    /// All tags of a repository, as text.
    public func allTags(in repository: RepositoryName) async throws -> [String] {
        try await tags(in: repository, after: nil, limit: 10_000).elements.map(\.description)
    }
}

extension BlobContent {
    /// All the bytes, read at once: for small blobs in tests.
    public func allBytes() async throws -> [UInt8] {
        switch source {
        case .bytes(let buffer):
            return Array(buffer.readableBytesView)
        case .file(let file):
            defer { withExtendedLifetime(file.owner) {} }
            var bytes = [UInt8](repeating: 0, count: Int(byteCount))
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeMutableBytes { all in
                    let rest = UnsafeMutableRawBufferPointer(rebasing: all[done...])
                    return pread(file.descriptor, rest.baseAddress, rest.count, off_t(file.offset) + off_t(done))
                }
                try demand(count > 0, "only \(done) of \(bytes.count) bytes can be read")
                done += count
            }
            return bytes
        case .stream(let stream):
            var bytes: [UInt8] = []
            while let chunks = try await stream.next(upTo: stream.batchByteCount) {
                for chunk in chunks { bytes += chunk.readableBytesView }
            }
            return bytes
        }
    }
}

/// Throws unless `body` throws a ``RegistryContract/RegistryError`` of `code`; returns the error.
@discardableResult
func demandRefusal(
    _ code: RegistryError.Code,
    _ what: String,
    file: StaticString = #fileID,
    line: UInt = #line,
    _ body: () async throws -> Void
) async throws -> RegistryError {
    do {
        try await body()
    } catch let error as RegistryError {
        try demandEqual(error.code, code, "the error of \(what)", file: file, line: line)
        return error
    }
    throw ContractViolation("\(what) was not refused with \(code)", file, line)
}
