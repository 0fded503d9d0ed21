import MetadataSQLite

@testable import Metadata

/// The database of a stopped server, for changes that the server never makes.
struct DatabaseFile {
    private let path: String

    /// That of a data folder.
    init(_ data: String) {
        path = "\(data)/wharf.sqlite"
    }

    /// Runs one statement.
    func change(_ text: StaticString, _ arguments: [SQLValue] = []) async throws {
        let engine = try SQLiteEngine.open(at: path)
        let statement = Statement(text)
        _ = try await engine.write { try $0.run(statement, arguments) }
        try await engine.close()
    }
}
