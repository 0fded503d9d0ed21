import Foundation
import RegistryTesting
import Testing

@testable import Metadata

/// The one SQL text in a real PostgreSQL, which is run for one session, without a server.
@Suite struct PostgreSQLTests {
    private static let programs = "/usr/lib/postgresql/15/bin"

    /// Runs statements one after another in an empty database; what it complained about, a line a complaint.
    private func complaints(about statements: [String]) async throws -> [String] {
        let folder = try TemporaryFolder()
        try #require(
            FileManager.default.fileExists(atPath: "\(Self.programs)/postgres"),
            "PostgreSQL 15 is not installed: run Scripts/install-test-parties"
        )
        let data = "\(folder.path)/data"
        let options = ["--pgdata", data, "--username", "postgres", "--encoding", "UTF8", "--no-sync"]
        try await asPostgres(folder, ["\(Self.programs)/initdb", "--locale", "C.UTF-8"] + options).output()
        // A statement ends with a semicolon and an empty line.
        let script = statements.map { $0 + ";\n\n" }.joined()
        let session = ["\(Self.programs)/postgres", "--single", "-j", "-F", "-D", data, "postgres"]
        let result = try await asPostgres(folder, session, input: Array(script.utf8)).run()
        #expect(result.status == 0)
        return result.standardError.split(separator: "\n").map(String.init).filter {
            $0.contains("ERROR:") || $0.contains("FATAL:") || $0.contains("PANIC:") || $0.contains("STATEMENT:")
        }
    }

    /// PostgreSQL refuses to run as root.
    private func asPostgres(_ folder: TemporaryFolder, _ words: [String], input: [UInt8] = []) throws -> Command {
        guard getuid() == 0 else { return Command(words[0], Array(words.dropFirst()), input: input) }
        let user = try #require(getpwnam("postgres"), "there is no user postgres").pointee
        #expect(chown(folder.path, user.pw_uid, user.pw_gid) == 0)
        let identity = ["--reuid", "\(user.pw_uid)", "--regid", "\(user.pw_gid)", "--clear-groups"]
        return Command("setpriv", identity + words, input: input)
    }

    private static var schema: [String] {
        ([Schema.ground] + Schema.migrations.flatMap(\.statements)).map(Dialect.postgreSQL.text)
    }

    private static var prepared: [String] {
        Statements.all.enumerated().map { "PREPARE statement_\($0.offset) AS \(Dialect.postgreSQL.text($0.element))" }
    }

    @Test func `PostgreSQL takes the schema and prepares every statement`() async throws {
        #expect(Self.prepared.count > 40)
        #expect(try await complaints(about: Self.schema + Self.prepared) == [])
    }

    @Test func `a statement that PostgreSQL does not know is seen`() async throws {
        let wrong = "PREPARE wrong AS SELECT nothing FROM repository"
        let found = try await complaints(about: Self.schema + [wrong] + Self.prepared)
        #expect(found.count { $0.contains("ERROR:") } == 1)
        #expect(found.contains { $0.contains("\"nothing\" does not exist") })
    }
}
