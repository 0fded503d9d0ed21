import BlobStorage
import BlobStorageFiles
import CLinux
import Logging
import Metadata
import MetadataPostgreSQL
import MetadataSQLite
import NIOPosix
import Settings
import Upkeep

/// The stores of an installation, opened.
///
///     DIR/
///       lock, version   see DataFolder
///       wharf.sqlite    the facts, unless a PostgreSQL holds them
///       blobs/          the bytes, see FileBlobStore, unless a bucket holds them
///       cache/          copies of what is in the bucket
struct Installation {
    let folder: DataFolder
    let engine: any MetadataEngine
    let facts: FactStore
    let blobs: any BlobStore
    /// The bytes where they lie, without copies that are kept nearer.
    let originals: any BlobStore
    /// What holds the bytes, where a bucket does.
    let bucket: Bucket?

    /// Whether no other process can change the facts.
    var isAlone: Bool { !(engine is PostgreSQLEngine) }

    /// Opens what the settings name.
    static func open(
        _ settings: ServerSettings,
        for purpose: DataFolder.Purpose,
        threads: NIOThreadPool,
        log: Logger
    ) async throws -> Installation {
        let installation = try await stores(settings, for: purpose, threads, log) { folder, blobs in
            try await database(settings, beside: blobs, in: folder, for: purpose, threads)
        }
        do {
            try await installation.facts.pair(with: installation.blobs, for: purpose, log)
        } catch {
            try? await installation.close()
            throw error
        }
        return installation
    }

    /// Opens the stores that the settings name, the database by `database`, and looks into none of them.
    static func stores(
        _ settings: ServerSettings,
        for purpose: DataFolder.Purpose,
        _ threads: NIOThreadPool,
        _ log: Logger,
        database: (DataFolder, any BlobStore) async throws -> any MetadataEngine
    ) async throws -> Installation {
        let folder = try DataFolder.open(settings.storage.data.description, for: purpose)
        var bucket: Bucket?
        if let name = settings.s3.bucket {
            bucket = try await Bucket.open(name, settings, in: folder, for: purpose, threads: threads, log: log)
        }
        do {
            let blobs: any BlobStore
            if let bucket {
                blobs = bucket.blobs
            } else {
                let isReadOnly = !purpose.writes
                blobs = try await FileBlobStore.open(folder: folder.blobs, threads: threads, readOnly: isReadOnly)
            }
            let engine = try await database(folder, blobs)
            return Installation(
                folder: folder,
                engine: engine,
                facts: FactStore(engine: engine),
                blobs: reserving(blobs, settings.storage),
                originals: reserving(bucket?.originals ?? blobs, settings.storage),
                bucket: bucket
            )
        } catch {
            await bucket?.close()
            throw error
        }
    }

    private static func reserving(_ blobs: any BlobStore, _ settings: ServerSettings.Storage) -> any BlobStore {
        ReservingBlobStore(
            blobs,
            reserve: Int64(settings.reserve.bytes),
            refuseAbove: settings.refuseAbove.value
        )
    }

    /// Opens what the settings name, to look at it.
    static func inspecting(_ settings: ServerSettings, _ threads: NIOThreadPool) async throws -> Installation {
        try await open(settings, for: .inspecting, threads: threads, log: Logger(settings.log))
    }

    private static func database(
        _ settings: ServerSettings,
        beside blobs: any BlobStore,
        in folder: DataFolder,
        for purpose: DataFolder.Purpose,
        _ threads: NIOThreadPool
    ) async throws -> any MetadataEngine {
        if settings.postgresql.connection != nil { return try await postgreSQL(settings.postgresql, threads) }
        let path = "\(folder.path)/wharf.sqlite"
        if size(of: path) == 0 { try await refuseLoss(of: path, beside: blobs, settings, in: folder) }
        let access: SQLiteOptions.Access = purpose.writes ? .readWrite : .readOnly
        return try SQLiteEngine.open(at: path, SQLiteOptions(access: access))
    }

    /// The PostgreSQL that the settings name, used as they say, or otherwise.
    static func postgreSQL(
        _ settings: ServerSettings.PostgreSQL,
        _ threads: NIOThreadPool,
        options: PostgreSQLOptions? = nil
    ) async throws -> PostgreSQLEngine {
        let text = try await settings.connection?.revealed(as: "postgresql.connection", threads) ?? ""
        let password = try await settings.password?.revealed(as: "postgresql.password", threads)
        let usual = PostgreSQLOptions(
            connectionCount: settings.connections,
            waitingMax: settings.waitingMax,
            waitDuration: settings.waitTimeout,
            statementDuration: settings.statementTimeout
        )
        return PostgreSQLEngine(try ConnectionSettings(text, password: password), options ?? usual)
    }

    /// Why facts cannot be read now, as a sentence; nil when they can.
    func databaseProblem() async -> String? {
        do {
            _ = try await facts.read { try $0.usage() }
            return nil
        } catch {
            return "the database cannot be read: \(error)"
        }
    }

    /// Why blobs cannot be read now, as a sentence; nil when they can.
    ///
    /// A full disk is no reason: pulls go on.
    func storageProblem() async -> String? {
        do {
            _ = try await blobs.space()
            return nil
        } catch {
            return "the blobs cannot be reached: \(error)"
        }
    }

    func close() async throws {
        try await engine.close()
        await bucket?.close()
    }

    /// Refuses a folder that holds blobs and no database: an empty one would be made, and the blobs would be garbage.
    private static func refuseLoss(
        of database: String,
        beside blobs: any BlobStore,
        _ settings: ServerSettings,
        in folder: DataFolder
    ) async throws {
        var token: String?
        repeat {
            let page = try await blobs.list(after: token, limit: 100)
            guard page.entries.isEmpty else {
                guard let bucket = settings.s3.bucket else {
                    throw StartFailure(
                        "The data folder \(folder.path) holds blobs but no database: \(database) is missing or empty. "
                            + "Restore it from the backup; or, to begin anew, move \(folder.blobs) away."
                    )
                }
                throw StartFailure(
                    "The bucket \(bucket) holds blobs, and the data folder \(folder.path) has no database: "
                        + "\(database) is missing or empty. Restore it from the backup, or name the PostgreSQL that "
                        + "has the metadata; or, to begin anew, choose another bucket or s3.prefix."
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

extension Secret {
    /// The text itself; what goes wrong is said of the key that names it.
    func revealed(as key: String, _ threads: NIOThreadPool) async throws -> String {
        do {
            return try await threads.runIfActive { try revealed() }
        } catch let problem as Problem {
            throw Failure(description: "\(key): \(problem)")
        }
    }
}

extension FactStore {
    /// Makes the schema fit, and sure that the blobs are those that it is about.
    fileprivate func pair(with blobs: any BlobStore, for purpose: DataFolder.Purpose, _ log: Logger) async throws {
        let pairing = StorePairing(facts: self, blobs: blobs)
        if purpose.writes {
            let why = { (error: any Error) in
                (error as? MetadataError).flatMap { $0.code == .unavailable ? $0.message : nil }
            }
            try await StartPatience.wait(for: "the database", log, why: why) { try await migrate() }
            try await pairing.establish()
        } else {
            try await requireSchema()
            try await pairing.check()
        }
    }
}
