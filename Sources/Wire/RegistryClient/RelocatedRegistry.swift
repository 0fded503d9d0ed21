public import OCI
public import RegistryContract

/// A registry whose repositories have other names than those that it is asked by.
///
/// Whoever asks for `example.com/foo/app` gets what `inner.example/bar/app` has: names are changed before anything
/// leaves, and nothing that comes back is.
public struct RelocatedRegistry: Registry {
    private let base: any Registry
    private let name: @Sendable (RepositoryName) throws -> RepositoryName

    /// Gives the repositories of a registry other names.
    ///
    /// - Parameters:
    ///   - base: Where the content is.
    ///   - name: What a repository is called there.
    public init(_ base: any Registry, name: @escaping @Sendable (RepositoryName) throws -> RepositoryName) {
        self.base = base
        self.name = name
    }
}

// MARK: - Reading

extension RelocatedRegistry {
    /// The manifest of the other repository.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await base.manifest(reference, in: name(repository))
    }

    /// What a reference names in the other repository.
    public func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        try await base.descriptor(of: reference, in: name(repository))
    }

    /// The size of a blob of the other repository.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await base.blobByteCount(digest, in: name(repository))
    }

    /// A blob of the other repository.
    public func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent
    {
        try await base.blob(digest, range: range, in: name(repository))
    }

    /// A blob of the other repository, whose size is known.
    public func blob(
        _ digest: Digest,
        of byteCount: Int64,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        try await base.blob(digest, of: byteCount, range: range, in: name(repository))
    }

    /// The tags of the other repository.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await base.tags(in: name(repository), after: last, limit: limit)
    }

    /// The repositories, by the names that they have there.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await base.repositories(after: last, limit: limit)
    }

    /// What refers to a manifest in the other repository.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try await base.referrers(
            to: subject,
            artifactType: artifactType,
            in: name(repository),
            after: last,
            limit: limit
        )
    }
}

// MARK: - Changing

extension RelocatedRegistry {
    /// Asks about the other repository.
    public func admitManifest(in repository: RepositoryName) async throws {
        try await base.admitManifest(in: name(repository))
    }

    /// Stores a manifest in the other repository.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        try await base.putManifest(push, in: name(repository))
    }

    /// Mounts a blob in the other repository.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        try await base.mountBlob(digest, from: source, into: name(repository))
    }

    /// Begins an upload to the other repository.
    public func startUpload(
        in repository: RepositoryName,
        algorithm: Digest.Algorithm
    ) async throws -> UploadStatus {
        try await base.startUpload(in: name(repository), algorithm: algorithm)
    }

    /// Begins an upload to the other repository, or goes on with one.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        try await base.startUpload(of: blob, in: name(repository))
    }

    /// How far an upload to the other repository has come.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await base.upload(id, in: name(repository))
    }

    /// Appends bytes to an upload to the other repository.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try await base.append(body, to: id, at: offset, in: name(repository))
    }

    /// Finishes an upload to the other repository.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try await base.finishUpload(id, appending: body, at: offset, expecting: digest, in: name(repository))
    }

    /// Cancels an upload to the other repository.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try await base.cancelUpload(id, in: name(repository))
    }

    /// Deletes a manifest of the other repository.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await base.deleteManifest(digest, in: name(repository))
    }

    /// Deletes a tag of the other repository.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try await base.deleteTag(tag, if: condition, in: name(repository))
    }

    /// Deletes a blob of the other repository.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try await base.deleteBlob(digest, in: name(repository))
    }
}
