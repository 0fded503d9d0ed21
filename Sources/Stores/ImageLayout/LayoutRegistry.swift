import Glibc
import NIOCore
public import NIOPosix
public import OCI
public import RegistryContract
import Synchronization

/// An OCI layout folder as a registry of one repository: whichever name it is asked by.
///
/// Tags are the names in `index.json`; manifests and blobs are files under `blobs/`, each by its digest. Made by the
/// first thing that is written. `LayoutFolder` draws the folder.
///
/// What is promised: a file has the name of its digest only once it is whole, compared and synchronised; two programs
/// that write at once lose no tag; what ends in the middle, by whatever, leaves at most files in `ingest`, which the
/// next writer goes on with or removes. Not promised is what a server's store is for: that a blob which nobody names
/// yet stays.
///
/// A manifest that is pushed without a tag is listed without a name until an index that has it as its child comes; one
/// with a subject stays listed, so that referrers are found.
public final class LayoutRegistry: Registry {
    let folder: LayoutFolder
    let reader: LayoutReader
    let work: BlockingWork
    let limits: LayoutLimits
    let isDurable: Bool
    let uploads = Mutex<[UploadID: LayoutUpload]>([:])
    let isPrepared = Mutex(false)
    let presence = Mutex<FolderHandle?>(nil)

    /// Names a layout; nothing is read or made before it is used.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - threads: Where the work runs that waits for the disk. The caller starts and stops it.
    ///   - limits: How much of a layout is looked at.
    public convenience init(path: String, threads: NIOThreadPool = .singleton, limits: LayoutLimits = LayoutLimits()) {
        self.init(path: path, threads: threads, limits: limits, isDurable: true)
    }

    /// A layout that goes away soon need not be durable.
    init(path: String, threads: NIOThreadPool, limits: LayoutLimits, isDurable: Bool) {
        folder = LayoutFolder(path: path)
        reader = LayoutReader(folder, limits: limits)
        work = BlockingWork(threads: threads)
        self.limits = limits
        self.isDurable = isDurable
    }

    /// The folder.
    public var path: String { folder.path }

    // MARK: - What only a layout has

    /// What is meant when nobody says which image: the only one that there is, referrers aside.
    ///
    /// Errors: `nameUnknown` where there is no layout; `manifestUnknown` where it has no image, or several.
    public func soleReference() async throws -> Reference {
        try await work.run { [reader] in try reader.soleReference() }
    }

    /// Every line of `index.json`, in its order.
    ///
    /// Errors: `nameUnknown`.
    public func entries() async throws -> [LayoutEntry] {
        try await work.run { [folder] in try folder.index().entries }
    }
}

// MARK: - Reading

extension LayoutRegistry {
    /// The file of the manifest, compared with its digest.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await work.run { [reader] in try reader.manifest(reference) }
    }

    /// The size of the file.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await work.run { [reader] in try reader.blobByteCount(digest) }
    }

    /// The file, open, all of it; not compared with its digest.
    public func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent
    {
        try await work.run { [reader] in try reader.blob(digest) }
    }

    /// The tags of `index.json`.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await work.run { [reader] in try reader.tags(after: last, limit: limit) }
    }

    /// None: a layout does not say of which repository it is.
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
