import BlobStorage
import BlobStorageFiles
import Metadata
import MetadataSQLite
import NIOPosix
import Settings

/// The stores of an installation in one data folder, opened.
///
///     DIR/
///       lock, version   see DataFolder
///       wharf.sqlite    the facts
///       blobs/          the bytes, see FileBlobStore
struct Installation {
    let folder: DataFolder
    let engine: SQLiteEngine
    let facts: FactStore
    let blobs: any BlobStore

    /// Opens the folder that the settings name.
    static func open(
        _ settings: ServerSettings.Storage,
        for purpose: DataFolder.Purpose,
        threads: NIOThreadPool
    ) async throws -> Installation {
        let folder = try DataFolder.open(settings.data.description, for: purpose)
        let isServing = purpose == .serving
        let engine = try SQLiteEngine.open(
            at: "\(folder.path)/wharf.sqlite",
            SQLiteOptions(access: isServing ? .readWrite : .readOnly)
        )
        let facts = FactStore(engine: engine)
        if isServing { try await facts.migrate() } else { try await facts.requireSchema() }
        let files = try await FileBlobStore.open(folder: folder.blobs, threads: threads, readOnly: !isServing)
        return Installation(
            folder: folder,
            engine: engine,
            facts: facts,
            blobs: ReservingBlobStore(files, reserve: Int64(settings.reserve.bytes))
        )
    }

    func close() async throws {
        try await engine.close()
    }
}
