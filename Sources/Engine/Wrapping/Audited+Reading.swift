import OCI
import RegistryContract

extension Audited {
    /// Reads, and records a share of the reads.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        let stored = try await base.manifest(reference, in: repository)
        guard options.pulls > 0, options.pulls >= 1 || Double.random(in: 0..<1) < options.pulls else { return stored }
        switch reference {
        case .tag(let tag):
            record("manifest.pull", "\(repository):\(tag)", details: #"{"digest":"\#(stored.digest)"}"#)
        case .digest(let digest):
            record("manifest.pull", "\(repository)@\(digest)")
        }
        return stored
    }

    /// Asks the registry below.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await base.blobByteCount(digest, in: repository)
    }

    /// Reads.
    public func blob(
        _ digest: Digest,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        try await base.blob(digest, range: range, in: repository)
    }

    /// Tells.
    public func blobLocation(_ digest: Digest, in repository: RepositoryName) async throws -> BlobLocation? {
        try await base.blobLocation(digest, in: repository)
    }

    /// Lists.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await base.tags(in: repository, after: last, limit: limit)
    }

    /// Lists.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await base.repositories(after: last, limit: limit)
    }

    /// Lists.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try await base.referrers(to: subject, artifactType: artifactType, in: repository, after: last, limit: limit)
    }

    /// Lists.
    public func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        try await base.tagHistory(of: tag, in: repository, before: version, limit: limit)
    }

    // MARK: Uploads on their way

    /// Begins an upload, which changes nothing that can be seen yet.
    public func startUpload(
        in repository: RepositoryName,
        algorithm: Digest.Algorithm
    ) async throws -> UploadStatus {
        try await base.startUpload(in: repository, algorithm: algorithm)
    }

    /// Asks the registry below.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await base.upload(id, in: repository)
    }

    /// Appends.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try await base.append(body, to: id, at: offset, in: repository)
    }

    /// Ends an upload.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try await base.cancelUpload(id, in: repository)
    }
}
