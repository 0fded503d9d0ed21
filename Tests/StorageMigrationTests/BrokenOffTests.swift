import BlobStorage
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Upkeep

@testable import Metadata

/// A migration that is broken off anywhere goes on where it was, and ends with all of it.
@Suite struct BrokenOffTests {
    /// Opens empty stores whose steps can fail, and runs `body` with them and what is behind them.
    private static func withFailing(
        _ database: TestDatabase,
        _ body: (TestStores, FailingMetadataEngine) async throws -> Void
    ) async throws {
        let engines = Mutex<[FailingMetadataEngine]>([])
        try await House(database, .files).with { folder in
            let stores = try await TestStores.open(
                in: folder,
                before: { engine in
                    let failing = FailingMetadataEngine(engine)
                    engines.withLock { $0.append(failing) }
                    return failing
                }
            )
            do {
                try await body(stores, #require(engines.withLock { $0.first }))
            } catch {
                try? await stores.close()
                throw error
            }
            try await stores.close()
        }
    }

    @Test(arguments: [(TestDatabase.sqlite, 1), (.postgresql, 13)])
    func `whichever step of the new database fails, the next run ends it`(
        _ database: TestDatabase,
        stride: Int
    ) async throws {
        try await StorageMigrationTests.with(.sqlite) { old in
            try await FullHouse.fill(old)
            var step = 1
            while true {
                let (failed, number) = (Findings(), step)
                var hasFailed = false
                try await Self.withFailing(database) { new, failing in
                    failing.failStep(number)
                    do {
                        try await StorageMigrationTests.move(old, to: new, failed)
                    } catch {
                        hasFailed = true
                    }
                    failing.failStep(nil)
                    if hasFailed {
                        let findings = Findings()
                        try await StorageMigrationTests.move(old, to: new, findings)
                        let blobCount = try await FullHouse.content(old.facts)["blob"]?.count
                        #expect(findings.movedCount + findings.beforeCount == blobCount, "step \(number)")
                        #expect(findings.beforeCount >= failed.movedCount, "step \(number)")
                    }
                    let (before, after) = (
                        try await FullHouse.content(old.facts), try await FullHouse.content(new.facts)
                    )
                    for (table, rows) in before { #expect(rows == after[table], "\(table) after step \(number)") }
                }
                guard hasFailed else { break }
                step += stride
            }
            #expect(step > 60, "each step was made to fail")
        }
    }

    @Test func `wherever the new disk stops, the next run ends it`() async throws {
        try await StorageMigrationTests.with(.sqlite) { old in
            try await FullHouse.fill(old)
            var (call, hasFailed) = (0, true)
            while hasFailed {
                let (folder, opening) = (try TemporaryFolder(inMemory: true), FailingFileSystem())
                try await TestStores.open(in: folder).close()
                try await TestStores.open(in: folder, calls: opening).close()
                let calls = FailingFileSystem(failing: opening.calls.count + 1 + call, .fromThenOn)
                let first = try await TestStores.open(in: folder, calls: calls)
                do {
                    try await StorageMigrationTests.move(old, to: first)
                    hasFailed = false
                } catch {
                    #expect(!(error is StorageMigrationError), "\(error)")
                }
                try await first.close()
                let second = try await TestStores.open(in: folder)
                if hasFailed { try await StorageMigrationTests.move(old, to: second) }
                try await FullHouse.demandMoved(old, second)
                try await second.close()
                call += 3
            }
            #expect(call > 60, "each third call was made to fail")
        }
    }

    @Test func `what has changed in the old installation between two runs is what comes`() async throws {
        try await StorageMigrationTests.with(.sqlite) { old in
            try await FullHouse.fill(old)
            try await StorageMigrationTests.with(.sqlite) { new in
                let migration = StorageMigration(from: old.side, to: new.side, observer: Findings())
                await #expect(throws: Halt.self) { _ = try await migration.run { _ in throw Halt() } }
                let (registry, app) = (old.registry(), try RepositoryName("team/app"))
                let gone = FullHouse.images[1]
                try await registry.deleteManifest(gone.manifest.name, in: app)
                for blob in gone.blobs { try await registry.deleteBlob(blob.name, in: app) }
                // The same bytes under another key, and others.
                try await registry.push(gone, to: app, tags: "again")
                try await registry.push(SampleImage(seed: 960), to: app, tags: "later")
                let findings = Findings()
                try await StorageMigrationTests.move(old, to: new, findings)
                #expect(findings.movedCount >= 2)
                try await FullHouse.demandMoved(old, new)
                try await new.registry().demandWhole(gone.manifest, as: "again", in: app)
            }
        }
    }
}
