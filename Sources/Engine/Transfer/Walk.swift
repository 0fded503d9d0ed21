import NIOCore
import OCI
import RegistryContract

/// A manifest on the way of a copy.
struct Node: Sendable {
    var descriptor: Descriptor
    /// The manifest, when it has been read.
    var manifest: StoredManifest?
    /// The tags that are to move to it.
    var tags: [Tag] = []
    /// What must hold of these tags then.
    var condition = TagCondition.none
    /// Which of its children are copied; all when nil.
    var children: Set<Digest>?
    /// Whether the target has it with all that it names; nil when that is not known.
    var isThere: Bool?
    /// What it must refer to, to be brought.
    var subject: Digest?
    /// How many indexes it lies in.
    var depth = 0

    var digest: Digest { descriptor.digest }
}

/// The way through the manifests of an image: whatever a manifest names comes before it.
///
/// Who is at a manifest waits for those who are at what it names, in this copy and in others. That goes round in no
/// circle, since a digest cannot lie in what it is made of. What refers to manifests can, at a registry that lies, and
/// so it is brought afterwards, when nobody waits.
struct Walk: Sendable {
    let run: CopyRun
    let record: CopyRecord

    /// Brings a manifest with all that it names to the target, and moves its tags; gives it back if it was read.
    @discardableResult
    func bring(_ node: Node) async throws -> StoredManifest? {
        var node = node
        guard node.depth <= TransferOptions.depthMax else {
            let limit = "indexes lie in each other more than \(TransferOptions.depthMax) deep"
            throw run.failure(RegistryError(.manifestInvalid, limit), .reading, node.content)
        }
        guard record.visit(node.digest) else {
            let limit = "there are more than \(TransferOptions.manifestCountMax) manifests, too many for one copy"
            throw run.failure(RegistryError(.manifestTooLarge, limit), .reading, node.content)
        }
        if let subject = node.subject {
            // What only a tag lets refer to something goes with its tag, or not at all.
            if try await isThere(node) {
                node.isThere = true
            } else if try await read(&node).subject?.digest != subject {
                return nil
            }
        }
        if node.children == nil {
            let key = run.manifestKey(node.digest)
            let own: Void? = try await run.session.manifests.once(key) { try await bringContent(&node) }
            // Who has brought it may still be about what refers to it, and the tags wait for that here as well.
            if own == nil { record.addSubject(node) }
        } else {
            // An index of which a part is copied is not what others may take for done.
            try await bringContent(&node)
        }
        try await moveTags(&node)
        return node.manifest
    }

    /// Brings what a manifest names, and the manifest itself.
    private func bringContent(_ node: inout Node) async throws {
        let isKnown = node.isThere == true
        let isThere = try await isThere(node)
        let isIndex = node.descriptor.mediaType?.isIndex ?? false
        let isWhole = isThere && (isKnown || !isIndex)
        if isWhole, !run.followsReferrers || !isIndex {
            record.note { $0.manifestsThere.add(node.descriptor.size) }
        } else {
            let manifest = try await read(&node)
            try await bringParts(of: manifest, node, areThere: isWhole)
            if isThere {
                record.note { $0.manifestsThere.add(node.descriptor.size) }
            } else {
                try await put(node, manifest)
                node.tags = []
            }
        }
        record.addSubject(node)
    }

    private func isThere(_ node: Node) async throws -> Bool {
        if run.options.force { return false }
        if let isThere = node.isThere { return isThere }
        return try await run.targetDescriptor(of: .digest(node.digest)) != nil
    }

    private func read(_ node: inout Node) async throws -> Manifest {
        let stored: StoredManifest
        if let manifest = node.manifest {
            stored = manifest
        } else {
            stored = try await run.read(.digest(node.digest))
            node.manifest = stored
        }
        do {
            return try Manifest(parsing: Array(stored.bytes.readableBytesView), contentType: stored.mediaType)
        } catch {
            let message = "what the registry holds as a manifest is none that can be copied: \(error)"
            throw run.failure(RegistryError(.manifestInvalid, message, underlying: error), .reading, node.content)
        }
    }

    // MARK: What a manifest names

    private func bringParts(of manifest: Manifest, _ node: Node, areThere: Bool) async throws {
        var children: [Node] = []
        var blobs: [Descriptor] = []
        for child in manifest.manifests where node.children?.contains(child.digest) ?? true {
            // An index may name what is no manifest: the caches of build tools do.
            guard child.mediaType?.isManifest ?? true else {
                blobs.append(child)
                continue
            }
            var next = Node(descriptor: child, depth: node.depth + 1)
            if areThere { next.isThere = true }
            children.append(next)
        }
        if !areThere {
            blobs += (manifest.config.map { [$0] } ?? []) + manifest.layers
        }
        let copies = blobs.distinct.map { BlobCopy(run: run, record: record, blob: $0) }
        for copy in copies { copy.plan() }
        try await withThrowingTaskGroup(of: Void.self) { [children] group in
            for copy in copies { group.addTask { try await copy.bring() } }
            for child in children { group.addTask { try await bring(child) } }
            try await group.waitForAll()
        }
    }

    // MARK: The manifest itself

    /// Moves the tags that have not come with the manifest.
    func moveTags(_ node: inout Node) async throws {
        guard !node.tags.isEmpty else { return }
        // The target may say that it has the manifest and lack a blob of it, such as one that it has found damaged.
        let manifest = try await read(&node)
        try await put(node, manifest)
    }

    /// Pushes a manifest; blobs that the target had only said to have are sent, once.
    private func put(_ node: Node, _ manifest: Manifest) async throws {
        do {
            try await put(node)
        } catch let error as TransferError where error.code == .manifestBlobUnknown {
            let missing = Set((error.underlying as? RegistryError)?.digests ?? [])
            let blobs = ((manifest.config.map { [$0] } ?? []) + manifest.layers).distinct.filter { blob in
                !(blob.mediaType?.isNonDistributable ?? false) && (missing.isEmpty || missing.contains(blob.digest))
            }
            guard !blobs.isEmpty else { throw error }
            for blob in blobs { try await BlobCopy(run: run, record: record, blob: blob).sendAgain() }
            try await put(node)
        }
    }

    private func put(_ node: Node) async throws {
        guard let stored = node.manifest else { return }
        let push = ManifestPush(
            digest: stored.digest,
            tags: node.tags,
            contentType: stored.mediaType,
            bytes: Array(stored.bytes.readableBytesView),
            condition: node.tags.isEmpty ? .none : node.condition
        )
        try await run.writing(node.content) {
            try await run.session.questionSlots.with {
                _ = try await run.target.registry.putManifest(push, in: run.target.repository)
            }
        }
        record.note { $0.pushed.add(Int64(push.bytes.count)) }
        run.observer.pushed(stored.descriptor, tags: node.tags)
    }
}

extension Node {
    /// As errors name it.
    var content: String { "manifest \(digest)" }
}

extension CopyRun {
    /// A manifest as a thing to be done once: a copy without what refers to it does not do it for one with that.
    fileprivate func manifestKey(_ digest: Digest) -> TransferSession.ManifestKey {
        TransferSession.ManifestKey(
            content: target.key(digest),
            hasReferrers: options.copiesReferrers,
            hasSignatureTags: options.copiesSignatureTags
        )
    }
}

extension Place {
    func key(_ digest: Digest) -> TransferSession.Key {
        TransferSession.Key(registry: registryName, repository: repository, digest: digest)
    }
}

extension [Descriptor] {
    /// Each digest once.
    fileprivate var distinct: [Descriptor] {
        var seen: Set<Digest> = []
        return filter { seen.insert($0.digest).inserted }
    }
}

extension MediaType {
    /// Whether it names other manifests.
    var isIndex: Bool { self == .imageIndex || self == .dockerManifestList }

    /// Whether it is one of a manifest.
    var isManifest: Bool {
        isIndex || [.imageManifest, .dockerManifest, .artifactManifest].contains(self)
            || [.dockerManifestSchema1, .dockerManifestSchema1Signed].contains(self)
    }
}
