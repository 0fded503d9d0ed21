import Foundation
import Glibc
import RegistryTesting
import Testing

/// `/readyz` says whether the registry can serve.
@Suite struct ReadinessTests {
    @Test func `a data folder that was moved away is said, and its return too`() async throws {
        let folder = try TemporaryFolder()
        let data = "\(folder.path)/data"
        let server = try await WharfProcess.serve(data)
        let client = try ServerClient(server)
        try await client.send("GET", "/readyz", expecting: 200)
        try FileManager.default.moveItem(atPath: data, toPath: "\(data).away")
        let said = try await client.demandReadiness(false)
        #expect(said.contains("the blobs cannot be reached"), "\(said)")
        #expect(said.contains(data), "\(said)")
        try await client.send("GET", "/livez", expecting: 200)
        try FileManager.default.moveItem(atPath: "\(data).away", toPath: data)
        try await client.demandReadiness(true)
        #expect(await server.stop() == 0)
    }

    @Test func `a database that answers nothing is said in seconds, and its return too`() async throws {
        let folder = try TemporaryFolder()
        let database = try await PostgreSQLServer()
        let name = try await database.makeDatabase()
        let environment = ["WHARF_POSTGRESQL_CONNECTION": database.address(of: name)]
        let server = try await WharfProcess.serve("\(folder.path)/data", environment: environment)
        let client = try ServerClient(server)
        try await client.send("GET", "/readyz", expecting: 200)
        let main = try String(contentsOfFile: "\(database.data)/postmaster.pid", encoding: .utf8).prefix { $0 != "\n" }
        let backends = try await database.ask("SELECT pid FROM pg_stat_activity WHERE datname = '\(name)'")
        let pids = (backends.split(separator: "\n") + [main]).compactMap { pid_t($0) }
        try #require(pids.count > 1)
        for pid in pids { kill(pid, SIGSTOP) }
        defer { for pid in pids { kill(pid, SIGCONT) } }
        let said = try await client.demandReadiness(false)
        #expect(said.contains("the database does not answer"), "\(said)")
        try await client.send("GET", "/livez", expecting: 200)
        for pid in pids { kill(pid, SIGCONT) }
        try await client.demandReadiness(true)
        #expect(await server.stop() == 0)
        await database.stop()
    }
}
