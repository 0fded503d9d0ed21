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
///       blobs/          the bytes, see FileBlobStore
struct Installation {
    let folder: DataFolder
    let engine: any MetadataEngine
    let facts: FactStore
    let blobs: any BlobStore

    /// Whether no other process can change the facts.
    var isAlone: Bool { !(engine is PostgreSQLEngine) }

    /// Opens what the settings name.
    static func open(
        _ settings: ServerSettings,
        for purpose: DataFolder.Purpose,
        threads: NIOThreadPool,
        log: Logger
    ) async throws -> Installation {
        let folder = try DataFolder.open(settings.storage.data.description, for: purpose)
        let isServing = purpose == .serving
        let files = try await FileBlobStore.open(folder: folder.blobs, threads: threads, readOnly: !isServing)
        let engine: any MetadataEngine
        if let connection = settings.postgresql.connection {
            engine = try await postgreSQL(settings.postgresql, connection, threads)
        } else {
            let database = "\(folder.path)/wharf.sqlite"
            if size(of: database) == 0 { try await refuseLoss(of: database, beside: files, in: folder) }
            engine = try SQLiteEngine.open(at: database, SQLiteOptions(access: isServing ? .readWrite : .readOnly))
        }
        let facts = FactStore(engine: engine)
        do {
            if isServing { try await facts.migrateWhenReached(log) } else { try await facts.requireSchema() }
            let pairing = StorePairing(facts: facts, blobs: files)
            if isServing { try await pairing.establish() } else { try await pairing.check() }
        } catch {
            try? await engine.close()
            throw error
        }
        return Installation(
            folder: folder,
            engine: engine,
            facts: facts,
            blobs: ReservingBlobStore(files, reserve: Int64(settings.storage.reserve.bytes))
        )
    }

    /// Opens what the settings name, to look at it.
    static func inspecting(_ settings: ServerSettings, _ threads: NIOThreadPool) async throws -> Installation {
        try await open(settings, for: .inspecting, threads: threads, log: Logger(settings.log))
    }

    private static func postgreSQL(
        _ settings: ServerSettings.PostgreSQL,
        _ connection: Secret,
        _ threads: NIOThreadPool
    ) async throws -> PostgreSQLEngine {
        let text = try await connection.revealed(as: "postgresql.connection", threads)
        var password: String?
        if let secret = settings.password {
            password = try await secret.revealed(as: "postgresql.password", threads)
        }
        return PostgreSQLEngine(
            try ConnectionSettings(text, password: password),
            PostgreSQLOptions(
                connectionCount: settings.connections,
                waitingMax: settings.waitingMax,
                waitDuration: settings.waitTimeout,
                statementDuration: settings.statementTimeout
            )
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
    /// How long a server that has just started waits for its database, which may start with it.
    private static let startPatience = Duration.seconds(30)

    /// Brings the schema up to date, once the database can be reached.
    fileprivate func migrateWhenReached(_ log: Logger) async throws {
        let end = ContinuousClock.now + Self.startPatience
        while true {
            do {
                return try await migrate()
            } catch let error as MetadataError where error.code == .unavailable && ContinuousClock.now < end {
                log.warning("waiting for the database", metadata: ["error": .string(error.message)])
                try await Task.sleep(for: .seconds(2))
            }
        }
    }
}
