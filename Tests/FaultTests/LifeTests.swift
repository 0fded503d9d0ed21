import AdminClient
import AdminModel
import Foundation
import RegistryTesting
import Testing

/// Clients do everything at random that images live through, at a server that is killed again and again.
///
/// The same seed gives the same choices; when they meet the server's death, and each other, differs from run to run.
@Suite struct LifeTests {
    private static let laneCount = 5

    @Test(.timeLimit(.minutes(180)))
    func `nothing is lost, nothing is left, and what was deleted comes back`() async throws {
        print("the life of images: \(LifeWorld.duration), LIFE_SEED=\(LifeWorld.seed)")
        try await TestBlobs.$current.withValue(LifeWorld.isShared ? .radosgw : .files) {
            let folder = try TemporaryFolder()
            let world = try await LifeWorld.start(in: folder.path)
            do {
                try await live(in: world)
            } catch {
                Issue.record("LIFE_SEED=\(LifeWorld.seed): \(error)\n\(world.log)")
            }
            await world.kill()
        }
    }

    /// Lets all of it go on for the time, and looks at what has come of it.
    private func live(in world: LifeWorld) async throws {
        let places = [.installation] + (0..<Self.laneCount).map { AdminClient.QuotaPlace.project("lane\($0)") }
        for place in places { _ = try await world.manage { try await $0.setQuota(of: place, QuotaChange()) } }
        let lanes = (0..<Self.laneCount).map { number in
            let server = world.servers[number % world.servers.count]
            return LifeLane(number: number, server: server, laneCount: Self.laneCount)
        }
        let end = ContinuousClock.now + LifeWorld.duration
        let killCount = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in lanes {
                group.addTask {
                    while ContinuousClock.now < end { try await lane.act() }
                    return 0
                }
            }
            group.addTask {
                var (count, random) = (0, SeededGenerator(seed: LifeWorld.seed))
                while true {
                    let pause = Duration.milliseconds(Int.random(in: 2000...7000, using: &random))
                    guard ContinuousClock.now + pause < end else { return count }
                    let number = Int.random(in: 0..<world.servers.count, using: &random)
                    try await Task.sleep(for: pause)
                    try await world.servers[number].replace()
                    count += 1
                }
            }
            return try await group.reduce(0, +)
        }
        let counts = await tally(lanes)
        let told = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } + ["kill \(killCount)"]
        print(told.joined(separator: ", "))
        #expect(
            killCount > 1 && counts["push", default: 0] > 20 && counts["restore", default: 0] > 0,
            "too little was done"
        )
        try await settle(lanes, world)
    }

    private func tally(_ lanes: [LifeLane]) async -> [String: Int] {
        var all: [String: Int] = [:]
        for lane in lanes { all.merge(await lane.tally) { $0 + $1 } }
        return all
    }

    /// Nothing happens any more: what is stored is what images need, live or in the trash, and then only live.
    private func settle(_ lanes: [LifeLane], _ world: LifeWorld) async throws {
        try await world.replace()
        for lane in lanes { try await lane.demandPast() }
        for isPurged in [false, true] {
            var needed: Set<String> = []
            for lane in lanes {
                if isPurged { try await lane.purgeAll() }
                try await lane.demandWhole()
                needed.formUnion(await lane.neededBlobs)
            }
            try await world.demandStored(needed, "trash is \(isPurged ? "purged" : "kept")")
        }
        try await world.demandCollections()
        var whole = LifeUsage()
        for lane in lanes {
            try await lane.demandWhole()
            let usage = try await lane.usage()
            try await world.demand(usage, of: .project("lane\(lane.number)"))
            whole.add(usage)
        }
        try await world.demand(whole, of: .installation)
        #expect(await world.stop(), "a server did not end in order")
        let verified = try await world.verify()
        #expect(verified.status == 0 && verified.standardOutput.contains("0 damaged"), "\(verified)")
    }
}
