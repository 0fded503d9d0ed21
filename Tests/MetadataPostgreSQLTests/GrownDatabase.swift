import Foundation
import RegistryTesting

@testable import Metadata
@testable import MetadataPostgreSQL

/// A database with the facts of a registry that has grown, made once for all tests that only look at it.
///
/// There are 10,000 tags and 100,000 blobs in it, or what `TEST_METADATA_TAGS` says: 1000000 makes a million tags and
/// ten million blobs, for which a server of its own on the disk needs 40 GB and 15 to 30 minutes.
struct GrownDatabase: Sendable {
    let database: TestDatabase
    let growth: MetadataGrowth

    /// The name of the variable that says how many tags there are.
    static let variable = "TEST_METADATA_TAGS"

    /// The one that tests share.
    static var shared: GrownDatabase {
        get async throws { try await sharing.value }
    }

    /// Whether there are so many facts that what is measured is told.
    static var isLarge: Bool { tagCount > 10_000 }

    private static let tagCount = ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? 10_000

    private static let sharing = Task {
        let growth = MetadataGrowth(tagCount: tagCount)
        let server = isLarge ? try await PostgreSQLServer(settings: settings, inMemory: false) : nil
        server?.endAtExit()
        let database = try await TestDatabase(on: server)
        _ = try await database.facts
        _ = try await database.ask(growth.statements, within: .seconds(3600))
        return GrownDatabase(database: database, growth: growth)
    }

    /// What makes much be written soon; nothing of it is to outlast the test.
    private static let settings = [
        "shared_buffers = 4GB", "maintenance_work_mem = 512MB", "autovacuum = off",
        "fsync = off", "full_page_writes = off", "wal_level = minimal", "max_wal_senders = 0",
        "max_wal_size = 12GB", "checkpoint_timeout = 1h",
    ]

    /// What a session answers that goes by the settings of the engine's, after the functions of the growth are there.
    func ask(_ statements: [String]) async throws -> [String] {
        let functions = ["SET default_transaction_read_only = off"] + growth.functions
        return try await database.ask(TestDatabase.session + functions + statements)
    }
}

extension TestDatabase {
    /// What the engine's sessions are told.
    static var session: [String] {
        Connection.session.map { "SET \($0.key) = '\($0.value)'" }
    }

    /// What `psql` prints for statements of one session, a line a row.
    func ask(_ statements: [String], within timeout: Duration = .seconds(120)) async throws -> [String] {
        let options = ["-X", "-q", "-A", "-t", "-h", server.folder.path, "-p", "\(server.port)"]
        let command = Command(
            "\(PostgreSQLServer.programs)/psql",
            options + ["-U", "postgres", "-d", name, "-v", "ON_ERROR_STOP=1"],
            input: Array(statements.map { "\($0);\n" }.joined().utf8),
            timeout: timeout
        )
        return try await command.output().split(separator: "\n").map(String.init)
    }
}

/// What is said between the answers of two statements.
enum Mark {
    static let text = "== "

    /// A statement that says it.
    static let statement = "SELECT '\(text)'"

    /// The lines between.
    static func parts(of lines: [String]) -> [[String]] {
        lines.split(omittingEmptySubsequences: false) { $0 == text }.map(Array.init)
    }
}
