import Foundation
import Hosting
import Metadata
import MetadataPostgreSQL
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// A registry on PostgreSQL that has grown for years, of which one manifest of a hundred was just deleted.
struct GrownRegistry: Sendable {
    let growth: MetadataGrowth
    let engine: PostgreSQLEngine
    let facts: FactStore
    let blobs = MemoryBlobStore()
    let host: Hosting.RegistryHost

    /// How many manifests there are: 10,000, or what `TEST_METADATA_TAGS` says.
    static let manifestCount = ProcessInfo.processInfo.environment["TEST_METADATA_TAGS"].flatMap { Int($0) } ?? 10_000
    /// Whether there are so many that what is measured counts.
    static var isLarge: Bool { manifestCount > 10_000 }
    private static let deletedPlace = 7

    /// How many links nobody needs any more; each is the only one of its blob.
    var garbageCount: Int { growth.tagCount / 100 * 10 }

    init() async throws {
        let settings = [
            "shared_buffers = 4GB", "maintenance_work_mem = 512MB", "fsync = off", "full_page_writes = off",
            "wal_level = minimal", "max_wal_senders = 0", "max_wal_size = 12GB", "checkpoint_timeout = 1h",
        ]
        let server =
            Self.isLarge
            ? try await PostgreSQLServer(settings: settings, inMemory: false) : try await PostgreSQLServer.shared
        if Self.isLarge { server.endAtExit() }
        let name = try await server.makeDatabase()
        growth = MetadataGrowth(tagCount: Self.manifestCount)
        engine = PostgreSQLEngine(
            try ConnectionSettings(server.address(of: name)),
            PostgreSQLOptions(connectionCount: 8)
        )
        facts = FactStore(engine: engine)
        try await facts.migrate()
        let command = Command(
            "\(PostgreSQLServer.programs)/psql",
            ["-X", "-q", "-h", server.folder.path, "-p", "\(server.port)", "-U", "postgres", "-d", name]
                + ["-v", "ON_ERROR_STOP=1"],
            input: Array((growth.statements + Self.deletion(growth)).map { "\($0);\n" }.joined().utf8),
            timeout: .seconds(3600)
        )
        _ = try await command.output()
        host = Hosting.RegistryHost(facts: facts, blobs: blobs, options: .init(isAlone: false)) {
            Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        }
    }

    /// As the deletion of manifests leaves it: their blobs are to be looked at.
    private static func deletion(_ growth: MetadataGrowth) -> [String] {
        let numbers = "generate_series(\(deletedPlace), \(growth.tagCount), 100) i"
        return [
            "UPDATE repository_blob SET idle_since = NULL WHERE idle_since IS NOT NULL",
            "DELETE FROM former_link", "DELETE FROM doomed_blob", "DELETE FROM doomed_key",
            // What is in the trash is needed.
            "DELETE FROM trash_edge", "DELETE FROM trash_tag", "DELETE FROM trash_manifest", "DELETE FROM trash",
            """
            CREATE TEMPORARY TABLE gone AS
            SELECT pg_temp.home(i) AS repository, pg_temp.digest(-i) AS digest FROM \(numbers)
            """,
            "DELETE FROM tag t USING gone g WHERE t.repository = g.repository AND t.digest = g.digest",
            "DELETE FROM edge e USING gone g WHERE e.repository = g.repository AND e.manifest = g.digest",
            "DELETE FROM manifest m USING gone g WHERE m.repository = g.repository AND m.digest = g.digest",
            """
            UPDATE repository_blob l SET idle_since = 1
              FROM (SELECT pg_temp.home(i) AS repository, pg_temp.digest(10 * i - n) AS digest
                      FROM \(numbers), generate_series(0, 9) n) g
             WHERE l.repository = g.repository AND l.digest = g.digest
            """,
            "VACUUM (ANALYZE)",
        ]
    }

    /// A manifest that is there, by its tag; other numbers give other ones.
    func pull(_ number: Int) async throws {
        // In the largest repository are those whose last digit is less than 5; the deleted end with 07.
        let place = 1 + number % (growth.tagCount / 10) * 10
        let digits = "\(place)"
        let tag = try Tag("v" + String(repeating: "0", count: 8 - digits.count) + digits)
        let name = try RepositoryName(MetadataGrowth.largestName)
        _ = try await host.registry(for: .tester).manifest(.tag(tag), in: name)
    }

    /// Pushes an image of its own.
    func push(_ number: Int) async throws {
        let image = SampleImage(seed: 1_000_000 + UInt64(number), layerSize: 50)
        let name = try RepositoryName("team/load\(number % 20)")
        try await host.registry(for: .tester).push(image, to: name)
    }
}
