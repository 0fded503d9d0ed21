import Foundation
public import Metadata
import MetadataPostgreSQL
import MetadataSQLite
import Synchronization

/// The database that tests stand on where they are not about one: SQLite, or what TEST_METADATA says.
public enum TestDatabase: String, CaseIterable, Sendable, TestChoice {
    case sqlite, postgresql

    /// The one of the test that runs.
    @TaskLocal public static var current = chosen

    /// The name of the variable that chooses.
    public static let variable = "TEST_METADATA"

    private static let chosen = chosen(by: variable, usual: .sqlite)

    /// Opens the database that belongs to a folder, empty at the first time.
    public func open(in folder: TemporaryFolder, file: String = "metadata.sqlite") async throws -> any MetadataEngine {
        switch self {
        case .sqlite:
            return try SQLiteEngine.open(at: "\(folder.path)/\(file)")
        case .postgresql:
            let settings = try ConnectionSettings(try await Self.connection(for: folder.path))
            return PostgreSQLEngine(settings, PostgreSQLOptions(connectionCount: 4))
        }
    }

    /// The variables that make a server use the database that belongs to a folder.
    public func environment(for folder: String) async throws -> [String: String] {
        switch self {
        case .sqlite: [:]
        case .postgresql: ["WHARF_POSTGRESQL_CONNECTION": try await Self.connection(for: folder)]
        }
    }

    /// The way to a schema of the shared server that belongs to a folder: it takes a tenth of the time and the room of
    /// a database.
    private static func connection(for folder: String) async throws -> String {
        let server = try await PostgreSQLServer.shared
        let (name, isNew) = schemas.withLock { schemas in
            if let known = schemas[folder] { return (known, false) }
            let name = "test_\(schemas.count + 1)"
            schemas[folder] = name
            return (name, true)
        }
        if isNew { try await server.ask("CREATE SCHEMA \(name)") }
        return server.address(of: "postgres") + " options='-c search_path=\(name)'"
    }

    private static let schemas = Mutex<[String: String]>([:])
}
