import BlobStorage
import BlobStorageFiles
import Foundation
import Logging
import Metadata
import MetadataSQLite
import NIOPosix
import Settings
import Upkeep

/// The stores that an installation would be moved to, as far as they are there: looked at, and not changed.
struct Survey {
    /// What is there.
    let place: StorageMigration.Place
    private let folder: DataFolder?
    private let engine: (any MetadataEngine)?
    private let bucket: Bucket?

    /// Opens what there is of the new side, so that no server uses it meanwhile.
    ///
    /// A folder that is missing or empty is no fault, and is not made.
    static func of(
        _ settings: ServerSettings,
        beside old: ServerSettings,
        threads: NIOThreadPool,
        log: Logger
    ) async throws -> Survey {
        let path = settings.storage.data.description
        let folder = isEmpty(path) ? nil : try DataFolder.open(path, for: .leaving)
        var bucket: Bucket?
        if let name = settings.s3.bucket {
            bucket = try await Bucket.open(name, settings, in: folder, for: .leaving, threads: threads, log: log)
        }
        var engine: (any MetadataEngine)?
        do {
            var blobs = bucket?.blobs
            if bucket == nil, let folder {
                blobs = try await FileBlobStore.open(folder: folder.blobs, threads: threads, readOnly: true)
            }
            engine = try await database(settings, in: folder, threads)
            let facts = engine.map(FactStore.init)
            let hasTables = try await facts?.hasTables() ?? false
            let place = StorageMigration.Place(facts: hasTables ? facts : nil, blobs: blobs)
            return Survey(place: place, folder: folder, engine: engine, bucket: bucket)
        } catch {
            try? await engine?.close()
            await bucket?.close()
            throw Installation.doubled(error, old)
        }
    }

    func close() async throws {
        try await engine?.close()
        await bucket?.close()
        withExtendedLifetime(folder) {}
    }

    private static func database(
        _ settings: ServerSettings,
        in folder: DataFolder?,
        _ threads: NIOThreadPool
    ) async throws -> (any MetadataEngine)? {
        guard settings.postgresql.connection == nil else {
            let options = Installation.aloneOptions(settings)
            return try await Installation.postgreSQL(settings.postgresql, threads, options: options)
        }
        guard let path = folder.map({ "\($0.path)/wharf.sqlite" }), FileManager.default.fileExists(atPath: path) else {
            return nil
        }
        return try SQLiteEngine.open(at: path, SQLiteOptions(access: .still))
    }

    /// Whether nothing is at a path, or a folder with nothing of ours in it.
    private static func isEmpty(_ path: String) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return true }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return false }
        return Set(names).isDisjoint(with: ["lock", "version", "blobs", "wharf.sqlite"])
    }
}
