import Metadata
import MetadataPostgreSQL
import MetadataSQLite
import RegistryTesting
import Testing

/// The engine that the fixtures of a test use: SQLite, unless its suite is run on each.
enum TestedEngine: CaseIterable {
    case sqlite, postgreSQL

    @TaskLocal static var current = TestedEngine.sqlite

    /// An empty database of its own.
    func open(in folder: TemporaryFolder) async throws -> any MetadataEngine {
        switch self {
        case .sqlite:
            return try SQLiteEngine.open(at: "\(folder.path)/metadata.sqlite")
        case .postgreSQL:
            let server = try await PostgreSQLServer.shared
            let settings = try ConnectionSettings(server.address(of: try await server.makeDatabase()))
            return PostgreSQLEngine(settings, PostgreSQLOptions(connectionCount: 4))
        }
    }
}

/// Runs each test of a suite once on every engine.
struct EveryEngine: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        for engine in TestedEngine.allCases {
            await TestedEngine.$current.withValue(engine) {
                do {
                    try await function()
                } catch {
                    Issue.record(error, "on \(engine)")
                }
            }
        }
    }
}

extension Trait where Self == EveryEngine {
    static var everyEngine: EveryEngine { EveryEngine() }
}
