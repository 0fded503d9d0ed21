import Access
import Gates
import Hashing
import OCI
import RegistryContract

extension AccessChecked {
    /// Lets those push who may, before their bytes take room.
    public func admitManifest(in repository: RepositoryName) async throws {
        try demand(.push, on: repository)
        try await base.admitManifest(in: repository)
    }

    /// Pushes for who may push; what the tags do is `tag` for one that was free, and `overwrite` for one that moves.
    ///
    /// A push of what a tag already points to does neither, and is allowed to who may do one of them.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        try demand(.push, on: repository)
        var push = push
        let refusal = try restrictTags(&push, in: repository)
        do {
            return try await keepingQuiet(in: repository) { try await base.putManifest(push, in: repository) }
        } catch let error as RegistryError where error.code == .conditionFailed {
            throw refusal ?? error
        }
    }

    /// Changes tags; says nothing of where a guarded one points, and of what holds it, to who may not read there.
    private func keepingQuiet<Value>(
        in repository: RepositoryName,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as RegistryError where error.code == .tagGuarded {
            guard !allows(.pull, on: repository) else { throw error }
            throw RegistryError(.tagGuarded, TagRefusal.unseen(in: repository))
        }
    }

    /// Has the commit decide what depends on where the tags point; returns how the principal is refused then.
    ///
    /// Nil where the caller's own condition leaves no room for a refusal: when it fails, it is the reason.
    private func restrictTags(_ push: inout ManifestPush, in repository: RepositoryName) throws -> AccessRefusal? {
        guard !push.tags.isEmpty else { return nil }
        let overwrite = decide(.overwrite, on: repository)
        let tag = decide(.tag, on: repository)
        let condition: TagCondition
        let refusal: AccessRefusal
        switch (tag.isAllowed, overwrite.isAllowed) {
        case (true, true):
            return nil
        case (true, false):
            condition = .oneOf([nil, push.digest ?? ContentHash.digest(of: push.bytes)])
            refusal = self.refusal(of: .overwrite, on: repository, overwrite)
        case (false, true):
            condition = .present
            refusal = self.refusal(of: .tag, on: repository, tag)
        case (false, false):
            throw self.refusal(of: .tag, on: repository, tag)
        }
        let restricted = push.condition.and(condition)
        guard restricted != push.condition else { return nil }
        push.condition = restricted
        return refusal
    }

    /// Mounts for who may push here and pull there; from where the principal may not pull, there is nothing to be had.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        try demand(.push, on: repository)
        let readable: @Sendable (RepositoryName) -> Bool = { self.allows(.pull, on: $0) && source.includes($0) }
        if case .repository(let name) = source, !readable(name) { return false }
        let allowed: MountSource = if case .repository = source { source } else { .any(where: readable) }
        return try await base.mountBlob(digest, from: allowed, into: repository)
    }

    /// Begins an upload for who may push.
    public func startUpload(
        in repository: RepositoryName,
        algorithm: Digest.Algorithm
    ) async throws -> UploadStatus {
        try demand(.push, on: repository)
        return try await base.startUpload(in: repository, algorithm: algorithm)
    }

    /// Asks for who may push.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try demand(.push, on: repository)
        return try await base.upload(id, in: repository)
    }

    /// Appends for who may push.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try demand(.push, on: repository)
        return try await base.append(body, to: id, at: offset, in: repository)
    }

    /// Finishes an upload for who may push.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        try demand(.push, on: repository)
        return try await base.finishUpload(id, appending: body, at: offset, expecting: digest, in: repository)
    }

    /// Ends an upload for who may push.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try demand(.push, on: repository)
        try await base.cancelUpload(id, in: repository)
    }

    /// Deletes for who may delete.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try demand(.delete, on: repository)
        try await keepingQuiet(in: repository) { try await base.deleteManifest(digest, in: repository) }
    }

    /// Deletes for who may delete.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try demand(.delete, on: repository)
        try await keepingQuiet(in: repository) { try await base.deleteTag(tag, if: condition, in: repository) }
    }

    /// Deletes for who may delete.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try demand(.delete, on: repository)
        try await base.deleteBlob(digest, in: repository)
    }
}
