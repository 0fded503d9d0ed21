import Access
import OCI
import RegistryContract

/// A registry in which nothing can be changed that is read-only, by nobody; all of it can be read.
///
/// It stands below the checks of access: who may not push is told that, and not whether there is a rule. A body that is
/// on its way when a rule comes is ended with its next batch. What was begun before the rule was known here may still
/// be committed: a rule is no lock, and who has made one waits for as long as it takes until every server knows of it.
public struct ReadOnlyGuard: Registry {
    private let base: any Registry
    private let rulesNow: @Sendable () -> ReadOnlyRules

    /// Wraps a registry.
    ///
    /// - Parameters:
    ///   - base: What does it.
    ///   - rulesNow: What is read-only now.
    public init(_ base: any Registry, rulesNow: @escaping @Sendable () -> ReadOnlyRules) {
        self.base = base
        self.rulesNow = rulesNow
    }

    /// Throws the refusal of a change, where it is to be refused.
    private func demand(_ repository: RepositoryName) throws {
        guard let rule = rulesNow().rule(for: repository) else { return }
        throw RegistryError(.denied, "\(rule.sentence). Nothing can be pushed or deleted now; pulls go on")
    }

    private func guarded(_ body: any ByteStream, _ repository: RepositoryName) -> any ByteStream {
        WatchedBody(body) { try demand(repository) }
    }
}

/// Makes registries in which nothing can be changed that is read-only.
public struct ReadOnlyProvider: RegistryProvider {
    private let base: any RegistryProvider
    private let rulesNow: @Sendable () -> ReadOnlyRules

    /// Wraps what makes registries.
    public init(_ base: any RegistryProvider, rulesNow: @escaping @Sendable () -> ReadOnlyRules) {
        self.base = base
        self.rulesNow = rulesNow
    }

    /// The registry of a caller, guarded.
    public func registry(for caller: Caller, standing: TagStanding) -> any Registry {
        ReadOnlyGuard(base.registry(for: caller, standing: standing), rulesNow: rulesNow)
    }
}

// MARK: - Changing

extension ReadOnlyGuard {
    /// Refuses before any byte is read.
    public func admitManifest(in repository: RepositoryName) async throws {
        try demand(repository)
        try await base.admitManifest(in: repository)
    }

    /// Pushes what may be changed.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        try demand(repository)
        return try await base.putManifest(push, in: repository)
    }

    /// Mounts into what may be changed.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        try demand(repository)
        return try await base.mountBlob(digest, from: source, into: repository)
    }

    /// Begins an upload to what may be changed.
    public func startUpload(
        in repository: RepositoryName,
        algorithm: Digest.Algorithm
    ) async throws -> UploadStatus {
        try demand(repository)
        return try await base.startUpload(in: repository, algorithm: algorithm)
    }

    /// Begins an upload to what may be changed, or goes on with one.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        try demand(repository)
        return try await base.startUpload(of: blob, in: repository)
    }

    /// Asks the registry below.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await base.upload(id, in: repository)
    }

    /// Appends to what may be changed, for as long as it may.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try demand(repository)
        return try await base.append(guarded(body, repository), to: id, at: offset, in: repository)
    }

    /// Finishes an upload to what may be changed, for as long as it may.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try demand(repository)
        return try await base.finishUpload(
            id,
            appending: body.map { guarded($0, repository) },
            at: offset,
            expecting: digest,
            in: repository
        )
    }

    /// Ends an upload to what may be changed.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try demand(repository)
        try await base.cancelUpload(id, in: repository)
    }

    /// Leaves it there.
    public func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {
        await base.leaveUpload(id, in: repository)
    }

    /// Deletes from what may be changed.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try demand(repository)
        try await base.deleteManifest(digest, in: repository)
    }

    /// Deletes from what may be changed.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try demand(repository)
        try await base.deleteTag(tag, if: condition, in: repository)
    }

    /// Deletes from what may be changed.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try demand(repository)
        try await base.deleteBlob(digest, in: repository)
    }
}

// MARK: - Reading

extension ReadOnlyGuard {
    /// Reads.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await base.manifest(reference, in: repository)
    }

    /// Asks the registry below.
    public func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        try await base.descriptor(of: reference, in: repository)
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

    /// Reads.
    public func blob(
        _ digest: Digest,
        of byteCount: Int64,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        try await base.blob(digest, of: byteCount, range: range, in: repository)
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
}
