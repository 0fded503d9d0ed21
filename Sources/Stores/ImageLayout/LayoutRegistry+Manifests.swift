import Glibc
import Hashing
import NIOCore
public import OCI
public import RegistryContract

extension LayoutRegistry {
    /// Writes the manifest to its file, then changes the index in one step.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        try await work.run { [self] in
            let pushed = try read(push)
            try demandBlobs(of: pushed.manifest)
            try prepare()
            try announce()
            try folder.changeIndex { index in
                for tag in push.tags { try demand(push.condition, of: tag, in: index) }
                // Whoever collects may have been faster: here nobody is.
                try demandBlobs(of: pushed.manifest)
                try store(push.bytes, pushed.digest)
                try list(pushed, push.tags, in: &index)
            }
            rmdir(folder.ingest)
            return ManifestReceipt(digest: pushed.digest, subject: pushed.manifest.subject?.digest)
        }
    }

    /// Takes the file of the manifest, and each line that names it.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        try await work.run { [self] in
            _ = try folder.index()
            try folder.changeIndex { index in
                guard try reader.find(digest, in: index) != nil else {
                    throw RegistryError(
                        .manifestUnknown,
                        "There is no manifest \(digest) in \(folder.name).",
                        digests: [digest]
                    )
                }
                index.remove(digest)
                guard unlink(folder.file(digest)) == 0 || errno == ENOENT else {
                    throw FileProblem(.write, folder.file(digest))
                }
            }
        }
    }

    /// Takes the line of the tag; a manifest with a subject stays listed.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        try await work.run { [self] in
            _ = try folder.index()
            try folder.changeIndex { index in
                try demand(condition, of: tag, in: index)
                guard let removed = index.remove(tag) else {
                    throw RegistryError(.manifestUnknown, "There is no tag \(tag) in \(folder.name).")
                }
                try keepReferrer(removed, in: &index)
            }
        }
    }

    // MARK: - Steps of a push

    private struct Pushed {
        var manifest: Manifest
        var digest: Digest
        var descriptor: Descriptor
        /// Whether the bytes alone say of which type they are.
        var saysItsType: Bool
    }

    private func read(_ push: ManifestPush) throws -> Pushed {
        guard push.bytes.count <= limits.manifestByteCountMax else {
            throw RegistryError(
                .manifestTooLarge,
                "The manifest has \(push.bytes.count) bytes, and may have \(limits.manifestByteCountMax)."
            )
        }
        let digest = ContentHash.digest(of: push.bytes, push.digest?.algorithm ?? .sha256)
        guard push.digest == nil || push.digest == digest else {
            throw RegistryError(.digestMismatch, "The manifest has the digest \(digest).", digests: [digest])
        }
        let manifest: Manifest
        do throws(Manifest.ParseError) {
            manifest = try Manifest(parsing: push.bytes, contentType: push.contentType)
        } catch {
            throw RegistryError(.manifestInvalid, "The manifest cannot be stored: \(error.sentence).")
        }
        let fallbacks = manifest.kind == .index ? push.tags.count { $0.subject != nil } : 0
        guard max(manifest.referenceCount, fallbacks * manifest.manifests.count) <= Manifest.referenceCountMax else {
            throw RegistryError(
                .manifestTooLarge,
                "The manifest names more than \(Manifest.referenceCountMax) others."
            )
        }
        let isImage = manifest.artifactType.flatMap { MediaType($0) }.map { $0.isImageConfig } ?? true
        let descriptor = Descriptor(
            mediaType: manifest.mediaType,
            digest: digest,
            size: Int64(push.bytes.count),
            artifactType: isImage ? nil : manifest.artifactType
        )
        let alone = try? Manifest(parsing: push.bytes, contentType: nil)
        return Pushed(
            manifest: manifest,
            digest: digest,
            descriptor: descriptor,
            saysItsType: alone?.mediaType == manifest.mediaType
        )
    }

    /// Refuses a manifest whose config and layers are not all there.
    private func demandBlobs(of manifest: Manifest) throws {
        let needed = (manifest.config.map { [$0] } ?? []) + manifest.layers
        var missing: [Digest] = []
        for descriptor in needed where !(descriptor.mediaType?.isNonDistributable ?? false) {
            let digest = descriptor.digest
            guard !missing.contains(digest), try folder.byteCount(of: digest) == nil else { continue }
            missing.append(digest)
        }
        guard missing.isEmpty else {
            throw RegistryError(
                .manifestBlobUnknown,
                "The manifest names \(missing.count) blobs that are not in \(folder.name), such as \(missing[0]).",
                digests: missing
            )
        }
    }

    private func demand(_ condition: TagCondition, of tag: Tag, in index: LayoutIndex) throws {
        let target = index.entry(of: tag)?.descriptor.digest
        guard condition.holds(of: target) else {
            let now = target.map { "names \($0)" } ?? "does not exist"
            throw RegistryError(.conditionFailed, "The tag \(tag) of \(folder.name) \(now), which was not expected.")
        }
    }

    /// Writes bytes to the file of their digest, unless they are there.
    private func store(_ bytes: [UInt8], _ digest: Digest) throws {
        if try folder.byteCount(of: digest) == Int64(bytes.count), try folder.open(digest)?.bytes() == bytes { return }
        var random = SystemRandomNumberGenerator()
        let upload = try newUpload(UploadID(using: &random), digest.algorithm)
        let attempt = try upload.begin(at: 0, isHashing: false)
        try upload.write([ByteBuffer(bytes: bytes)], by: attempt)
        _ = try upload.finish(attempt, as: digest, isVerified: true, in: folder)
    }

    /// Names or lists what was pushed, and takes the names away that are not needed any longer.
    private func list(_ pushed: Pushed, _ tags: [Tag], in index: inout LayoutIndex) throws {
        for tag in tags {
            let before = index.entry(of: tag)?.descriptor
            index.name(pushed.descriptor, tag)
            if let before, before.digest != pushed.digest { try keepReferrer(before, in: &index) }
        }
        if tags.isEmpty { index.list(pushed.descriptor) }
        let children = Set(pushed.manifest.manifests.map(\.digest))
        let current = index
        try index.unlist(children) { child in
            guard let facts = try reader.facts(of: child, in: current) else { return true }
            // Without its line nobody would know its type.
            return facts.manifest.subject != nil || !saysItsType(child, facts)
        }
    }

    private func saysItsType(_ digest: Digest, _ facts: ManifestFacts) -> Bool {
        guard let bytes = try? folder.open(digest)?.bytes() else { return false }
        return (try? Manifest(parsing: bytes, contentType: nil))?.mediaType == facts.manifest.mediaType
    }

    /// Lists what has lost its name, if it refers to something.
    private func keepReferrer(_ descriptor: Descriptor, in index: inout LayoutIndex) throws {
        guard try reader.facts(of: descriptor.digest, in: index)?.manifest.subject != nil else { return }
        index.list(descriptor)
    }
}

extension MediaType {
    fileprivate var isImageConfig: Bool {
        self == .imageConfig || description == "application/vnd.docker.container.image.v1+json"
    }
}
