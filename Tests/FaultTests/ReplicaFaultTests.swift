import Foundation
import RegistryTesting
import Testing

/// PostgreSQL ends, cuts its connections, or has no room, while clients push and pull through several servers.
///
/// In each test all that was acknowledged is there in the end, a refusal is one for now, and nobody was asked to help.
@Suite("Replicas whose database is in trouble", .serialized)
struct ReplicaFaultTests {
    private enum Ending: CaseIterable {
        case fast, immediate, killed
    }

    private static func end(_ database: PostgreSQLServer, _ ending: Ending) async {
        switch ending {
        case .fast: await database.stop()
        case .immediate: await database.crash()
        case .killed: await database.kill()
        }
    }

    @Test(
        "PostgreSQL is restarted, crashes and is killed: pushes and pulls are refused for now, and go on by themselves"
    )
    func restarted() async throws {
        let count = TestSeed.count(3, soaking: 120, of: "ends of PostgreSQL under pushes")
        var random = SeededGenerator(seed: TestSeed.run)
        try await FaultyHouse.with { house in
            try await house.traffic.run {
                for round in 0..<count {
                    await Self.end(house.database, Ending.allCases[round % Ending.allCases.count])
                    if round == 0 {
                        try await house.demandReadiness(false)
                        try await eventually("pushes and pulls are refused") {
                            house.traffic.pushes.count(of: 503) > 0 && house.traffic.pulls.count(of: 503) > 0
                        }
                    } else {
                        try await Task.sleep(for: .milliseconds(.random(in: 0...800, using: &random)))
                    }
                    try await house.database.start()
                    try await house.demandReadiness(true)
                    try await house.traffic.goesOn(by: 1)
                }
            }
        }
    }

    @Test(
        "Connections to PostgreSQL are cut at any byte, or ended by it: clients hear nothing, or are refused for now"
    )
    func cut() async throws {
        let count = TestSeed.count(9, soaking: 1000, of: "cuts under pushes")
        var random = SeededGenerator(seed: TestSeed.run)
        try await FaultyHouse.with { house in
            try await house.traffic.run {
                for _ in 0..<count {
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: try await house.endSessions()
                    case 1: house.way.arm(.afterSending(.random(in: 0..<2000, using: &random)))
                    default: house.way.arm(.afterReceiving(.random(in: 0..<2000, using: &random)))
                    }
                    try await eventually("it is cut") { !house.way.isArmed }
                    try await house.traffic.goesOn(by: 1)
                }
            }
            // One that is cut while it is opened, or anew while a read is repeated, does not count as lost.
            #expect(try await house.lostConnectionCount() > 0)
            try await house.demandReadiness(true)
        }
    }

    @Test(
        "PostgreSQL has no room for its tables: pushes are told that the database is full, pulls go on",
        .enabled(if: MountedFolder.isPossible, "no file system can be mounted here")
    )
    func fullTables() async throws {
        let disk = try MountedFolder(byteCount: 96 << 20)
        try await FaultyHouse.with(disks: .init(tables: disk)) { house in
            let traffic = house.traffic
            try await traffic.run {
                let ballast = try Ballast(filling: disk.path)
                try await eventually("each client is told", within: .seconds(60)) { traffic.pushes.count(of: 507) > 9 }
                let pulled = traffic.pullCount
                try await eventually("pulls go on") { traffic.pullCount > pulled + 5 }
                try ballast.remove()
            }
            #expect(traffic.pulls.counts == [:])
            #expect(traffic.pushes.texts(of: 507).allSatisfy { $0.contains("the registry's database is full") })
            try await house.demandReadiness(true)
        }
    }

    @Test(
        "PostgreSQL has no room for its log, and ends itself: once it is back, all goes on",
        .enabled(if: MountedFolder.isPossible, "no file system can be mounted here")
    )
    func fullLog() async throws {
        let disk = try MountedFolder(byteCount: 96 << 20)
        try await FaultyHouse.with(disks: .init(log: disk)) { house in
            try await house.traffic.run {
                let ballast = try Ballast(filling: disk.path)
                // Pushes would fill what is left of the log as well, in a minute or two.
                _ = try? await house.database.ask("CREATE TABLE large AS SELECT generate_series(1, 10000000)")
                try await eventually("PostgreSQL has gone", within: .seconds(60)) { !house.database.isRunning }
                try await house.demandReadiness(false)
                try await eventually("pushes are refused") { house.traffic.pushes.count(of: 503) > 0 }
                try ballast.remove()
                try await house.database.start()
                try await house.demandReadiness(true)
            }
        }
    }

    @Test(
        "All of it at once, with a bucket that refuses, breaks off and is slow",
        .enabled(if: MountedFolder.isPossible, "no file system can be mounted here")
    )
    func everything() async throws {
        let count = TestSeed.count(4, soaking: 200, of: "faults of everything")
        var random = SeededGenerator(seed: TestSeed.run)
        let disk = try MountedFolder(byteCount: 96 << 20)
        try await FaultyHouse.with(disks: .init(tables: disk)) { house in
            try await house.bucket.set(slowDowns: 15, cuts: 10, delays: 15)
            try await house.traffic.run {
                for round in 0..<count {
                    switch round % 4 {
                    case 0:
                        await Self.end(house.database, Ending.allCases.randomElement(using: &random) ?? .fast)
                        try await house.database.start()
                    case 1: try await house.endSessions()
                    case 2: house.way.arm(.afterReceiving(.random(in: 0..<2000, using: &random)))
                    default:
                        let (ballast, told) = (try Ballast(filling: disk.path), house.traffic.pushes.count(of: 507))
                        try await eventually("a client is told that it is full", within: .seconds(60)) {
                            house.traffic.pushes.count(of: 507) > told
                        }
                        try ballast.remove()
                    }
                    try await house.traffic.goesOn(by: 1)
                }
                _ = house.way.disarm()
            }
            #expect(try await house.bucket.counts()[0...2].allSatisfy { $0 > 0 })
            try await house.bucket.set(slowDowns: 0, cuts: 0, delays: 0)
            try await house.demandReadiness(true)
        }
    }
}
