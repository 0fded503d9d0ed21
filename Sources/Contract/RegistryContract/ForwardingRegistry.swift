import OCI

/// A registry that has its repositories from another one: it says from where, and writes only what it does otherwise.
///
/// Not for a registry that guards or records what is done. There, a method that is new in the contract has to be an
/// error of the compiler until somebody has thought of it, and never a way past the guard.
public protocol ForwardingRegistry: Registry {
    /// Where a repository is, and what it is called there.
    func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName)
}

// MARK: - Reading

extension ForwardingRegistry {
    /// As it is there.
    public func blobLocation(_ digest: Digest, in repository: RepositoryName) async throws -> BlobLocation? {
        let (registry, name) = try destination(of: repository)
        return try await registry.blobLocation(digest, in: name)
    }
}

extension ForwardingRegistry {
    /// As it is there.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        let (registry, name) = try destination(of: repository)
        return try await registry.manifest(reference, in: name)
    }

    /// As it is there.
    public func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        let (registry, name) = try destination(of: repository)
        return try await registry.descriptor(of: reference, in: name)
    }

    /// As it is there.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        let (registry, name) = try destination(of: repository)
        return try await registry.blobByteCount(digest, in: name)
    }

    /// As it is there.
    public func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent
    {
        let (registry, name) = try destination(of: repository)
        return try await registry.blob(digest, range: range, in: name)
    }

    /// As it is there.
    public func blob(
        _ digest: Digest,
        of byteCount: Int64,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        let (registry, name) = try destination(of: repository)
        return try await registry.blob(digest, of: byteCount, range: range, in: name)
    }

    /// As they are there.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        let (registry, name) = try destination(of: repository)
        return try await registry.tags(in: name, after: last, limit: limit)
    }

    /// As they are there.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        let (registry, name) = try destination(of: repository)
        return try await registry.referrers(
            to: subject,
            artifactType: artifactType,
            in: name,
            after: last,
            limit: limit
        )
    }

    /// As it is there.
    public func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        let (registry, name) = try destination(of: repository)
        return try await registry.tagHistory(of: tag, in: name, before: version, limit: limit)
    }
}

// MARK: - Writing

extension ForwardingRegistry {
    /// Asks there.
    public func admitManifest(in repository: RepositoryName) async throws {
        let (registry, name) = try destination(of: repository)
        try await registry.admitManifest(in: name)
    }

    /// Stores it there.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        let (registry, name) = try destination(of: repository)
        return try await registry.putManifest(push, in: name)
    }

    /// Mounts it there.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        let (registry, name) = try destination(of: repository)
        return try await registry.mountBlob(digest, from: source, into: name)
    }

    /// Begins it there.
    public func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        let (registry, name) = try destination(of: repository)
        return try await registry.startUpload(in: name, algorithm: algorithm)
    }

    /// Begins it there, or goes on with one.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        let (registry, name) = try destination(of: repository)
        return try await registry.startUpload(of: blob, in: name)
    }

    /// How far it has come there.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        let (registry, name) = try destination(of: repository)
        return try await registry.upload(id, in: name)
    }

    /// Appends there.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        let (registry, name) = try destination(of: repository)
        return try await registry.append(body, to: id, at: offset, in: name)
    }

    /// Finishes it there.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        let (registry, name) = try destination(of: repository)
        return try await registry.finishUpload(id, appending: body, at: offset, expecting: digest, in: name)
    }

    /// Ends it there.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        let (registry, name) = try destination(of: repository)
        try await registry.cancelUpload(id, in: name)
    }

    /// Leaves it there.
    public func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {
        guard let (registry, name) = try? destination(of: repository) else { return }
        await registry.leaveUpload(id, in: name)
    }
}

// MARK: - Deleting

extension ForwardingRegistry {
    /// Deletes it there.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        let (registry, name) = try destination(of: repository)
        try await registry.deleteManifest(digest, in: name)
    }

    /// Deletes it there.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        let (registry, name) = try destination(of: repository)
        try await registry.deleteTag(tag, if: condition, in: name)
    }

    /// Deletes it there.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        let (registry, name) = try destination(of: repository)
        try await registry.deleteBlob(digest, in: name)
    }
}
