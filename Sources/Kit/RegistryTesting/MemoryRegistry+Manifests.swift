import Hashing
import NIOCore
public import OCI
public import RegistryContract
import Synchronization

extension MemoryRegistry {
    /// The manifest under the digest, or under that of the tag.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        let pushed = try state.withLock { state in
            let held = try state.known(repository)
            let digest: Digest? =
                switch reference {
                case .tag(let tag): held.tags[tag]
                case .digest(let digest): digest
                }
            guard let digest, let pushed = held.manifests[digest] else { throw Self.unknown(reference) }
            return pushed
        }
        return StoredManifest(
            digest: pushed.digest,
            mediaType: pushed.manifest.mediaType,
            bytes: ByteBuffer(bytes: pushed.bytes)
        )
    }

    /// Changes a copy of the repository, tag by tag, and puts it in its place when nothing was refused.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        guard push.bytes.count <= manifestByteCountMax else { throw RegistryError(.manifestTooLarge, "too large") }
        let pushed = try Self.read(push)
        try state.withLock { state in
            var held = state.repositories[repository] ?? Repository()
            let missing = pushed.manifest.needed.filter { !held.blobs.contains($0) }
            guard missing.isEmpty else { throw RegistryError(.manifestBlobUnknown, "missing", digests: missing) }
            held.manifests[pushed.digest] = pushed
            for tag in push.tags {
                try push.condition.demand(of: held.tags[tag])
                held.move(tag, to: pushed.digest)
            }
            state.repositories[repository] = held
        }
        return ManifestReceipt(digest: pushed.digest, subject: pushed.manifest.subject?.digest)
    }

    /// Takes the manifest and each tag that points to it.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try state.withLock { state in
            var held = try state.known(repository)
            guard held.manifests.removeValue(forKey: digest) != nil else { throw Self.unknown(.digest(digest)) }
            for (tag, target) in held.tags where target == digest { held.move(tag, to: nil) }
            state.repositories[repository] = held
        }
    }

    /// Takes the tag.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try state.withLock { state in
            let target = try state.known(repository).tags[tag]
            try condition.demand(of: target)
            guard target != nil else { throw Self.unknown(.tag(tag)) }
            state.repositories[repository]?.move(tag, to: nil)
        }
    }

    private static func read(_ push: ManifestPush) throws -> Pushed {
        let digest = ContentHash.digest(of: push.bytes, push.digest?.algorithm ?? .sha256)
        guard push.digest == nil || push.digest == digest else {
            throw RegistryError(.digestMismatch, "another digest", digests: [digest])
        }
        let pushed: Pushed
        do {
            let manifest = try Manifest(parsing: push.bytes, contentType: push.contentType)
            pushed = Pushed(manifest: manifest, digest: digest, bytes: push.bytes)
        } catch {
            throw RegistryError(.manifestInvalid, "no manifest")
        }
        let manifest = pushed.manifest
        let tagCount = manifest.kind == .index ? push.tags.count(where: isFallback) : 0
        guard max(manifest.referenceCount, tagCount * manifest.manifests.count) <= Manifest.referenceCountMax else {
            throw RegistryError(.manifestTooLarge, "too many references")
        }
        return pushed
    }

    /// `sha256-<hex>`, as a client tags an index of referrers.
    private static func isFallback(_ tag: Tag) -> Bool {
        (try? Digest(tag.description.replacing("-", with: ":", maxReplacements: 1))) != nil
    }

    private static func unknown(_ reference: Reference) -> RegistryError {
        guard case .digest(let digest) = reference else { return RegistryError(.manifestUnknown, "no such tag") }
        return RegistryError(.manifestUnknown, "no such manifest", digests: [digest])
    }
}

extension TagCondition {
    fileprivate func demand(of target: Digest?) throws {
        guard holds(of: target) else { throw RegistryError(.conditionFailed, "the tag is elsewhere") }
    }
}

extension Manifest {
    /// The blobs that must be there before it, each once, in its order.
    fileprivate var needed: [Digest] {
        let present = (config.map { [$0] } ?? []) + layers.filter { !($0.mediaType?.isNonDistributable ?? false) }
        return present.map(\.digest).reduce(into: []) { needed, digest in
            if !needed.contains(digest) { needed.append(digest) }
        }
    }
}
