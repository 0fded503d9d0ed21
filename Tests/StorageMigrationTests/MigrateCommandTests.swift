import Foundation
import Outgoing
import RegistryTesting
import Testing

/// `wharf storage migrate` as an operator runs it, between servers that run before and after.
@Suite struct MigrateCommandTests {
    private static let images = (0..<4).map { SampleImage(seed: UInt64(7000 + $0), layerSize: 30_000 * $0 + 1) }

    /// A server that was filled and has ended; the passwords of `admin` and `alice`.
    private static func fill(_ town: Town, _ name: String) async throws -> (admin: String, alice: String) {
        let server = try await town.serve(name)
        let admin = server.adminPassword
        let made = try await town.wharf("user", "create", "alice", "--data", town.data(name))
        for (number, image) in images.enumerated() {
            try await server.push(image, to: "team/app", tag: "v\(number)", as: "admin", admin)
        }
        try await server.leaveUpload(in: "team/app", as: "admin", admin)
        await server.stop()
        return (admin, made.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func expectAll(_ server: Server, _ passwords: (admin: String, alice: String)) async throws {
        for (number, image) in images.enumerated() {
            #expect(try await server.has(image, in: "team/app", tag: "v\(number)", as: "admin", passwords.admin))
        }
        #expect(try await server.login("alice", passwords.alice) == 200)
        #expect(try await server.login("alice", "wrong") == 401)
    }

    @Test func `a folder is moved to PostgreSQL and served from there, and moved back`() async throws {
        try await Town.with { town in
            try town.configure("old")
            try town.configure("new", database: try await Town.database())
            try town.configure("back")
            let passwords = try await Self.fill(town, "old")
            let before = try town.files("old")
            let preview = try await town.migrate("old", "new", "--dry-run")
            #expect(preview.standardOutput.contains("would move: 8 blobs"))
            #expect(preview.standardOutput.contains("1 upload in progress"))
            #expect(preview.standardOutput.contains("the new installation: empty"))
            #expect(!FileManager.default.fileExists(atPath: town.data("new")))
            let moved = try await town.migrate("old", "new")
            #expect(moved.standardOutput.contains("moved: 8 blobs"))
            #expect(moved.standardOutput.contains("all equal"))
            #expect(try town.files("old") == before, "the old one was not written to")

            let server = try await town.serve("new")
            #expect(server.adminPassword == "", "it is no new installation")
            try await Self.expectAll(server, passwords)
            let later = SampleImage(seed: 7100)
            try await server.push(later, to: "team/later", tag: "1", as: "admin", passwords.admin)
            let refused = try await town.migrate("new", "back", status: 1)
            #expect(refused.standardError.contains("in use"))
            let used = try await town.migrate("old", "new", "--dry-run", status: 1)
            #expect(used.standardError.contains("in use"), "the dry run looks at the new one as well")
            await server.stop()
            let full = try await town.migrate("old", "new", "--dry-run", status: 1)
            #expect(full.standardError.contains("The new database is not empty"))

            try await town.migrate("new", "back")
            let verified = try await town.wharf("storage", "verify", "--config", town.file("back"))
            #expect(verified.standardOutput.contains("0 damaged, 0 left over"))
            let audit = try await town.wharf("audit", "verify", "--config", town.file("back"))
            #expect(audit.standardOutput.contains(": 0 found wrong") && !audit.standardOutput.hasPrefix("0 entries"))
            let last = try await town.serve("back")
            try await Self.expectAll(last, passwords)
            #expect(try await last.has(later, in: "team/later", tag: "1", as: "admin", passwords.admin))
            await last.stop()
        }
    }

    @Test func `a folder is moved to PostgreSQL and a bucket`() async throws {
        try await Town.with { town in
            let store = try await RadosGateway.shared
            let bucket = """
                s3:
                  bucket: \(try await store.makeBucket())
                  endpoint: \(store.endpoint.target)
                  access-key: \(store.accessKeyID)
                  secret-key: \(store.secretAccessKey)

                """
            try town.configure("old")
            try town.configure("new", database: try await Town.database(), more: bucket)
            let passwords = try await Self.fill(town, "old")
            try await town.migrate("old", "new")
            #expect(town.blobCount("new") == 0)
            let server = try await town.serve("new")
            try await Self.expectAll(server, passwords)
            await server.stop()
            try town.configure("other", more: bucket)
            let shared = try await town.migrate("new", "other", status: 1)
            #expect(shared.standardError.contains("with the same prefix"))
        }
    }

    @Test func `a dry run looks at the bucket and the folder that it would move to, and leaves both`() async throws {
        try await Town.with { town in
            let store = try await RcloneS3.shared
            let bucket = try await store.makeBucket()
            func keys(_ name: String) -> String {
                """
                s3:
                  bucket: \(name)
                  endpoint: \(store.endpoint.target)
                  access-key: \(store.accessKeyID)
                  secret-key: \(store.secretAccessKey)

                """
            }
            try town.configure("old")
            let passwords = try await Self.fill(town, "old")
            try town.configure("new", more: keys(bucket))
            try town.configure("wrong", more: keys("no-such-bucket"))
            let wrong = try await town.migrate("old", "wrong", "--dry-run", status: 1)
            #expect(wrong.standardError.contains("no-such-bucket"), "\(wrong)")
            for _ in 0..<2 {
                let preview = try await town.migrate("old", "new", "--dry-run")
                #expect(preview.standardOutput.contains("the new installation: empty"))
            }
            #expect(!FileManager.default.fileExists(atPath: town.data("new")))
            try await town.migrate("old", "new")
            for more in [["--dry-run"], []] {
                let full = try await town.migrate("old", "new", more, status: 1)
                #expect(full.standardError.contains("not empty"), "\(full)")
            }
            let next = try await town.serve("new")
            try await Self.expectAll(next, passwords)
            await next.stop()
        }
    }

    @Test func `damaged blobs are left behind with another exit code, and the rest is served`() async throws {
        try await Town.with { town in
            try town.configure("old")
            let passwords = try await Self.fill(town, "old")
            try town.configure("new")
            let layer = try #require(Self.images[3].blobs.first { $0.bytes.count > 50_000 })
            let folder = "\(town.data("old"))/blobs/sha256/\(layer.digest.dropFirst(7).prefix(2))"
            let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            let stopped = try await town.migrate("old", "new", status: 1)
            #expect(stopped.standardError.contains("--leave-damaged"), "\(stopped)")
            let rest = try await town.migrate("old", "new", "--dry-run")
            #expect(rest.standardOutput.contains("holds the rest of this migration"), "\(rest)")
            let moved = try await town.migrate("old", "new", "--leave-damaged", status: 2)
            #expect(moved.standardOutput.contains("of these 1 blob stays behind"), "\(moved)")
            #expect(moved.standardError.contains("damage: blob \(layer.digest)"))
            let next = try await town.serve("new")
            let (admin, image) = (passwords.admin, Self.images[3])
            #expect(try await next.has(Self.images[2], in: "team/app", tag: "v2", as: "admin", admin))
            #expect(try await !next.has(image, in: "team/app", tag: "v3", as: "admin", admin))
            try await next.push(image, to: "team/app", tag: "v3", as: "admin", admin)
            #expect(try await next.has(image, in: "team/app", tag: "v3", as: "admin", admin))
            await next.stop()
        }
    }

    @Test func `what was killed anywhere goes on, and no server starts before the end`() async throws {
        try await Town.with { town in
            try town.configure("old")
            try town.configure("new", database: try await Town.database())
            let server = try await town.serve("old")
            let password = server.adminPassword
            let images = (0..<60).map { SampleImage(seed: UInt64(7200 + $0), layerSize: 60_000) }
            for (number, image) in images.enumerated() {
                try await server.push(image, to: "team/app", tag: "v\(number)", as: "admin", password)
            }
            await server.stop()
            let arguments = ["storage", "migrate", "--config", town.file("old"), "--to", town.file("new")]
            var killCount = 0
            for (signal, count) in [(SIGKILL, 1), (SIGINT, 20), (SIGKILL, 45), (SIGKILL, 90)] {
                let command = WharfProcess.command(arguments + ["--parallel", "2"])
                let process = try command.start()
                try await process.waitUntil("blobs come", within: .seconds(60)) {
                    town.blobCount("new") >= count || process.status != nil
                }
                guard process.status == nil else { break }
                process.signal(signal)
                let status = try await process.exit(within: .seconds(60))
                if signal == SIGINT { #expect(status == 130, "\(process.standardError)") }
                killCount += 1
                let refused = try await town.wharf("serve", "--config", town.file("new"), status: 1)
                #expect(refused.standardError.contains("Run the same command again"), "\(refused)")
            }
            #expect(killCount >= 2)
            let moved = try await town.migrate("old", "new")
            #expect(moved.standardOutput.contains("had come with an earlier run"))
            let verified = try await town.wharf("storage", "verify", "--config", town.file("new"))
            #expect(verified.standardOutput.contains("0 damaged, 0 left over"))
            let next = try await town.serve("new")
            for number in [0, 30, 59] {
                #expect(try await next.has(images[number], in: "team/app", tag: "v\(number)", as: "admin", password))
            }
            await next.stop()
        }
    }

    @Test func `wrong words are refused with what is wrong, and change nothing`() async throws {
        try await Town.with { town in
            try town.configure("old")
            try town.configure("new")
            let server = try await town.serve("old")
            let running = try await town.migrate("old", "new", status: 1)
            #expect(running.standardError.contains("is in use by process"))
            await server.stop()
            let same = try await town.migrate("old", "old", status: 1)
            #expect(same.standardError.contains("Both configurations name the data folder \(town.data("old"))"))
            let missing = try await town.migrate("old", "none", status: 1)
            #expect(missing.standardError.contains("none.yaml"))
            let nowhere = try await town.migrate("new", "old", status: 1)
            #expect(nowhere.standardError.contains("The data folder \(town.data("new"))"))
            for arguments in [["--parallel", "0"], ["--to"]] {
                let words = ["storage", "migrate", "--to", town.file("new"), "--config", town.file("old")] + arguments
                #expect(try await WharfProcess.command(words).run().status == 64)
            }
            try town.configure(
                "away",
                database: "host=127.0.0.1 port=\(try FreePort.find()) dbname=x connect_timeout=2"
            )
            for more in [[], ["--dry-run"]] {
                let words = ["storage", "migrate", "--to", town.file("away"), "--config", town.file("old")] + more
                let away = try await WharfProcess.command(words).run()
                #expect(away.status == 1)
                #expect(away.standardError.contains("PostgreSQL while connecting"), "\(away)")
            }
            let used = try await town.serve("new")
            await used.stop()
            let full = try await town.migrate("old", "new", status: 1)
            #expect(full.standardError.contains("The new database is not empty"))
            let again = try await town.serve("new")
            await again.stop()
        }
    }

    @Test func `a database is held alone, and a server that comes meanwhile says so`() async throws {
        try await Town.with { town in
            let database = try await Town.database()
            try town.configure("old", database: database)
            try town.configure("new", database: database)
            _ = try await Self.fill(town, "old")
            let refused = try await town.migrate("old", "new", status: 1)
            #expect(refused.standardError.contains("or let the two configurations name two databases"))
            let server = try await town.serve("old")
            await server.stop()
        }
    }

    @Test func `an old server that was killed is moved with all that it has acknowledged`() async throws {
        try await Town.with { town in
            try town.configure("old")
            try town.configure("new")
            let server = try await town.serve("old")
            try await server.push(Self.images[1], to: "team/app", tag: "v", as: "admin", server.adminPassword)
            await server.process.kill()
            let before = try town.files("old").filter { !$0.key.hasSuffix("-shm") }
            #expect(before["wharf.sqlite-wal"] != nil)
            try await town.migrate("old", "new")
            #expect(try town.files("old").filter { !$0.key.hasSuffix("-shm") } == before)
            let next = try await town.serve("new")
            #expect(try await next.has(Self.images[1], in: "team/app", tag: "v", as: "admin", server.adminPassword))
            await next.stop()
        }
    }

    @Test func `a full disk ends it with a sentence, and it goes on when there is room`() async throws {
        try await Town.with { town in
            try town.configure("old")
            _ = try await Self.fill(town, "old")
            try town.configure("new")
            let text = try String(contentsOfFile: town.file("new"), encoding: .utf8)
            let reserved = text.replacingOccurrences(of: "storage:\n", with: "storage:\n  reserve: 1000TiB\n")
            try reserved.write(toFile: town.file("new"), atomically: true, encoding: .utf8)
            let full = try await town.migrate("old", "new", status: 1)
            #expect(full.standardError.contains("Free some room"), "\(full)")
            try text.write(toFile: town.file("new"), atomically: true, encoding: .utf8)
            try await town.migrate("old", "new")
        }
    }
}
