import Hosting
import Metadata
import MetadataPostgreSQL
import RegistryTesting
import Synchronization
import Testing
import Upkeep

/// A collection in a registry that has grown, beside clients that push and pull.
///
/// In CI it is a hundredth of what is asked for; the whole is run by
/// `TEST_METADATA_TAGS=1000000 Scripts/run-tests --filter GrownCollectionTests`.
@Suite struct GrownCollectionTests {
    /// How many rows each link takes that goes with its blob, and how many a run besides.
    private static let (rowsPerLink, rowsPerRun) = (14, 100)
    /// The part of the time that the run works, as a server has it.
    private static let share = 0.2
    /// How much of their rate clients may lose: looked at where the machine does nothing else.
    private static let lossMax = 0.1
    private static let timeMax = Duration.seconds(GrownRegistry.isLarge ? 1200 : 120)
    private static let watchTime = Duration.seconds(GrownRegistry.isLarge ? 30 : 4)

    /// What clients have done so far.
    private final class Load: Sendable {
        let pulls = Mutex(0)
        let pushes = Mutex(0)

        var counts: (pulls: Int, pushes: Int) { (pulls.withLock { $0 }, pushes.withLock { $0 }) }
    }

    /// How much clients do in a second.
    private struct Rate {
        var pulls: Double
        var pushes: Double

        init(_ load: Load, while body: () async throws -> Void) async throws {
            let (before, start) = (load.counts, ContinuousClock.now)
            try await body()
            let (after, seconds) = (load.counts, (ContinuousClock.now - start) / .seconds(1))
            pulls = Double(after.pulls - before.pulls) / seconds
            pushes = Double(after.pushes - before.pushes) / seconds
        }
    }

    @Test func `a hundredth of what is stored goes while clients push and pull`() async throws {
        let grown = try await GrownRegistry()
        let counting = CountingEngine(grown.engine)
        let collection = GarbageCollection(
            facts: FactStore(engine: counting),
            blobs: grown.blobs,
            patience: CollectionPatience(grace: .seconds(600), quarantine: .zero),
            forgetLinks: { grown.host.forgetLinks() }
        )
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { clients in
            Self.addClients(to: &clients, grown, load)
            // The first push of a connection teaches it the statements.
            try await Task.sleep(for: Self.watchTime / 4)
            let before = try await Rate(load) { try await Task.sleep(for: Self.watchTime) }
            var (report, time) = (GarbageCollection.Report(), Duration.zero)
            let during = try await Rate(load) {
                let start = ContinuousClock.now
                var pace = WorkPace(share: Self.share)
                report = try await collection.run { _ in try await pace.rest() }
                time = ContinuousClock.now - start
            }
            let after = try await Rate(load) { try await Task.sleep(for: Self.watchTime) }
            clients.cancelAll()
            try await Self.settle(&clients)

            #expect(report.removedLinkCount == grown.garbageCount && report.removedBlobCount == grown.garbageCount)
            let counts = counting.counts
            #expect(counts.rows <= Self.rowsPerLink * grown.garbageCount + Self.rowsPerRun, "\(counts)")
            #expect(time < Self.timeMax)
            let pulls = 1 - during.pulls * 2 / (before.pulls + after.pulls)
            let pushes = 1 - during.pushes * 2 / (before.pushes + after.pushes)
            if GrownRegistry.isLarge {
                #expect(pulls < Self.lossMax, "of the pulls")
                #expect(pushes < Self.lossMax, "of the pushes")
            }
            print(
                "\(grown.growth.tagCount) manifests, \(grown.growth.blobCount) blobs; \(grown.garbageCount) links and "
                    + "blobs went in \(time) by \(counts.statements) statements with \(counts.rows) rows; "
                    + "pulls a second \(before.pulls), \(during.pulls), \(after.pulls); "
                    + "pushes \(before.pushes), \(during.pushes), \(after.pushes)"
            )
        }
        try await grown.engine.close()
    }

    private static func addClients(
        to clients: inout ThrowingTaskGroup<Void, any Error>,
        _ grown: GrownRegistry,
        _ load: Load
    ) {
        for client in 0..<2 {
            clients.addTask {
                var number = client
                while !Task.isCancelled {
                    try await grown.pull(number)
                    number += 7
                    load.pulls.withLock { $0 += 1 }
                }
            }
        }
        clients.addTask {
            var number = 0
            while !Task.isCancelled {
                try await grown.push(number)
                number += 1
                load.pushes.withLock { $0 += 1 }
            }
        }
    }

    /// Waits for the clients; that they were cancelled is no failure.
    private static func settle(_ clients: inout ThrowingTaskGroup<Void, any Error>) async throws {
        do {
            try await clients.waitForAll()
        } catch is CancellationError {
            return
        }
    }
}
