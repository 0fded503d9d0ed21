public import Archives
import Foundation
public import NIOPosix
public import OCI
public import RegistryContract

/// An archive with images, opened for reading, as a registry of one repository: whichever name it is asked by.
///
/// Of either kind: an OCI layout in a tar, or what `docker save` writes. Blobs are read where they lie in the file; one
/// that is compressed as a whole is first unpacked to a file without a name. What an archive says of itself is checked
/// when it is opened; that the bytes of a blob have their digest is for whoever reads them to find out.
public final class ImageArchive: Registry {
    /// How much an archive may become when it is unpacked.
    public static let expansionLimit = ExpansionLimit(byteCountMax: 1 << 40, ratioMax: 1000)

    let reader: LayoutReader
    let work: BlockingWork
    /// The path that it was opened by.
    public let path: String

    private init(_ reader: LayoutReader, _ work: BlockingWork, path: String) {
        self.reader = reader
        self.work = work
        self.path = path
    }

    /// Opens an archive.
    ///
    /// An archive of newer Dockers, which has both forms, is read as an OCI layout either way, so that digests stay.
    ///
    /// - Parameters:
    ///   - path: The file, or a pipe.
    ///   - format: Which of the two it is meant to be.
    ///   - threads: Where the work runs that waits for the disk. The caller starts and stops it.
    ///   - limits: How much of it is looked at.
    ///   - limit: How much a compressed one may become.
    ///   - temporaryFolder: Where a compressed one is unpacked; by default where `TMPDIR` says, else `/var/tmp`.
    /// - Returns: The archive, ready.
    /// - Throws: `nameUnknown` when there is no such file; `unsupported`, `manifestInvalid`, `digestMismatch`,
    ///   `sizeInvalid` when it is not what it should be; `storageFull` when it cannot be unpacked.
    public static func open(
        path: String,
        as format: LayoutFormat,
        threads: NIOThreadPool = .singleton,
        limits: LayoutLimits = LayoutLimits(),
        limit: ExpansionLimit = ImageArchive.expansionLimit,
        temporaryFolder: String? = nil
    ) async throws -> ImageArchive {
        let work = BlockingWork(threads: threads)
        let temporary = temporaryFolder ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        return try await work.runUntilCancelled { stop in
            let archive = try ArchiveFile(path: path, temporary: temporary, limit: limit, stop: stop)
            let isLayout = archive.slice("oci-layout") != nil && archive.slice("index.json") != nil
            let source: any LayoutSource =
                format == .dockerArchive && !isLayout ? try DockerSource(archive) : try ArchiveSource(archive)
            return ImageArchive(LayoutReader(source, limits: limits), work, path: path)
        }
    }

    /// What is meant when nobody says which image: the only one that there is, referrers aside.
    ///
    /// Errors: `manifestUnknown` where there is no image, or several.
    public func soleReference() async throws -> Reference {
        try await work.run { [reader] in try reader.soleReference() }
    }

    /// The image of a full name, as `docker save` keeps it; of those that are named by a tag alone, that of the tag.
    ///
    /// Errors: `manifestUnknown`.
    public func reference(of image: ImageReference) async throws -> Reference {
        if let digest = image.digest { return .digest(digest) }
        let tag = image.tag ?? ImageReference.latest
        let entries = try await entries()
        let wanted = ImageReference(registry: image.registry, repository: image.repository, tag: tag)
        let named = entries.first { entry in
            guard let name = entry.name, !entry.isPlainTag, var found = try? ImageReference(name) else { return false }
            found.tag = found.tag ?? ImageReference.latest
            return found == wanted
        }
        guard let entry = named ?? entries.first(where: { $0.isPlainTag && $0.tag == tag }) else {
            let names = entries.compactMap(\.name).prefix(10).joined(separator: ", ")
            throw RegistryError(
                .manifestUnknown,
                "There is no image \(image) in the archive \(path). "
                    + (names.isEmpty ? "Its images have no names." : "It has \(names).")
            )
        }
        return .digest(entry.descriptor.digest)
    }

    /// Everything that is named, in its order.
    public func entries() async throws -> [LayoutEntry] {
        try await work.run { [reader] in try reader.source.index().entries }
    }
}

// MARK: - Reading

extension ImageArchive {
    /// From its place in the archive, or as it was made when the archive was opened.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await work.run { [reader] in try reader.manifest(reference) }
    }

    /// The size that the archive states.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await work.run { [reader] in try reader.blobByteCount(digest) }
    }

    /// A part of the file of the archive; not compared with its digest.
    public func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent
    {
        try await work.run { [reader] in try reader.blob(digest) }
    }

    /// The tags of the images, without what stands before them.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await work.run { [reader] in try reader.tags(after: last, limit: limit) }
    }

    /// None: an archive is one repository.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        Page([], hasMore: false)
    }

    /// Looks through every manifest that the index reaches.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try await work.run { [reader] in
            try reader.referrers(to: subject, artifactType: artifactType, after: last, limit: limit)
        }
    }
}

// MARK: - What an archive does not do

extension ImageArchive {
    private var unchanging: RegistryError {
        RegistryError(
            .unsupported,
            "The archive \(path) is not changed in place. Copy what it is to hold to a new archive, or to a folder "
                + "(oci:DIR)."
        )
    }

    /// Refused.
    public func admitManifest(in repository: RepositoryName) async throws { throw unchanging }

    /// Refused.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        throw unchanging
    }

    /// Refused.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool { throw unchanging }

    /// Refused.
    public func startUpload(in repository: RepositoryName, algorithm: Digest.Algorithm) async throws -> UploadStatus {
        throw unchanging
    }

    /// Refused.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus { throw unchanging }

    /// Refused.
    public func append(
        _ body: any ByteStream,
        to id: UploadID,
        at offset: Int64?,
        in repository: RepositoryName
    ) async throws -> UploadStatus { throw unchanging }

    /// Refused.
    public func finishUpload(
        _ id: UploadID,
        appending body: (any ByteStream)?,
        at offset: Int64?,
        expecting digest: Digest,
        in repository: RepositoryName
    ) async throws -> Int64 { throw unchanging }

    /// Refused.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws { throw unchanging }

    /// Refused.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws { throw unchanging }

    /// Refused.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        throw unchanging
    }

    /// Refused.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws { throw unchanging }
}
