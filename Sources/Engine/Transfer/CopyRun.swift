import Hashing
import NIOCore
import OCI
import RegistryContract

/// One copy of one image.
struct CopyRun: Sendable {
    /// What the copy begins with.
    struct Root: Sendable {
        var descriptor: Descriptor
        /// The manifest, when it has been read or made.
        var manifest: StoredManifest?
        /// Which of its children are copied; all when nil.
        var children: Set<Digest>?
    }

    /// What there is on both sides before anything is done.
    private struct Outset {
        var root: Root
        /// Whether the target has the root.
        var isThere: Bool
        /// The tags that do not point to it yet.
        var moved: [Tag]
    }

    let transfer: Transfer
    /// The image, as errors name it.
    let image: String
    private let reference: Reference

    var source: Place { transfer.source }
    var target: Place { transfer.target }
    var options: TransferOptions { transfer.options }
    var session: TransferSession { transfer.session }
    var observer: any TransferObserver { transfer.observer }

    init(_ transfer: Transfer, of reference: Reference) {
        self.transfer = transfer
        self.reference = reference
        let mark = if case .digest = reference { "@" } else { ":" }
        image = "\(transfer.source.description)\(mark)\(reference)"
    }

    var followsReferrers: Bool { options.copiesReferrers || options.copiesSignatureTags }

    /// Does it.
    func copy(to tags: [Tag]) async throws -> TransferReport {
        try await naming { try await copyNow(to: tags) }
    }

    /// Only looks what it would do.
    func outlook(for tags: [Tag]) async throws -> TransferOutlook {
        try await naming {
            let outset = try await outset(for: tags)
            return TransferOutlook(root: outset.root.descriptor, isThere: outset.isThere, movedTags: outset.moved)
        }
    }

    private func naming<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch var error as TransferError {
            // It may have failed at what another copy was about.
            error.image = image
            throw error
        }
    }

    private func outset(for tags: [Tag]) async throws -> Outset {
        // Both sides are asked at once: when all is there, one round trip is the whole copy.
        async let asked = standing(of: tags)
        var root: Root
        var there: [Tag?: Descriptor]
        if case .digest(let digest) = reference, options.platforms == .all {
            // A digest says all: the source need not be asked about what the target has.
            there = try await asked
            root = try await findRoot(digest, there.values.first { $0.digest == digest })
        } else {
            root = try await findRoot()
            there = try await asked
        }
        if tags.isEmpty, !options.force, let found = try await targetDescriptor(of: .digest(root.descriptor.digest)) {
            there[nil] = found
        }
        let digest = root.descriptor.digest
        let isThere = there.values.contains { $0.digest == digest }
        let moved = options.force ? tags : tags.filter { there[$0]?.digest != digest }
        root.descriptor.platform = nil
        return Outset(root: root, isThere: isThere, moved: moved)
    }

    private func copyNow(to tags: [Tag]) async throws -> TransferReport {
        let outset = try await outset(for: tags)
        let (root, isThere, moved) = (outset.root, outset.isThere, outset.moved)
        let record = CopyRecord(root: root.descriptor)
        if isThere, moved.isEmpty, !followsReferrers, !options.force {
            record.note { $0.manifestsThere.add(root.descriptor.size) }
            return record.report
        }
        var node = Node(descriptor: root.descriptor, manifest: root.manifest, children: root.children)
        if isThere { node.isThere = true }
        node.condition = options.tagCondition
        let walk = Walk(run: self, record: record)
        if followsReferrers {
            // The tags move when the signatures are there.
            node.manifest = try await walk.bring(node)
            try await walk.bringReferrers()
            node.tags = moved
            try await walk.moveTags(&node)
        } else {
            node.tags = moved
            try await walk.bring(node)
        }
        return record.report
    }

    // MARK: Where it begins

    /// The manifest to copy, read only where that is needed.
    private func findRoot() async throws -> Root {
        switch options.platforms {
        case .all:
            let descriptor = try await reading("manifest \(reference)") {
                try await source.registry.descriptor(of: reference, in: source.repository)
            }
            return Root(descriptor: descriptor)
        case .only(let platforms):
            return try choose(platforms, from: try await read(reference), isSparse: false)
        case .sparse(let platforms):
            return try choose(platforms, from: try await read(reference), isSparse: true)
        }
    }

    /// The manifest of a digest, read unless the target has it.
    private func findRoot(_ digest: Digest, _ there: Descriptor?) async throws -> Root {
        if let there { return Root(descriptor: there) }
        let manifest = try await read(.digest(digest))
        return Root(descriptor: manifest.descriptor, manifest: manifest)
    }

    private func choose(_ platforms: [Platform], from manifest: StoredManifest, isSparse: Bool) throws -> Root {
        do {
            return try PlatformChoice(platforms, isSparse: isSparse).root(of: manifest)
        } catch {
            throw failure(error, .reading, "manifest \(reference)")
        }
    }

    /// Where the tags point at the target; those that do not exist are not in it.
    private func standing(of tags: [Tag]) async throws -> [Tag?: Descriptor] {
        guard !options.force else { return [:] }
        return try await withThrowingTaskGroup(of: (Tag, Descriptor?).self) { group in
            for tag in tags {
                group.addTask { (tag, try await targetDescriptor(of: .tag(tag))) }
            }
            var found: [Tag?: Descriptor] = [:]
            for try await (tag, descriptor) in group { found[tag] = descriptor }
            return found
        }
    }

    // MARK: Asking

    /// What the target has under a name; nil when it has nothing there, or does not say.
    ///
    /// A registry that lets the caller push may still not let them look: the push then tells what is wrong.
    func targetDescriptor(of reference: Reference) async throws -> Descriptor? {
        try await writing("manifest \(reference)") {
            try await session.questionSlots.with {
                try await Self.unlessUnknown {
                    try await target.registry.descriptor(of: reference, in: target.repository)
                }
            }
        }
    }

    /// A manifest of the source, checked against its digest.
    func read(_ reference: Reference) async throws -> StoredManifest {
        try await reading("manifest \(reference)") {
            try await session.questionSlots.with {
                let manifest = try await source.registry.manifest(reference, in: source.repository)
                let named = if case .digest(let digest) = reference { digest } else { manifest.digest }
                var hash = ContentHash(named.algorithm)
                manifest.bytes.withUnsafeReadableBytes { hash.update($0) }
                let actual = hash.digest()
                guard actual == named else {
                    throw RegistryError(
                        .digestMismatch,
                        "the registry sent other bytes, whose digest is \(actual): what it has may be damaged",
                        digests: [named]
                    )
                }
                return StoredManifest(digest: named, mediaType: manifest.mediaType, bytes: manifest.bytes)
            }
        }
    }

    /// The answer, or nil for one that says that there is nothing, or that the caller may not know.
    static func unlessUnknown<Answer>(_ ask: () async throws -> Answer) async throws -> Answer? {
        do {
            return try await ask()
        } catch let error as RegistryError where unknownCodes.contains(error.code) {
            return nil
        }
    }

    private static let unknownCodes: Set<RegistryError.Code> = [
        .manifestUnknown, .blobUnknown, .nameUnknown, .unauthorized, .denied, .unsupported,
    ]

    // MARK: Failing

    /// Does something at the source; its errors say so.
    func reading<Result>(_ content: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch { throw failure(error, .reading, content) }
    }

    /// Does something at the target; its errors say so.
    func writing<Result>(_ content: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch { throw failure(error, .writing, content) }
    }

    /// The error that tells where something failed.
    func failure(_ error: any Error, _ side: TransferError.Side, _ content: String) -> any Error {
        // Whatever a cancelled call ends in, it ended because of the cancellation.
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        if error is TransferError { return error }
        let place = side == .reading ? source : target
        return TransferError(
            side: side,
            place: place.description,
            image: image,
            content: content,
            underlying: error
        )
    }
}

extension StoredManifest {
    /// What names it.
    var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.readableBytes))
    }
}
