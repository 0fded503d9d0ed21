import Foundation
import ImageLayout
import OCI
import RegistryContract
import RegistryTesting
import Synchronization

/// A registry of many repositories, each in a layout folder of its own: so that a layout, which is one repository, can
/// be asked to keep what is promised of several.
///
/// What it adds is only what lies between repositories: their list, and mounts, which copy.
final class LayoutPerRepository: Registry {
    private let folder: TemporaryFolder
    private let layouts = Mutex<[RepositoryName: LayoutRegistry]>([:])

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
    }

    private func layout(_ repository: RepositoryName) -> LayoutRegistry {
        layouts.withLock { layouts in
            if let layout = layouts[repository] { return layout }
            let layout = LayoutRegistry(path: "\(folder.path)/\(repository.description.replacing("/", with: "+"))")
            layouts[repository] = layout
            return layout
        }
    }

    private var present: [RepositoryName] {
        let all = layouts.withLock { Array($0.keys) }
        return all.filter { FileManager.default.fileExists(atPath: "\(layout($0).path)/index.json") }.sorted()
    }

    func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await layout(repository).manifest(reference, in: repository)
    }

    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await layout(repository).blobByteCount(digest, in: repository)
    }

    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent {
        try await layout(repository).blob(digest, range: range, in: repository)
    }

    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        try await layout(repository).putManifest(push, in: repository)
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        if try await layout(repository).mountBlob(digest, from: source, into: repository) { return true }
        for other in present where source.includes(other) {
            guard let content = try? await layout(other).blob(digest, in: other) else { continue }
            let bytes = try await content.allBytes()
            try await push(SampleBlob(bytes, algorithm: digest.algorithm), to: repository)
            return true
        }
        return false
    }

    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        try await layout(repository).startUpload(in: repository, algorithm: algorithm)
    }

    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        try await layout(repository).upload(id, in: repository)
    }

    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus {
        try await layout(repository).append(body, to: id, at: offset, in: repository)
    }

    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 {
        let layout = layout(repository)
        return try await layout.finishUpload(id, appending: body, at: offset, expecting: digest, in: repository)
    }

    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        try await layout(repository).cancelUpload(id, in: repository)
    }

    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await layout(repository).deleteManifest(digest, in: repository)
    }

    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try await layout(repository).deleteTag(tag, if: condition, in: repository)
    }

    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try await layout(repository).deleteBlob(digest, in: repository)
    }

    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await layout(repository).tags(in: repository, after: last, limit: limit)
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        let rest = present.filter { name in
            last.map { $0.utf8.lexicographicallyPrecedes(name.description.utf8) } ?? true
        }
        return Page(rest, limit: limit)
    }

    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        let layout = layout(repository)
        return try await layout.referrers(
            to: subject,
            artifactType: artifactType,
            in: repository,
            after: last,
            limit: limit
        )
    }
}
