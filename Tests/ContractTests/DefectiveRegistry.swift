import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization

/// A registry with one mistake, such as have been made: the contract's rules must find it.
final class DefectiveRegistry: Registry {
    /// A mistake.
    enum Defect: CaseIterable, Sendable {
        case rewritesManifests, answersFromOldManifests, answersFromOldSizes
        case deletesSiblings, deletesBlobsEverywhere, deletesBlobsInUse
        case movesOneTag, ignoresConditions, deletesMovedTags
        case mountsFromAnywhere, makesRepositoriesEarly
        case ignoresOffsets, dropsBrokenUploads, keepsFinishedUploads, servesUploadsElsewhere, fencesByAsking
        case reversesTags, beginsPagesAgain, endsListsEarly
        case ignoresTypes, losesTheLastReferrer, keepsReferrers
    }

    private struct State {
        var manifests: [String: StoredManifest] = [:]
        var sizes: [Digest: Int64] = [:]
        var referrers: [Digest: [Descriptor]] = [:]
        var repositories: [UploadID: RepositoryName] = [:]
        var finished: Set<UploadID> = []
        var askedCount = 0
    }

    private let base = MemoryRegistry()
    private let defect: Defect
    private let state = Mutex(State())

    init(_ defect: Defect) {
        self.defect = defect
    }
}

// MARK: - Reading

extension DefectiveRegistry {
    func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        let name = "\(repository) \(reference)"
        if defect == .answersFromOldManifests, let old = state.withLock({ $0.manifests[name] }) { return old }
        var found = try await base.manifest(reference, in: repository)
        if defect == .rewritesManifests { found.bytes.writeString("\n") }
        state.withLock { [found] in $0.manifests[name] = found }
        return found
    }

    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        if defect == .answersFromOldSizes, let old = state.withLock({ $0.sizes[digest] }) { return old }
        let size = try await base.blobByteCount(digest, in: repository)
        state.withLock { $0.sizes[digest] = size }
        return size
    }

    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent {
        try await base.blob(digest, range: range, in: repository)
    }

    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        let page = try await base.tags(in: repository, after: defect == .beginsPagesAgain ? nil : last, limit: limit)
        switch defect {
        case .reversesTags: return Page(page.elements.reversed(), hasMore: page.hasMore)
        case .endsListsEarly: return Page(page.elements, hasMore: false)
        default: return page
        }
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await base.repositories(after: last, limit: limit)
    }

    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        let type = defect == .ignoresTypes ? nil : artifactType
        let page = try await base.referrers(to: subject, artifactType: type, in: repository, after: last, limit: limit)
        switch defect {
        case .losesTheLastReferrer: return Page(page.elements.dropLast(), hasMore: page.hasMore)
        case .keepsReferrers:
            return state.withLock { state in
                let all = Set(page.elements).union(state.referrers[subject] ?? []).sorted { $0.digest < $1.digest }
                state.referrers[subject] = all
                return Page(all, hasMore: page.hasMore)
            }
        default: return page
        }
    }
}

// MARK: - Writing

extension DefectiveRegistry {
    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        var push = push
        if defect == .movesOneTag { push.tags = Array(push.tags.prefix(1)) }
        if defect == .ignoresConditions { push.condition = .none }
        return try await base.putManifest(push, in: repository)
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        let source = defect == .mountsFromAnywhere ? .anywhere : source
        return try await base.mountBlob(digest, from: source, into: repository)
    }

    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        if defect == .makesRepositoriesEarly { try await base.push(SampleBlob(""), to: repository) }
        let status = try await base.startUpload(in: repository, algorithm: algorithm)
        state.withLock { $0.repositories[status.id] = repository }
        return status
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        if defect == .keepsFinishedUploads, state.withLock({ $0.finished.contains(id) }) {
            return UploadStatus(id: id, offset: 0)
        }
        state.withLock { $0.askedCount += 1 }
        return try await base.upload(id, in: home(of: id, or: repository))
    }

    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        let askedBefore = state.withLock { $0.askedCount }
        let offset = defect == .ignoresOffsets ? nil : offset
        do {
            let status = try await base.append(body, to: id, at: offset, in: home(of: id, or: repository))
            guard defect == .fencesByAsking, state.withLock({ $0.askedCount }) > askedBefore else { return status }
            throw RegistryError(.uploadOffsetInvalid, "somebody has asked", offset: status.offset)
        } catch let error as ScriptedBody.Broken {
            if defect == .dropsBrokenUploads { try await base.cancelUpload(id, in: repository) }
            throw error
        }
    }

    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        let offset = defect == .ignoresOffsets ? nil : offset
        let home = home(of: id, or: repository)
        let size = try await base.finishUpload(id, appending: body, at: offset, expecting: digest, in: home)
        state.withLock { _ = $0.finished.insert(id) }
        return size
    }

    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try await base.cancelUpload(id, in: home(of: id, or: repository))
    }

    private func home(of id: UploadID, or repository: RepositoryName) -> RepositoryName {
        guard defect == .servesUploadsElsewhere else { return repository }
        return state.withLock { $0.repositories[id] } ?? repository
    }
}

// MARK: - Deleting

extension DefectiveRegistry {
    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await base.deleteManifest(digest, in: repository)
    }

    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        guard defect == .deletesSiblings else {
            let condition = defect == .deletesMovedTags ? .none : condition
            return try await base.deleteTag(tag, if: condition, in: repository)
        }
        let manifest = try await base.manifest(.tag(tag), in: repository)
        try await base.deleteManifest(manifest.digest, in: repository)
    }

    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        do {
            try await base.deleteBlob(digest, in: repository)
        } catch let error as RegistryError where defect == .deletesBlobsInUse && error.code == .blobInUse {}
        guard defect == .deletesBlobsEverywhere else { return }
        for other in try await base.repositories(after: nil, limit: 100).elements {
            try? await base.deleteBlob(digest, in: other)
        }
    }
}
