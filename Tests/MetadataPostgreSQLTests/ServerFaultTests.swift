import Foundation
import Metadata
import MetadataPostgreSQL
import OCI
import RegistryTesting
import Testing

@Suite struct ServerFaultTests {
    @Test func `a role is let in by its certificate, over TLS that is verified`() async throws {
        let server = try await PostgreSQLServer()
        try await server.ask("CREATE ROLE guest SUPERUSER LOGIN")
        try await server.encrypt(lettingIn: "guest")
        let name = try await server.makeDatabase()
        let (certificate, key) = server.roleCertificate
        // libpq wants a key that is its reader's.
        let own = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: key, toPath: "\(own.path)/role.key")
        let words = "host=127.0.0.1 port=\(server.port) user=guest dbname=\(name)"
        let verified = "\(words) sslmode=verify-full sslrootcert=\(server.certificateFile)"
        let allowed = "\(verified) sslcert=\(certificate) sslkey=\(own.path)/role.key"
        let engine = PostgreSQLEngine(try ConnectionSettings(allowed))
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        var upload = try TestDatabase.upload(1)
        upload.parts = [UInt8](repeating: 7, count: 5 << 20)
        try await facts.write { [upload] in try $0.insertUpload(upload) }
        #expect(try await facts.read { try $0.uploads(after: nil, limit: 9) } == [upload])
        for refused in [
            "\(words) sslmode=disable", verified,
            "\(words) sslmode=verify-full sslrootcert=\(certificate) sslcert=\(certificate) "
                + "sslkey=\(own.path)/role.key",
        ] {
            var options = PostgreSQLOptions()
            options.patience = .milliseconds(50)
            let other = PostgreSQLEngine(try ConnectionSettings(refused), options)
            let error = try await metadataError { try await FactStore(engine: other).requireSchema() }
            #expect(error?.code == .unavailable)
        }
    }

    @Test(.enabled(if: MountedFolder.isPossible, "no file system can be mounted here"))
    func `on a full disk writes are refused as full, reads go on`()
        async throws
    {
        let server = try await PostgreSQLServer()
        let disk = try MountedFolder(byteCount: 12 << 20)
        let user = getpwnam("postgres")
        #expect(chown(disk.path, user?.pointee.pw_uid ?? 0, user?.pointee.pw_gid ?? 0) == 0)
        try await server.ask("CREATE TABLESPACE small LOCATION '\(disk.path)'")
        let database = try await TestDatabase(on: server)
        try await server.ask("ALTER DATABASE \(database.name) SET default_tablespace = 'small'")
        let facts = try await database.facts
        var (written, refusals) = (0, Set<MetadataError.Code>())
        for number in 0..<400 where refusals.isEmpty {
            var upload = try TestDatabase.upload(number)
            upload.parts = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
            let error = try await metadataError { [upload] in
                try await facts.write { try $0.insertUpload(upload) }
            }
            if let error { refusals.insert(error.code) } else { written += 1 }
        }
        #expect(refusals == [.full])
        #expect(written > 10)
        for _ in 0..<3 {
            #expect(try await facts.read { try $0.uploads(after: nil, limit: 1000) }.count == written)
        }
        let last = try TestDatabase.upload(written - 1).id
        _ = try await facts.write { try $0.deleteUpload(last, dooming: false) }
        #expect(try await facts.read { try $0.uploads(after: nil, limit: 1000) }.count == written - 1)
    }

    @Test func `when the server fails, its standby is found and has all that was acknowledged`()
        async throws
    {
        let primary = try await PostgreSQLServer()
        let name = try await primary.makeDatabase()
        let standby = try await PostgreSQLServer(standbyOf: primary)
        try await primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try await primary.ask("SELECT pg_reload_conf()")
        let words =
            "host=127.0.0.1,127.0.0.1 port=\(primary.port),\(standby.port) user=postgres dbname=\(name) "
            + "connect_timeout=2"
        var options = PostgreSQLOptions()
        options.patience = .seconds(20)
        options.waitDuration = .seconds(20)
        let engine = PostgreSQLEngine(try ConnectionSettings(words), options)
        let facts = FactStore(engine: engine)
        try await facts.migrate()
        let acknowledged = Tally<String>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var number = worker * 10_000
                    while !acknowledged.isOver {
                        number += 1
                        let upload = try TestDatabase.upload(number)
                        let error = try await metadataError {
                            try await facts.write { try $0.insertUpload(upload) }
                        }
                        if error == nil { acknowledged.note(upload.id) }
                    }
                }
            }
            try await wait { acknowledged.all.count > 100 }
            await primary.kill()
            try await standby.promote()
            let before = acknowledged.all.count
            try await wait { acknowledged.all.count > before + 100 }
            acknowledged.end()
            try await group.waitForAll()
        }
        let found = try await facts.read { try $0.uploads(after: nil, limit: 100_000) }.map(\.id)
        #expect(Set(acknowledged.all).subtracting(found) == [])
    }

    @Test func `a standby alone is refused with a sentence`() async throws {
        let primary = try await PostgreSQLServer()
        let standby = try await PostgreSQLServer(standbyOf: primary)
        for words in ["", "target_session_attrs=any"] {
            var options = PostgreSQLOptions()
            options.patience = .milliseconds(50)
            let settings = try ConnectionSettings("\(standby.address(of: "postgres")) \(words)")
            let engine = PostgreSQLEngine(settings, options)
            let error = try await metadataError { try await FactStore(engine: engine).migrate() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(words.isEmpty ? "read-only" : "standby") == true)
        }
    }

    private func wait(until condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
