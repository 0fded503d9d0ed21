import OCI
import RegistryContract
import RegistryTesting
import Synchronization

/// Notes which methods are called, and how many names of repositories were handed out.
final class RecordingRegistry: Registry {
    private struct Record {
        var calls: [String] = []
        var nameCount = 0
    }

    private let base: any Registry
    private let record = Mutex(Record())

    init(_ base: any Registry = MemoryRegistry()) {
        self.base = base
    }

    var calls: [String] { record.withLock { $0.calls } }
    var nameCount: Int { record.withLock { $0.nameCount } }

    private func note(_ call: String = #function) {
        record.withLock { $0.calls.append(String(call.prefix { $0 != "(" })) }
    }
}

extension RecordingRegistry {
    func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        note()
        return try await base.manifest(reference, in: repository)
    }

    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        note()
        return try await base.blobByteCount(digest, in: repository)
    }

    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent {
        note()
        return try await base.blob(digest, range: range, in: repository)
    }

    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        note()
        return try await base.tags(in: repository, after: last, limit: limit)
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        note()
        let page = try await base.repositories(after: last, limit: limit)
        record.withLock { $0.nameCount += page.elements.count }
        return page
    }

    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        note()
        return try await base.referrers(
            to: subject,
            artifactType: artifactType,
            in: repository,
            after: last,
            limit: limit
        )
    }

    func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        note()
        return try await base.tagHistory(of: tag, in: repository, before: version, limit: limit)
    }
}

extension RecordingRegistry {
    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        note()
        return try await base.putManifest(push, in: repository)
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        note()
        return try await base.mountBlob(digest, from: source, into: repository)
    }

    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        note()
        return try await base.startUpload(in: repository, algorithm: algorithm)
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        note()
        return try await base.upload(id, in: repository)
    }

    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        note()
        return try await base.append(body, to: id, at: offset, in: repository)
    }

    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        note()
        return try await base.finishUpload(id, appending: body, at: offset, expecting: digest, in: repository)
    }

    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        note()
        try await base.cancelUpload(id, in: repository)
    }

    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        note()
        try await base.deleteManifest(digest, in: repository)
    }

    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        note()
        try await base.deleteTag(tag, if: condition, in: repository)
    }

    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        note()
        try await base.deleteBlob(digest, in: repository)
    }
}
