import Foundation
import RegistryTesting
import Testing

/// A bucket that takes connections and answers nothing, and a server that is told to stop.
@Suite("A bucket that answers nothing", .timeLimit(.minutes(3)))
struct BlackHoleTests {
    private struct House {
        let server: WharfProcess
        let client: ServerClient
        let bucket: FaultyStore
        /// Where the tables are.
        let schema: Substring

        /// Ends the server; throws unless it ends in order and in its time: the grace of a second, the time for what
        /// was cut off, and the rest for a busy machine.
        ///
        /// Whoever waits for the bucket takes minutes.
        func stop() async throws {
            let start = ContinuousClock.now
            server.process.signal(SIGTERM)
            let status = try await server.process.exit(within: .seconds(60))
            #expect(status == 0, "\(server.log.suffix(3000))")
            #expect(start.duration(to: .now) < .seconds(40), "\(server.log.suffix(3000))")
            // What the event loops say when somebody looks for them after they have ended.
            #expect(!server.log.contains("already shut down"), "\(server.log.suffix(3000))")
            #expect(!server.log.contains("a request failed"), "\(server.log.suffix(3000))")
        }
    }

    private static func with(_ body: (House) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        var environment = try await TestDatabase.postgresql.environment(for: folder.path)
        let schema = try #require(environment["WHARF_POSTGRESQL_CONNECTION"]?.split(separator: "search_path=").last)
        environment.merge(try await TestBlobs.radosgw.environment(for: folder.path)) { $1 }
        let bucket = try await FaultyStore.start(before: environment)
        environment["WHARF_S3_ENDPOINT"] = bucket.endpoint
        environment["WHARF_HTTP_DRAIN_GRACE"] = "1s"
        environment["WHARF_UPLOADS_SWEEP_INTERVAL"] = "1s"
        do {
            let server = try await WharfProcess.serve(folder.path, environment: environment)
            let client = try ServerClient(server, timeout: .seconds(60))
            try await body(House(server: server, client: client, bucket: bucket, schema: schema.prefix { $0 != "'" }))
            await server.kill()
        } catch {
            await bucket.stop()
            throw error
        }
        await bucket.stop()
    }

    @Test("Requests that wait for the bucket are cut off, and the server ends in its time")
    func requests() async throws {
        try await Self.with { house in
            let (client, bucket) = (house.client, house.bucket)
            let image = SampleImage(seed: 1, layerSize: 300_000)
            try await client.push(image, to: "team/app", tag: "1")
            let location = try await client.start(in: "team/app")
            try await bucket.hang()
            let clients = [
                Task { _ = try? await client.patch(location, SampleBlob(count: 300_000, seed: 2).bytes, at: 0) },
                Task { _ = try? await client.push(SampleBlob(count: 20 << 20, seed: 3), to: "team/app") },
                Task { _ = try? await client.demand("/v2/team/app/blobs/\(image.layer.digest)", is: "") },
            ]
            // Each for an object of its own; what the server looks for by itself is neither.
            try await eventually("all of them wait") {
                try await bucket.hang().count { $0.contains("/blobs/") || $0.contains("/uploads/") } >= clients.count
            }
            try await client.demand("/v2/team/app/manifests/1", is: image.manifest.digest)
            let said = try await client.demandReadiness(false)
            #expect(said.contains("bucket"), "\(said)")
            try await house.stop()
            for task in clients { await task.value }
        }
    }

    @Test("An upload that is being given up is left for later, and the server ends in its time")
    func sweep() async throws {
        try await Self.with { house in
            let location = try await house.client.start(in: "team/app")
            try await house.client.patch(location, SampleBlob(count: 300_000, seed: 2).bytes, at: 0)
            try await house.bucket.hang("DELETE")
            let database = try await PostgreSQLServer.shared
            try await database.ask("UPDATE \(house.schema).upload SET touched_at = 0")
            try await eventually("the sweep waits for the bucket") { try await !house.bucket.hang("DELETE").isEmpty }
            try await house.client.send("GET", location, expecting: 404)
            try await house.bucket.hang()
            try await house.stop()
        }
    }
}
