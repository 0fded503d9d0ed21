import BlobStorage
import BlobStorageFiles
import CLinux
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
        let database = "\(folder.path)/wharf.sqlite"
        let files = try await FileBlobStore.open(folder: folder.blobs, threads: threads, readOnly: !isServing)
        if size(of: database) == 0 { try await refuseLoss(of: database, beside: files, in: folder) }
        let engine = try SQLiteEngine.open(
            at: database,
            SQLiteOptions(access: isServing ? .readWrite : .readOnly)
        )
        let facts = FactStore(engine: engine)
        if isServing { try await facts.migrate() } else { try await facts.requireSchema() }
        return Installation(
            folder: folder,
            engine: engine,
            facts: facts,
            blobs: ReservingBlobStore(files, reserve: Int64(settings.reserve.bytes))
        )
    }

    /// What is in the way of reading, as sentences.
    ///
    /// A full disk is none: pulls go on.
    func problems() async -> [String] {
        var problems: [String] = []
        do {
            _ = try await facts.read { try $0.usage() }
        } catch {
            problems.append("the database cannot be read: \(error)")
        }
        do {
            _ = try await blobs.space()
        } catch {
            problems.append("the blobs cannot be reached: \(error)")
        }
        return problems
    }

    func close() async throws {
        try await engine.close()
    }

    /// Refuses a folder that holds blobs and no database: an empty one would be made, and the blobs would be garbage.
    private static func refuseLoss(
        of database: String,
        beside blobs: FileBlobStore,
        in folder: DataFolder
    ) async throws {
        var token: String?
        repeat {
            let page = try await blobs.list(after: token, limit: 100)
            guard page.entries.isEmpty else {
                throw StartFailure(
                    "The data folder \(folder.path) holds blobs but no database: \(database) is missing or empty. "
                        + "Restore it from the backup; or, to begin anew, move \(folder.blobs) away."
                )
            }
            token = page.next
        } while token != nil
    }

    /// The size of a file in bytes; nothing when it is not there.
    private static func size(of path: String) -> Int64 {
        var facts = wharf_file_facts()
        return wharf_look(path, -1, &facts) == 0 ? facts.byte_count : 0
    }
}
