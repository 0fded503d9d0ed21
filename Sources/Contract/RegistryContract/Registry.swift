import NIOCore
import OCI

/// What any registry can do: one that is hosted here, one across the network, or one made of others by wrapping.
///
/// A registry acts for one ``Caller``, who was bound when it was made. Nothing is visible before it is committed; once
/// committed, the bytes of a digest never change. No method shows a lock. Every method may also throw
/// ``RegistryError/Code/unavailable`` and the faults of what lies below.
public protocol Registry: RegistryReader, RegistryWriter, RegistryDeleter, RegistryLister {}

/// Makes the registry that a caller may use: the only way in which a handler gets one.
public protocol RegistryProvider: Sendable {
    /// The registry, as far as `caller` may see and change it; what they are to rules that protect tags is `standing`.
    func registry(for caller: Caller, standing: TagStanding) -> any Registry
}

extension RegistryProvider {
    /// The registry of a caller of whom nothing more is known.
    public func registry(for caller: Caller) -> any Registry {
        registry(for: caller, standing: .none)
    }
}

/// Getting content by name.
public protocol RegistryReader: Sendable {
    /// The manifest that a tag points to or a digest names.
    ///
    /// Errors: `manifestUnknown`, `nameUnknown`.
    func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest

    /// What a tag points to or a digest names, without its content: media type, digest and size.
    ///
    /// Errors: `manifestUnknown`, `nameUnknown`.
    func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor

    /// The size of a blob that the repository holds, in bytes.
    ///
    /// A client that is told so may leave the blob out of a push, so the answer keeps it for a while.
    ///
    /// Errors: `blobUnknown`, `nameUnknown`.
    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64

    /// A blob that the repository holds, opened for reading.
    ///
    /// `range` is what the caller is going to read, in bytes from 0; nil is everything. A registry that fetches the
    /// bytes from afar fetches no more than that; any other may open the whole, as ``BlobContent/range`` then says.
    ///
    /// Errors: `blobUnknown`, `nameUnknown`.
    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent

    /// The same, of a blob whose size is known: a registry that is made of several passes over those that say another.
    ///
    /// What comes may still have another size, where no other is to be had.
    ///
    /// Errors: `blobUnknown`, `nameUnknown`.
    func blob(
        _ digest: Digest,
        of byteCount: Int64,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent

    /// Where the caller had better read a blob; nil for here.
    ///
    /// Errors: `blobUnknown`, `nameUnknown`; none where all blobs are read here.
    func blobLocation(_ digest: Digest, in repository: RepositoryName) async throws -> BlobLocation?
}

extension RegistryReader {
    /// Reads the manifest: for registries to which that costs no more than asking about it.
    public func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        let manifest = try await manifest(reference, in: repository)
        let size = Int64(manifest.bytes.readableBytes)
        return Descriptor(mediaType: manifest.mediaType, digest: manifest.digest, size: size)
    }

    /// A blob that the repository holds, all of it, opened for reading.
    ///
    /// Errors: `blobUnknown`, `nameUnknown`.
    public func blob(_ digest: Digest, in repository: RepositoryName) async throws -> BlobContent {
        try await blob(digest, range: nil, in: repository)
    }

    /// Here: for registries that have no other place.
    public func blobLocation(_ digest: Digest, in repository: RepositoryName) async throws -> BlobLocation? { nil }

    /// Whatever it has: for registries that have only one place to look at.
    public func blob(
        _ digest: Digest,
        of byteCount: Int64,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        try await blob(digest, range: range, in: repository)
    }
}

/// Bringing content in.
public protocol RegistryWriter: Sendable {
    /// Says whether the caller may push manifests at all, before any byte of one is read; the push itself asks again.
    ///
    /// Errors: what a wrapper refuses with; none where everybody may.
    func admitManifest(in repository: RepositoryName) async throws

    /// Stores a manifest and moves tags to it, in one step.
    ///
    /// It may name at most ``Manifest/referenceCountMax`` others, and its fallback tags may make as many referrers.
    ///
    /// Errors: `manifestInvalid`, `manifestTooLarge`, `manifestBlobUnknown` (naming each), `digestMismatch`,
    /// `conditionFailed`, `tagGuarded`.
    func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt

    /// Makes a blob of one repository readable in another, without moving bytes.
    ///
    /// False when it cannot be had: no answer tells a stranger what others store.
    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool

    /// Begins an upload; its bytes will be hashed with `algorithm` as they come.
    ///
    /// Errors: `storageFull`.
    func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus

    /// Begins an upload of a blob that is known, or goes on with one that an earlier program left: the offset says so.
    ///
    /// Of the bytes before the offset nobody has compared anything: whoever finishes the upload does. A registry that
    /// keeps nothing over the end of a program just begins one.
    ///
    /// Errors: as of ``startUpload(in:algorithm:)``.
    func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus

    /// How far an upload has come.
    ///
    /// Errors: `uploadUnknown`.
    func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus

    /// Appends bytes to an upload, which must stand at exactly `offset` when that is given.
    ///
    /// What came before the body broke is kept, and the upload can be resumed after it. When there is no room for the
    /// bytes, the upload is dropped.
    ///
    /// Errors: `uploadUnknown`, `uploadOffsetInvalid` (with the true offset), `sizeInvalid`, `storageFull`.
    func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus

    /// Appends the last bytes, if any, and makes the upload a blob of the repository; returns its size in bytes.
    ///
    /// When the digest does not fit, what was uploaded is dropped.
    ///
    /// Errors: as of ``append(_:to:at:in:)``, and `digestMismatch`.
    func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64

    /// Ends an upload and drops what it brought.
    ///
    /// Errors: `uploadUnknown`.
    func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws

    /// Leaves an upload where it stands, to whoever begins one of the same blob: nothing more is sent to it under this
    /// id.
    func leaveUpload(_ id: UploadID, in repository: RepositoryName) async
}

extension RegistryWriter {
    /// Everybody may.
    public func admitManifest(in repository: RepositoryName) async throws {}

    /// Begins one: nothing was left.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        try await startUpload(in: repository, algorithm: blob.digest.algorithm)
    }

    /// Does nothing: nobody keeps others from going on with it.
    public func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {}
}

/// Taking content away.
public protocol RegistryDeleter: Sendable {
    /// Takes a manifest out of a repository, with the tags that point to it; not while one of them is guarded.
    ///
    /// Errors: `manifestUnknown`, `nameUnknown`, `tagGuarded`.
    func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws

    /// Takes a tag away, if it is as `condition` wants it; the manifest and its other tags stay.
    ///
    /// Errors: `manifestUnknown`, `nameUnknown`, `conditionFailed`, `tagGuarded`.
    func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws

    /// Takes a blob out of a repository; other repositories keep it.
    ///
    /// Errors: `blobUnknown`, `nameUnknown`, `blobInUse` when a manifest of the repository needs it.
    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws
}

extension RegistryDeleter {
    /// Takes a tag away, wherever it points.
    public func deleteTag(_ tag: Tag, in repository: RepositoryName) async throws {
        try await deleteTag(tag, if: .none, in: repository)
    }
}

/// Finding out what there is.
///
/// Every list but a tag's history is in bytewise order; all come in pages by key.
public protocol RegistryLister: Sendable {
    /// Tags after `last`, at most `limit` of them.
    ///
    /// Errors: `nameUnknown`.
    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag>

    /// Names of repositories after `last`, at most `limit` of them.
    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName>

    /// Manifests whose subject is `subject`, by digest after `last`, at most `limit` of them; none is no error.
    ///
    /// A page may have fewer although more follow, where they are large; it has at least one then.
    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor>

    /// Moves and deletions of a tag before a version, the newest first, at most `limit` of them; nil is from the
    /// newest on.
    ///
    /// The history stays when the tag is deleted, and begins with the first push of the tag, or where what was before
    /// has been forgotten.
    ///
    /// Errors: `nameUnknown`, `manifestUnknown` where there never was such a tag, or all of it is forgotten,
    /// `unsupported` where none is kept.
    func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry>
}

/// Some of a list.
public struct Page<Element: Sendable>: Sendable {
    /// The elements, in order.
    public var elements: [Element]
    /// Whether more come after the last one.
    public var hasMore: Bool

    /// Makes a page.
    public init(_ elements: [Element], hasMore: Bool) {
        self.elements = elements
        self.hasMore = hasMore
    }

    /// Makes a page from a list that was asked for with one element more than `limit`.
    public init(_ elements: [Element], limit: Int) {
        self.init(Array(elements.prefix(limit)), hasMore: elements.count > limit)
    }
}
