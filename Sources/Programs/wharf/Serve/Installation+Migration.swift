import BlobStorage
import BlobStorageFiles
import Glibc
import Logging
import Metadata
import MetadataPostgreSQL
import MetadataSQLite
import NIOPosix
import Settings
import Upkeep

/// Both sides of a migration: each is opened so that no server and no other command uses it meanwhile.
extension Installation {
    /// What a migration needs of it.
    var stores: StorageMigration.Stores { StorageMigration.Stores(facts: facts, blobs: blobs) }

    /// Refuses two configurations that plainly name one installation, or share a part of it.
    static func demandApart(_ old: ServerSettings, _ new: ServerSettings) throws {
        let (first, second) = (path(of: old.storage.data), path(of: new.storage.data))
        guard first != second else {
            throw StartFailure(
                "Both configurations name the data folder \(first). The old installation stays as it is, so the new "
                    + "one needs another: give its file the key storage.data."
            )
        }
        if let bucket = old.s3.bucket, bucket == new.s3.bucket, old.s3.prefix == new.s3.prefix,
            old.s3.endpoint == new.s3.endpoint
        {
            throw StartFailure(
                "Both configurations name the bucket \(bucket) with the same prefix. Give the new one another "
                    + "s3.bucket or s3.prefix."
            )
        }
    }

    /// Opens the old side, of which nothing is changed.
    static func leaving(_ settings: ServerSettings, threads: NIOThreadPool, log: Logger) async throws -> Installation {
        let side = try await side(settings, for: .leaving, threads, log)
        do {
            try await side.facts.requireSchema()
            try await StorePairing(facts: side.facts, blobs: side.blobs).check()
            return side
        } catch {
            try? await side.close()
            throw error
        }
    }

    /// Opens the new side, and makes its tables.
    static func filling(
        _ settings: ServerSettings,
        beside old: ServerSettings,
        threads: NIOThreadPool,
        log: Logger
    ) async throws -> Installation {
        let side = try await side(settings, for: .filling, threads, log)
        do {
            try await side.facts.migrate()
            return side
        } catch {
            try? await side.close()
            throw doubled(error, old)
        }
    }

    /// What keeps a database from being opened alone: the old side has it open, if they are one.
    static func doubled(_ error: any Error, _ old: ServerSettings) -> any Error {
        guard let error = error as? MetadataError, error.code == .busy, old.postgresql.connection != nil else {
            return error
        }
        return MetadataError(.busy, "\(error.message), or let the two configurations name two databases")
    }

    private static func side(
        _ settings: ServerSettings,
        for purpose: DataFolder.Purpose,
        _ threads: NIOThreadPool,
        _ log: Logger
    ) async throws -> Installation {
        try await stores(settings, for: purpose, threads, log) { folder, _ in
            guard settings.postgresql.connection == nil else {
                return try await postgreSQL(settings.postgresql, threads, options: aloneOptions(settings))
            }
            let path = "\(folder.path)/wharf.sqlite"
            return try SQLiteEngine.open(at: path, SQLiteOptions(access: purpose.writes ? .readWrite : .still))
        }
    }

    /// One connection, which all that is done at once shares.
    static func aloneOptions(_ settings: ServerSettings) -> PostgreSQLOptions {
        PostgreSQLOptions(
            connectionCount: 1,
            waitDuration: .seconds(60),
            statementDuration: settings.postgresql.statementTimeout,
            isAlone: true
        )
    }

    /// A path without symbolic links, as far as it is there.
    private static func path(of folder: LocalPath) -> String {
        guard let resolved = realpath(folder.description, nil) else { return folder.description }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
