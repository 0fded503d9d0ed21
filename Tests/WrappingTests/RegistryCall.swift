import Access
import OCI
import RegistryContract
import RegistryTesting

/// Each method of a registry that is about one repository.
enum RegistryCall: String, CaseIterable {
    case manifest, blobByteCount, blob, tags, referrers, tagHistory
    case putManifest, mountBlob, startUpload, upload, append, finishUpload, cancelUpload
    case deleteManifest, deleteTag, deleteBlob

    /// What must be allowed on the repository.
    var action: Action {
        switch self {
        case .manifest, .blobByteCount, .blob, .referrers, .tagHistory: .pull
        case .tags: .list
        case .putManifest, .mountBlob, .startUpload, .upload, .append, .finishUpload, .cancelUpload: .push
        case .deleteManifest, .deleteTag, .deleteBlob: .delete
        }
    }

    /// Calls it; what it answers does not matter.
    func perform(on registry: any Registry, in repository: RepositoryName) async throws {
        let image = SampleImage(seed: 1, layerSize: 10)
        let (digest, layer) = (try image.manifest.name, try image.layer.name)
        var random = SeededGenerator(seed: 1)
        let id = UploadID(using: &random)
        switch self {
        case .manifest: _ = try await registry.manifest(.digest(digest), in: repository)
        case .blobByteCount: _ = try await registry.blobByteCount(layer, in: repository)
        case .blob: _ = try await registry.blob(layer, in: repository)
        case .tags: _ = try await registry.tags(in: repository, after: nil, limit: 10)
        case .referrers:
            _ = try await registry.referrers(to: digest, artifactType: nil, in: repository, after: nil, limit: 10)
        case .tagHistory: _ = try await registry.tagHistory(of: Tag("1"), in: repository, before: nil, limit: 10)
        case .putManifest: _ = try await registry.putManifest(image.manifest.push(by: digest), in: repository)
        case .mountBlob: _ = try await registry.mountBlob(layer, from: .anywhere, into: repository)
        case .startUpload: _ = try await registry.startUpload(in: repository, algorithm: .sha256)
        case .upload: _ = try await registry.upload(id, in: repository)
        case .append: _ = try await registry.append(image.layer.body(), to: id, at: 0, in: repository)
        case .finishUpload:
            _ = try await registry.finishUpload(
                id,
                appending: image.layer.body(),
                at: 0,
                expecting: layer,
                in: repository
            )
        case .cancelUpload: try await registry.cancelUpload(id, in: repository)
        case .deleteManifest: try await registry.deleteManifest(digest, in: repository)
        case .deleteTag: try await registry.deleteTag(Tag("1"), in: repository)
        case .deleteBlob: try await registry.deleteBlob(layer, in: repository)
        }
    }
}
