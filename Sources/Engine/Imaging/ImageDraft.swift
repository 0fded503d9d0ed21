import Hashing
import NIOCore
import OCI
import RegistryContract
import Transfer

/// An image, index or artifact that was made here: new manifests and blobs, and the place that has the rest.
///
/// Nothing is stored anywhere until it is pushed. New layers lie in temporary files without names, which go away with
/// the last copy of the draft.
public struct ImageDraft: Sendable {
    /// What the whole is known by: the manifest that a tag is to point to.
    public private(set) var root: Descriptor
    private var registry: DraftRegistry
    /// That of the base; where there is none, a name that nobody sees.
    private let repository: RepositoryName

    /// Begins a draft.
    ///
    /// - Parameters:
    ///   - base: where what is not new lies.
    ///   - root: what it is, as long as nothing was added: a manifest of the base.
    /// - Throws: nothing that can be met.
    init(base: Place?, root: Descriptor) throws {
        self.root = root
        registry = DraftRegistry(base: base)
        repository = try base?.repository ?? RepositoryName("draft")
    }

    /// Begins a draft of which nothing is there yet, and whose root is added last.
    init(base: Place?) throws {
        let empty = Descriptor(mediaType: .emptyJSON, digest: ContentHash.digest(of: []), size: 0)
        try self.init(base: base, root: empty)
    }

    /// Where it can be read from: a place like any other, that can be inspected and copied from.
    public var place: Place {
        Place(registry: registry, repository: repository, registryName: registry.base?.registryName ?? "")
    }

    /// The new manifests by digest, for whoever wants to show them.
    public var manifests: [Digest: [UInt8]] {
        registry.manifests.mapValues { [UInt8]($0.bytes.readableBytesView) }
    }

    /// The sizes of the new blobs, by digest.
    public var newBlobs: [Digest: Int64] {
        registry.blobs.mapValues { $0.byteCount }
    }

    /// Copies it to a place; of its base only what the place lacks.
    ///
    /// - Parameters:
    ///   - target: where it goes.
    ///   - tags: the tags that point to it afterwards.
    ///   - options: how it is copied.
    ///   - session: what it shares with other copies.
    ///   - observer: who is told.
    /// - Returns: what was done.
    /// - Throws: what ``Transfer/copy(_:tags:)`` throws.
    public func push(
        to target: Place,
        tags: [Tag],
        options: TransferOptions = TransferOptions(),
        session: TransferSession = TransferSession(),
        observer: (any TransferObserver)? = nil
    ) async throws -> TransferReport {
        let transfer = Transfer(from: place, to: target, options: options, session: session, observer: observer)
        return try await transfer.copy(.digest(root.digest), tags: tags)
    }

    // MARK: - Adding

    /// Adds a manifest, which becomes the root: what it names was added before, or lies in the base.
    @discardableResult
    mutating func add(_ text: ManifestText) throws(ImagingError) -> Descriptor {
        let bytes = text.bytes
        guard bytes.count <= Manifest.byteCountMax else {
            throw ImagingError(
                .limitExceeded,
                "The manifest would have \(bytes.count) bytes; registries take \(Manifest.byteCountMax)."
            )
        }
        let descriptor = text.descriptor()
        registry.manifests[descriptor.digest] = StoredManifest(
            digest: descriptor.digest,
            mediaType: text.mediaType,
            bytes: ByteBuffer(bytes: bytes)
        )
        root = descriptor
        return descriptor
    }

    /// Adds a small blob.
    mutating func add(blob bytes: [UInt8], mediaType: MediaType?) -> Descriptor {
        let digest = ContentHash.digest(of: bytes)
        registry.blobs[digest] = .bytes(bytes)
        return Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    /// Adds a blob in a temporary file, whose digest is known.
    mutating func add(file: TemporaryFile, digest: Digest, mediaType: MediaType?) -> Descriptor {
        registry.blobs[digest] = .file(file)
        return Descriptor(mediaType: mediaType, digest: digest, size: file.byteCount)
    }

    /// Adds a file of this machine, whose digest is known.
    mutating func add(path: String, digest: Digest, byteCount: Int64, mediaType: MediaType?) -> Descriptor {
        registry.blobs[digest] = .path(path, byteCount: byteCount)
        return Descriptor(mediaType: mediaType, digest: digest, size: byteCount)
    }

    /// Says that a blob lies in another place than the base.
    mutating func borrow(_ digest: Digest, from place: Place) {
        registry.borrowed[digest] = place
    }

    /// Names the whole: a manifest that was added before, or lies in the base.
    mutating func setRoot(_ descriptor: Descriptor) {
        root = descriptor
    }
}
