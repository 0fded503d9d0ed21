import Foundation
import Glibc
public import NIOPosix
public import OCI
public import RegistryContract

/// An archive with images that is being written, as a registry of one repository: whichever name it is asked by.
///
/// What comes in goes to a layout folder beside the file; ``finish()`` makes the archive of it and gives it its name,
/// in the place of a file that was there. Until then the file is not touched; without it, and after a failure, nothing
/// stays. The same images give the same bytes: entries are sorted, and times, owners and permissions always the same.
public final class ImageArchiveDraft: ForwardingRegistry {
    /// The file that it will be.
    public let path: String
    let format: LayoutFormat
    let image: ImageReference?
    let layout: LayoutRegistry
    let folder: DraftFolder
    private let work: BlockingWork
    private let isPipe: Bool

    private init(
        path: String,
        as format: LayoutFormat,
        image: ImageReference?,
        folder: DraftFolder,
        threads: NIOThreadPool,
        isPipe: Bool
    ) {
        self.path = path
        self.format = format
        self.image = image
        self.folder = folder
        self.isPipe = isPipe
        work = BlockingWork(threads: threads)
        // It is gone before anybody could want it back after a loss of power.
        layout = LayoutRegistry(path: folder.layout, threads: threads, limits: LayoutLimits(), isDurable: false)
    }

    /// Begins an archive.
    ///
    /// - Parameters:
    ///   - path: The file, whose folder must exist; a pipe such as `/dev/stdout` gets the archive at the end.
    ///   - format: Which kind; a folder is none.
    ///   - image: The registry and repository under which tags are named in what `docker load` reads; its tag is not
    ///     looked at. Without it, images there have no names.
    ///   - threads: Where the work runs that waits for the disk. The caller starts and stops it.
    /// - Returns: The draft, to be pushed to.
    /// - Throws: `denied`, `storageFull`, `unavailable` when nothing can be written there; `unsupported` for a folder.
    public static func begin(
        path: String,
        as format: LayoutFormat,
        image: ImageReference? = nil,
        threads: NIOThreadPool = .singleton
    ) async throws -> ImageArchiveDraft {
        try await BlockingWork(threads: threads).run {
            var found = stat()
            let isThere = stat(path, &found) == 0
            let kind = isThere ? found.st_mode & S_IFMT : S_IFREG
            guard kind != S_IFDIR else {
                throw RegistryError(
                    .unsupported,
                    "\(path) is a folder. Name a file, or write oci:\(path) for a layout."
                )
            }
            let isPipe = kind != S_IFREG
            // A link stays, and what it names becomes the archive.
            let target = isThere && !isPipe ? realpath(path, nil) : nil
            defer { free(target) }
            let file = target.map { String(cString: $0) } ?? path
            let beside = isPipe ? NSTemporaryDirectory() + "pipe" : file
            return ImageArchiveDraft(
                path: file,
                as: format,
                image: image,
                folder: try DraftFolder(beside: beside),
                threads: threads,
                isPipe: isPipe
            )
        }
    }

    /// Makes the archive of what has come, and puts it in its place.
    ///
    /// Errors: `storageFull` and others of the disk; for what `docker load` reads also `unsupported` and
    /// `digestMismatch`, when a layer is not what its image says. Nothing is at ``path`` then but what was there.
    public func finish() async throws {
        if format == .archive { _ = try await layout.collect() }
        try await work.runUntilCancelled { [self] stop in
            defer { folder.remove() }
            var output = try ArchiveOutput(isPipe ? path : folder.archive, isPipe: isPipe, stop: stop)
            switch format {
            case .dockerArchive: try DockerExport(layout.folder, layout.reader, image).write(to: &output)
            default: try writeLayout(to: &output)
            }
            try output.finish(isDurable: !isPipe)
            guard !isPipe else { return }
            try stop.check()
            guard rename(folder.archive, path) == 0 else { throw FileProblem(.write, path) }
        }
    }

    /// Drops what has come.
    ///
    /// Not needed after ``finish()``.
    public func discard() async {
        try? await work.run { [folder] in folder.remove() }
    }

    /// The layout as it is, each folder before what is in it, and names in bytewise order.
    private func writeLayout(to output: inout ArchiveOutput) throws {
        try output.folder("blobs/")
        for algorithm in Digest.Algorithm.allCases {
            let blobs = layout.folder.folder(algorithm)
            let names = try LayoutFolder.names(in: blobs).sorted()
            guard !names.isEmpty else { continue }
            try output.folder("blobs/\(algorithm.rawValue)/")
            for name in names {
                guard let file = try LayoutFile("\(blobs)/\(name)") else { continue }
                let byteCount = try file.byteCount()
                try output.file("blobs/\(algorithm.rawValue)/\(name)", byteCount: byteCount) { write in
                    try file.pieces(byteCount: byteCount, write)
                }
                // It is in the archive now: both need not fit on the disk.
                unlink(file.path)
            }
        }
        try output.file("index.json", try layout.folder.index().sorted.json())
        try output.file("oci-layout", Array(#"{"imageLayoutVersion":"\#(LayoutFolder.version)"}"#.utf8))
    }
}

// MARK: - The layout beside it

extension ImageArchiveDraft {
    /// The layout: what is not said otherwise here is as in one.
    public func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
        (layout, repository)
    }

    /// As in a layout; what `docker load` cannot read is refused: it has no place for indexes and artifacts.
    public func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
        if format == .dockerArchive, let manifest = try? Manifest(parsing: push.bytes, contentType: push.contentType) {
            try DockerExport.check(manifest)
        }
        return try await layout.putManifest(push, in: repository)
    }

    /// None: an archive is one repository.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        Page([], hasMore: false)
    }
}
