import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// Clients and collectors at random, all at once, with a checker that knows what must be there.
@Suite struct RandomCollectionTests {
    /// For how long clients rely on what they were told: it is longer than any of them takes, mostly.
    private static let quarantine = Duration.seconds(2)
    private static let duration = Duration.seconds(TestSeed.isSoaking ? 300 : 12)
    private static let laneCount = 6

    /// How often what was done.
    private struct Tally {
        var lanes: [RandomLane.Tally] = []
        var reports: [GarbageCollection.Report] = []
    }

    @Test(.timeLimit(.minutes(10)))
    func `whatever clients and collectors do at once, all that is needed stays and nothing else`() async throws {
        print("random collection: \(Self.duration), TEST_SEED=\(TestSeed.run)")
        try await CollectionHouse.with { house in
            let lanes = try (0..<Self.laneCount).map { number in
                // Where processes share the database, some lanes are at another one.
                let isElsewhere = !house.isAlone && number % 2 == 1
                let registry = isElsewhere ? house.stores.registry() : house.registry
                return try RandomLane(number: number, registry: registry, promise: Self.quarantine)
            }
            let tally = try await run(lanes, house)
            try await settle(lanes, house, tally)
        }
    }

    /// Lets lanes go on for the time, with collectors beside them.
    private func run(_ lanes: [RandomLane], _ house: CollectionHouse) async throws -> Tally {
        let end = ContinuousClock.now + Self.duration
        return try await withThrowingTaskGroup(of: Tally.self) { group in
            for lane in lanes {
                group.addTask {
                    while ContinuousClock.now < end { try await lane.act() }
                    return Tally(lanes: [await lane.tally])
                }
            }
            for number in 0..<2 {
                group.addTask {
                    var (tally, random) = (Tally(), SeededGenerator(seed: TestSeed.round(1000 + number)))
                    while ContinuousClock.now < end {
                        tally.reports.append(try await Self.collect(house, &random))
                        await Task.yield()
                    }
                    return tally
                }
            }
            return try await group.reduce(into: Tally()) { all, one in
                all.lanes += one.lanes
                all.reports += one.reports
            }
        }
    }

    /// Runs a collector that waits for nothing with links, and is stopped now and then as if it were killed.
    private static func collect(
        _ house: CollectionHouse,
        _ random: inout SeededGenerator
    ) async throws -> GarbageCollection.Report {
        struct Killed: Error {}
        let (stop, last) = (Int.random(in: 1...8, using: &random), Box<GarbageCollection.Report>())
        var steps = 0
        do {
            return try await house.collector(quarantine: quarantine).run { report in
                _ = last.keep(report)
                steps += 1
                if steps == stop { throw Killed() }
            }
        } catch is Killed {
            return last.value ?? .init()
        }
    }

    /// Nothing happens any more: then nothing is there but what is needed.
    private func settle(_ lanes: [RandomLane], _ house: CollectionHouse, _ tally: Tally) async throws {
        for lane in lanes { try await lane.demandWhole() }
        try await house.collect()
        var needed: [SampleBlob] = []
        for lane in lanes {
            try await lane.demandWhole()
            needed += await lane.neededBlobs
        }
        try await house.demandExactly(needed)
        let counts = tally.lanes.reduce(into: RandomLane.Tally()) { $0.add($1) }
        let (links, blobs) = tally.reports.reduce(into: (0, 0)) { sums, report in
            sums.0 += report.removedLinkCount
            sums.1 += report.removedBlobCount
        }
        print("\(counts); collected while they ran: \(links) links, \(blobs) blobs in \(tally.reports.count) runs")
        #expect(counts.pushes > 50 && counts.deletions > 10 && counts.pulls > 20 && counts.mounts > 0)
        #expect(counts.skips > 10, "no blob was left out of a push")
        #expect(links > 50 && blobs > 0, "the collectors had nothing to do")
    }
}
