import Foundation
import RegistryTesting
import Testing

/// Replicas over a PostgreSQL and a bucket that a test does harm to, and clients that are at work all the time.
struct FaultyHouse {
    /// A PostgreSQL of its own.
    let database: PostgreSQLServer
    /// The way to it, which can be cut.
    let way: CuttingProxy
    /// What stands before the bucket.
    let bucket: FaultyStore
    /// The servers.
    let replicas: ReplicaSet
    /// The clients.
    let traffic: Traffic

    /// Builds it, runs `body`, and then looks whether all that was acknowledged is there.
    ///
    /// - Parameters:
    ///   - disks: What the data of PostgreSQL lie on.
    ///   - body: Runs while nothing else does harm.
    /// - Throws: What does not start, and what `body` throws.
    static func with(
        disks: PostgreSQLServer.Disks = .init(),
        _ body: (FaultyHouse) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let database = try await PostgreSQLServer(disks: disks)
        let name = try await database.makeDatabase()
        let way = try CuttingProxy(to: database.port)
        defer { way.stop() }
        let bucket = try await FaultyStore.start(before: TestBlobs.radosgw.environment(for: folder.path))
        do {
            let replicas = try await ReplicaSet.start(
                in: folder.path,
                count: 2,
                connection: "host=127.0.0.1 port=\(way.port) user=postgres dbname=\(name)",
                environment: ["WHARF_S3_ENDPOINT": bucket.endpoint]
            )
            let client = try ServerClient(authority: replicas.authority, timeout: .seconds(60))
            let house = FaultyHouse(
                database: database,
                way: way,
                bucket: bucket,
                replicas: replicas,
                traffic: Traffic(client)
            )
            do {
                try await body(house)
                #expect(house.traffic.pushes.surprises == [])
                #expect(house.traffic.pulls.surprises == [])
                try await house.traffic.demandAll(of: replicas)
            } catch {
                print("TEST_SEED=\(TestSeed.run)", house.traffic.pushes.surprises, house.traffic.pulls.surprises)
                print(replicas.log)
                await replicas.stop()
                throw error
            }
            #expect(await replicas.stop(), "a replica did not end in order")
        } catch {
            await bucket.stop()
            throw error
        }
        await bucket.stop()
    }

    /// Waits until each replica says that it can serve; or that it cannot, and that it is for the database.
    func demandReadiness(_ isReady: Bool) async throws {
        for number in 0..<replicas.count {
            let client = try ServerClient(#require(replicas[number]))
            let said = try await client.demandReadiness(isReady)
            if !isReady { #expect(said.contains("database"), "\(said)") }
            try await client.send("GET", "/livez", expecting: 200)
        }
    }

    /// Ends the sessions that the replicas have at this moment.
    func endSessions() async throws {
        let others = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
        try await database.ask("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE \(others)")
    }

    /// How many connections the replicas have lost.
    func lostConnectionCount() async throws -> Int {
        var count = 0
        for number in 0..<replicas.count {
            let page = try await ServerClient(#require(replicas[number])).send("GET", "/metrics", expecting: 200).text
            let line = page.split(separator: "\n").first { $0.hasPrefix("wharf_postgresql_lost_connections_total ") }
            let value = try #require(line?.split(separator: " ").last)
            count += try Int(#require(Double(value)))
        }
        return count
    }
}
