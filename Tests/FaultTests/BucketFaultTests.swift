import Foundation
import Outgoing
import RegistryTesting
import Testing

/// The bucket says that it is too much, breaks off, is slow, or is away: `faulty_store.py` before Ceph's gateway.
@Suite("A bad bucket", .serialized)
struct BucketFaultTests {
    /// A server whose bucket is behind a proxy that a test makes bad.
    private struct House {
        let server: WharfProcess
        let client: ServerClient
        let bucket: FaultyStore

        /// The most memory that the server has had, in MiB.
        func memoryMax() throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(server.process.pid)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
            return try #require(Int(line.split(separator: " ")[1].trimmingCharacters(in: .whitespaces))) / 1024
        }
    }

    private static func with(_ body: (House) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        var environment = try await TestDatabase.postgresql.environment(for: folder.path)
        environment.merge(try await TestBlobs.radosgw.environment(for: folder.path)) { $1 }
        let bucket = try await FaultyStore.start(before: environment)
        environment["WHARF_S3_ENDPOINT"] = bucket.endpoint
        environment["WHARF_S3_CACHE_SIZE"] = "0MiB"
        do {
            let server = try await WharfProcess.serve(folder.path, environment: environment)
            let client = try ServerClient(server, timeout: .seconds(120))
            do {
                try await body(House(server: server, client: client, bucket: bucket))
            } catch {
                print(server.log.suffix(3000))
                await server.kill()
                throw error
            }
            #expect(await server.stop() == 0)
        } catch {
            await bucket.stop()
            throw error
        }
        await bucket.stop()
    }

    @Test(
        "Each third request is told to slow down, or breaks off, or comes late: what is pushed comes back whole",
        arguments: [[30, 0, 0], [0, 20, 0], [0, 0, 40], [15, 10, 15]]
    )
    func bad(shares: [Int]) async throws {
        let count = TestSeed.count(12, soaking: 200, of: "images pushed to a bad bucket")
        try await Self.with { house in
            try await house.bucket.set(slowDowns: shares[0], cuts: shares[1], delays: shares[2])
            let images = (0..<count).map { SampleImage(seed: 20_000 + UInt64($0), layerSize: 300_000) }
            let large = SampleBlob(count: 40 << 20, seed: 20_999)
            let client = house.client
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for lane in 0..<4 {
                    tasks.addTask {
                        for number in stride(from: lane, to: count, by: 4) {
                            try await client.push(images[number], to: "team/app", tag: "t\(number)")
                        }
                    }
                }
                tasks.addTask { try await client.push(large, to: "team/app") }
                try await tasks.waitForAll()
            }
            for number in 0..<count { try await client.demand(images[number], in: "team/app", as: "t\(number)") }
            try await client.demand("/v2/team/app/blobs/\(large.digest)", is: large.digest)
            let counts = try await house.bucket.counts()
            let hundreds = counts.reduce(0, +) / 100
            #expect(hundreds > 0, "\(counts)")
            for (index, share) in shares.enumerated() { #expect(counts[index] >= share * hundreds, "\(counts)") }
            #expect(try house.memoryMax() < 400)
        }
    }

    @Test(
        "While the bucket is away, pulls of manifests go on, pushes are refused for now, and all comes back by itself"
    )
    func away() async throws {
        try await Self.with { house in
            let image = SampleImage(seed: 21_000, layerSize: 300_000)
            try await house.client.push(image, to: "team/app", tag: "1")
            #expect(try await house.client.http.send(TestRequest("GET", "/readyz")).status == 200)
            try await house.bucket.set(slowDowns: 0, cuts: 100, delays: 0)
            let said = try await house.client.demandReadiness(false)
            #expect(said.contains("bucket"), "\(said)")
            try await house.client.demand("/v2/team/app/manifests/1", is: image.manifest.digest)
            let blob = SampleBlob(count: 1000, seed: 21_001)
            let path = "/v2/team/app/blobs/uploads/?digest=\(blob.digest)"
            let refused = try await house.client.http.send(TestRequest("POST", path, body: blob.bytes))
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused[header: "Retry-After"] != nil)
            try await house.bucket.set(slowDowns: 0, cuts: 0, delays: 0)
            try await house.client.demandReadiness(true)
            try await house.client.push(blob, to: "team/app")
            try await house.client.demand(image, in: "team/app", as: "1")
        }
    }
}
