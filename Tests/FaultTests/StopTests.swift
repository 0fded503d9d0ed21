import Foundation
import Glibc
import RegistryTesting
import Testing

/// SIGTERM lets what is running finish, and then the server ends with 0.
@Suite struct StopTests {
    @Test func `an upload that is running is finished, and nobody new is let in`() async throws {
        let data = try TemporaryFolder()
        let server = try await WharfProcess.start(data: data.path)
        let client = ImageClient(server, repository: "drained")
        let blob = SampleBlob(count: 2 << 20, seed: 3)
        let location = try #require(try await client.begin())
        let pid = server.process.pid
        let (http, port) = (client.http, client.http.port)
        let answer = try await http.withConnection { connection in
            let request = TestRequest(
                "PUT",
                "\(location)?digest=\(blob.digest)",
                headers: [("Content-Length", "\(blob.bytes.count)"), ("Expect", "100-continue")]
            )
            try connection.sendHead(of: request)
            // The request is running, and not merely on its way.
            #expect(try connection.receiveHead().status == 100)
            try connection.send(Array(blob.bytes[..<(1 << 20)]))
            kill(pid, SIGTERM)
            let deadline = ContinuousClock.now + .seconds(20)
            while (try? TestConnection(address: "127.0.0.1", port: port, timeout: .seconds(1)))?.close() != nil {
                try #require(ContinuousClock.now < deadline, "new connections are still taken")
            }
            try connection.send(Array(blob.bytes[(1 << 20)...]))
            return try connection.receive(method: "PUT")
        }
        #expect(answer.status == 201)
        #expect(answer[header: "Connection"] == "close")
        #expect(try await server.process.exit(within: .seconds(15)) == 0)
        let verified = try await WharfProcess.verify(data.path)
        #expect(verified.standardOutput.hasPrefix("1 blobs (\(blob.bytes.count) bytes)"))
        withExtendedLifetime(data) {}
    }

    @Test func `a terminal that hangs up stops it as SIGTERM does`() async throws {
        let data = try TemporaryFolder()
        let server = try await WharfProcess.start(data: data.path)
        kill(server.process.pid, SIGHUP)
        #expect(try await server.process.exit(within: .seconds(15)) == 0)
        #expect(server.log.contains("SIGHUP") && server.log.contains("stopped"), "\(server.log)")
        withExtendedLifetime(data) {}
    }

    @Test func `a server that was started under nohup outlives the terminal`() async throws {
        let data = try TemporaryFolder()
        let script = "trap '' HUP; exec \"$@\""
        let serve = [WharfProcess.binary, "serve", "--data", data.path, "--listen", "127.0.0.1:0"]
        let server = try Command("sh", ["-c", script, "sh"] + serve).start()
        try await server.waitUntil("the server is ready") { server.standardOutput.contains("ready on") }
        kill(server.pid, SIGHUP)
        kill(server.pid, SIGTERM)
        #expect(try await server.exit(within: .seconds(15)) == 0)
        let stop = server.standardError.split(separator: "\n").first { $0.contains("stopping") }
        #expect(stop?.contains("SIGTERM") == true, "\(server.standardError)")
        withExtendedLifetime(data) {}
    }

    @Test func `a second signal ends it at once`() async throws {
        let data = try TemporaryFolder()
        let server = try await WharfProcess.start(data: data.path)
        let client = ImageClient(server, repository: "hasty")
        let location = try #require(try await client.begin())
        let pid = server.process.pid
        try await client.http.withConnection { connection in
            let headers = [("Content-Length", "1000000"), ("Expect", "100-continue")]
            try connection.sendHead(of: TestRequest("PATCH", location, headers: headers))
            #expect(try connection.receiveHead().status == 100)
            try connection.send([1, 2, 3])
            kill(pid, SIGTERM)
            // The log says when the first signal was taken.
            let deadline = ContinuousClock.now + .seconds(20)
            while !server.log.contains("stopping") { try #require(ContinuousClock.now < deadline) }
            kill(pid, SIGTERM)
        }
        #expect(try await server.process.exit(within: .seconds(5)) == 1)
        #expect(server.log.contains("a second signal has come"), "\(server.log)")
        withExtendedLifetime(data) {}
    }

    // MARK: Work that does not stop

    /// A server that reads a blob again whose bytes never come, since a pipe without a writer lies in its place: no
    /// disk that hangs can be had, and open(2) waits here as it does there.
    private static func stuck() async throws -> (server: WharfProcess, data: TemporaryFolder) {
        let data = try TemporaryFolder()
        let server = try await WharfProcess.start(data: data.path)
        let blob = SampleBlob(count: 3000, seed: 9)
        try await ServerClient(server).push(blob, to: "app")
        let hidden = blob.digest.dropFirst("sha256:".count)
        let shelf = "\(data.path)/blobs/sha256/\(hidden.prefix(2))"
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: shelf).first { $0.hasPrefix(hidden.dropFirst(2)) }
        )
        try FileManager.default.removeItem(atPath: "\(shelf)/\(name)")
        try #require(mkfifo("\(shelf)/\(name)", 0o600) == 0)
        let run = ["job", "run", "storage.scrub", "--argument", "all=true", "-o", "json", "--data", data.path]
        try await eventually("it is run, and not what the schedule put at the start", within: .seconds(60)) {
            try await WharfProcess.command(run).output().contains("\"all\"")
        }
        let threads = "/proc/\(server.process.pid)/task"
        try await eventually("a thread of the server waits for who writes into the pipe", within: .seconds(60)) {
            try FileManager.default.contentsOfDirectory(atPath: threads).contains { thread in
                // proc(5): the function of the kernel in which it sleeps; in fs/pipe.c it is wait_for_partner.
                (try? String(contentsOfFile: "\(threads)/\(thread)/wchan", encoding: .utf8)) == "wait_for_partner"
            }
        }
        return (server, data)
    }

    @Test func `a job that does not stop is waited for some seconds, and then ends with the server`() async throws {
        let (server, data) = try await Self.stuck()
        server.process.signal(SIGTERM)
        #expect(try await server.process.exit(within: .seconds(60)) == 1)
        #expect(server.log.contains("something has not ended in time"), "\(server.log)")
        #expect(!server.log.contains("second signal"), "\(server.log)")
        withExtendedLifetime(data) {}
    }

    @Test func `a second signal ends it at once also while a job is waited for, and says so`() async throws {
        let (server, data) = try await Self.stuck()
        server.process.signal(SIGTERM)
        try await server.process.waitUntil("the transfers have ended") { server.log.contains("the last phase") }
        server.process.signal(SIGINT)
        #expect(try await server.process.exit(within: .seconds(5)) == 1)
        #expect(server.log.contains("a second signal has come"), "\(server.log)")
        #expect(server.log.contains("SIGINT") && !server.log.contains("not ended in time"), "\(server.log)")
        withExtendedLifetime(data) {}
    }
}
