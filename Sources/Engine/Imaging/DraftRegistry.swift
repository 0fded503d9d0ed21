import NIOCore
import OCI
import RegistryContract
import Transfer

/// Manifests and blobs that were made here and lie nowhere yet, as a registry that can be read and nothing else.
///
/// What it does not have itself it has from the place that the drafts are based on, if there is one: so a draft can be
/// copied like any image, and of its base only what the target lacks is touched.
struct DraftRegistry: Registry {
    /// Where the bytes of a new blob are.
    enum Blob: Sendable {
        case bytes([UInt8])
        case file(TemporaryFile)
        /// A file of this machine, which may be another by now: whoever copies it finds that out by its digest.
        case path(String, byteCount: Int64)

        var byteCount: Int64 {
            switch self {
            case .bytes(let bytes): Int64(bytes.count)
            case .file(let file): file.byteCount
            case .path(_, let byteCount): byteCount
            }
        }

        func content() throws(ImagingError) -> BlobContent {
            switch self {
            case .bytes(let bytes): return BlobContent(byteCount: byteCount, source: .bytes(ByteBuffer(bytes: bytes)))
            case .file(let file): return file.content
            case .path(let path, let byteCount):
                let content = try LocalFile(path).content
                guard content.byteCount == byteCount else {
                    throw ImagingError(.fileUnusable, "\(path) was changed while it was being pushed.")
                }
                return content
            }
        }
    }

    var manifests: [Digest: StoredManifest] = [:]
    var blobs: [Digest: Blob] = [:]
    let base: Place?
    /// Blobs of another place than the base.
    var borrowed: [Digest: Place] = [:]

    private func place(of blob: Digest) throws -> Place {
        guard let place = borrowed[blob] ?? base else {
            throw RegistryError(.blobUnknown, "\(blob) is not part of what was made.", digests: [blob])
        }
        return place
    }

    func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        if case .digest(let digest) = reference, let manifest = manifests[digest] { return manifest }
        guard let base else { throw RegistryError(.manifestUnknown, "\(reference) is not part of what was made.") }
        return try await base.registry.manifest(reference, in: base.repository)
    }

    func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        if case .digest(let digest) = reference, let manifest = manifests[digest] {
            let size = Int64(manifest.bytes.readableBytes)
            return Descriptor(mediaType: manifest.mediaType, digest: digest, size: size)
        }
        guard let base else { throw RegistryError(.manifestUnknown, "\(reference) is not part of what was made.") }
        return try await base.registry.descriptor(of: reference, in: base.repository)
    }

    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        if let blob = blobs[digest] { return blob.byteCount }
        let place = try place(of: digest)
        return try await place.registry.blobByteCount(digest, in: place.repository)
    }

    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent {
        if let blob = blobs[digest] { return try blob.content() }
        let place = try place(of: digest)
        return try await place.registry.blob(digest, range: range, in: place.repository)
    }

    /// Referrers of the base: nothing refers to what was only just made.
    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        guard let base, manifests[subject] == nil else { return Page([], hasMore: false) }
        return try await base.registry.referrers(
            to: subject,
            artifactType: artifactType,
            in: base.repository,
            after: last,
            limit: limit
        )
    }
}

// Nothing can be written to what was made, nor listed: it is copied by digest.
extension DraftRegistry {
    private static let unwritable = RegistryError(.unsupported, "What was made here can only be read.")

    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        throw Self.unwritable
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        throw Self.unwritable
    }

    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        throw Self.unwritable
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        throw Self.unwritable
    }

    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        throw Self.unwritable
    }

    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        throw Self.unwritable
    }

    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        throw Self.unwritable
    }

    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        throw Self.unwritable
    }

    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        throw Self.unwritable
    }

    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        throw Self.unwritable
    }

    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        Page([], hasMore: false)
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        Page([], hasMore: false)
    }
}
