import NIOCore
import OCI
import RegistryContract
import RegistryTesting

/// Something that a client may do, over a small world of names in which things meet often.
enum RandomOperation: Sendable {
    case pushBlob(SampleBlob, RepositoryName)
    case size(Digest, RepositoryName)
    case read(Digest, RepositoryName)
    case mount(Digest, from: RepositoryName?, RepositoryName)
    case deleteBlob(Digest, RepositoryName)
    case start(RepositoryName, Digest.Algorithm)
    case append(Int, [UInt8], at: Int64?, breaks: Bool, RepositoryName)
    case finish(Int, [UInt8]?, at: Int64?, Digest, RepositoryName)
    case status(Int, RepositoryName)
    case cancel(Int, RepositoryName)
    case pushManifest(SampleManifest, [Tag], by: Digest?, TagCondition, RepositoryName)
    case manifest(Reference, RepositoryName)
    case deleteManifest(Digest, RepositoryName)
    case deleteTag(Tag, TagCondition, RepositoryName)
    case tags(RepositoryName, after: String?, limit: Int)
    case repositories(after: String?, limit: Int)
    case referrers(Digest, type: String?, RepositoryName, after: Digest?, limit: Int)
}

extension RandomOperation {
    /// What a registry answers, as a text in which nothing is left that may differ between two that mean the same.
    ///
    /// - Parameters:
    ///   - registry: The registry that is asked.
    ///   - uploads: The ids of the uploads of this registry, in the order in which they were begun.
    /// - Returns: The answer as text.
    func answer(of registry: any Registry, _ uploads: inout [UploadID]) async -> String {
        do {
            switch self {
            case .start, .append, .finish, .status, .cancel:
                return try await uploadAnswer(of: registry, &uploads)
            case .pushBlob, .size, .read, .mount, .deleteBlob:
                return try await blobAnswer(of: registry)
            default:
                return try await manifestAnswer(of: registry)
            }
        } catch let error as RegistryError {
            return "\(error.code) \(error.digests) \(error.offset.map(String.init) ?? "")"
        } catch {
            return "\(error)"
        }
    }

    private func blobAnswer(of registry: any Registry) async throws -> String {
        switch self {
        case .pushBlob(let blob, let repository):
            return "\(try await registry.push(blob, to: repository))"
        case .size(let digest, let repository):
            return "\(try await registry.blobByteCount(digest, in: repository))"
        case .read(let digest, let repository):
            return "\(SampleBlob(try await registry.blob(digest, in: repository).allBytes()).digest)"
        case .mount(let digest, let source, let repository):
            return "\(try await registry.mountBlob(digest, from: MountSource(source), into: repository))"
        case .deleteBlob(let digest, let repository):
            try await registry.deleteBlob(digest, in: repository)
            return "deleted"
        default:
            return "not of a blob"
        }
    }

    private func uploadAnswer(of registry: any Registry, _ uploads: inout [UploadID]) async throws -> String {
        switch self {
        case .start(let repository, let algorithm):
            let status = try await registry.startUpload(in: repository, algorithm: algorithm)
            uploads.append(status.id)
            return "\(status.offset)"
        case .append(let number, let bytes, let offset, let breaks, let repository):
            let body = ScriptedBody([.bytes(bytes)] + (breaks ? [.fail] : []))
            return "\(try await registry.append(body, to: uploads[number], at: offset, in: repository).offset)"
        case .finish(let number, let bytes, let offset, let digest, let repository):
            let size = try await registry.finishUpload(
                uploads[number],
                appending: bytes.map { SampleBlob($0).body() },
                at: offset,
                expecting: digest,
                in: repository
            )
            return "\(size)"
        case .status(let number, let repository):
            return "\(try await registry.upload(uploads[number], in: repository).offset)"
        case .cancel(let number, let repository):
            try await registry.cancelUpload(uploads[number], in: repository)
            return "cancelled"
        default:
            return "not of an upload"
        }
    }

    private func manifestAnswer(of registry: any Registry) async throws -> String {
        switch self {
        case .pushManifest(let manifest, let tags, let digest, let condition, let repository):
            let push = manifest.push(tags: tags, by: digest, if: condition)
            return "\(try await registry.putManifest(push, in: repository))"
        case .manifest(let reference, let repository):
            let found = try await registry.manifest(reference, in: repository)
            let bytes = SampleBlob(Array(found.bytes.readableBytesView)).digest
            return "\(found.digest) \(found.mediaType) \(bytes)"
        case .deleteManifest(let digest, let repository):
            try await registry.deleteManifest(digest, in: repository)
            return "deleted"
        case .deleteTag(let tag, let condition, let repository):
            try await registry.deleteTag(tag, if: condition, in: repository)
            return "deleted"
        case .tags(let repository, let last, let limit):
            let page = try await registry.tags(in: repository, after: last, limit: limit)
            return "\(page.elements) \(page.hasMore)"
        case .repositories(let last, let limit):
            let page = try await registry.repositories(after: last, limit: limit)
            return "\(page.elements) \(page.hasMore)"
        case .referrers(let subject, let type, let repository, let last, let limit):
            let page = try await registry.referrers(
                to: subject,
                artifactType: type,
                in: repository,
                after: last,
                limit: limit
            )
            return "\(page.elements) \(page.hasMore)"
        default:
            return "not of a manifest"
        }
    }
}
