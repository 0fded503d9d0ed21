import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import Metadata

/// What is used is what the rows say, whatever is done in whatever order.
@Suite struct RandomQuotaTests {
    private static let stepCount = TestSeed.count(300, soaking: 5000, of: "steps of random quotas")

    @Test func `usage is exact after each of many random steps, and never more than the limit`() async throws {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            let player = try QuotaPlayer(house, seed: TestSeed.run)
            try await house.set(.project("team"), QuotaLimits(bytes: 2500, tags: 4))
            try await house.set(.project("team/b"), QuotaLimits(bytes: 8000), countsTrash: false)
            try await house.set(.repository(player.repositories[1]), QuotaLimits(bytes: 3000), countsTrash: false)
            var world: QuotaWorld?
            for number in 0..<Self.stepCount {
                let step = try await player.act()
                world = try await house.demandExact("after step \(number), \(step):", since: world)
            }
            let tally = await player.tally
            #expect(tally.refusals > 0 && tally.pushes > 0 && tally.deletions > 0 && tally.changes > 0, "\(tally)")
            #expect(tally.restorations > 0, "\(tally)")
        }
    }

    @Test func `each step in the database may fail, and usage is exact`() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let box = Box<FailingMetadataEngine>()
        let stores = try await TestStores.open(in: folder, before: { box.keep(FailingMetadataEngine($0)) })
        let (house, failing) = (try QuotaHouse(stores, trashTime: .seconds(3600)), try #require(box.value))
        try await house.set(.installation, QuotaLimits(bytes: 50_000))
        try await house.set(.project("team"), QuotaLimits(bytes: 20_000, tags: 100, repositories: 3))
        try await house.set(.repository(house.app), QuotaLimits(bytes: 15_000), countsTrash: false)
        try await house.set(.project("team/sub"), QuotaLimits(bytes: 15_000), countsTrash: false)
        try await house.set(.repository(house.outside), countsTrash: false)
        var (step, isOver) = (0, false)
        while !isOver {
            step += 1
            failing.failStep(step)
            do {
                try await round(UInt64(step), house)
            } catch let error as RegistryError {
                #expect(error.code == .unavailable, "\(error)")
            } catch let error as MetadataError {
                #expect(error.code == .unavailable, "\(error)")
            }
            isOver = failing.stepCount < step
            failing.failStep(nil)
            try await house.demandExact("step \(step) failed:")
            try await clear(house)
        }
        #expect(step > 60, "the steps are too few to prove anything: \(step)")
        try await stores.close()
    }

    /// A push, a mount, a refusal, deletions and what takes them back, and a collection.
    private func round(_ seed: UInt64, _ house: QuotaHouse) async throws {
        let image = SampleImage(seed: seed, layerSize: 3000)
        try await house.registry.push(image, to: house.app, tags: "a\(seed)")
        for blob in image.blobs {
            _ = try await house.registry.mountBlob(blob.name, from: .repository(house.app), into: house.other)
        }
        try await house.registry.push(image.manifest, to: house.other)
        let large = SampleBlob(count: 16_000, seed: seed)
        let refusal = try await house.refusal { try await house.registry.push(large, to: house.app) }
        #expect(refusal != nil)
        try await house.registry.deleteManifest(image.manifest.name, in: house.app)
        try await house.deleteRepository(house.other)
        // Elsewhere than it was, where another quota is.
        try await house.restoreNewest(as: house.outside)
        try await house.restoreNewest()
        try await house.registry.deleteManifest(image.manifest.name, in: house.app)
        try await house.deleteRepository(house.outside)
        try await house.purgeTrash()
        try await house.collect()
    }

    private func clear(_ house: QuotaHouse) async throws {
        for name in [house.app, house.other, house.outside] { try await house.deleteRepository(name) }
        try await house.purgeTrash()
        try await house.collect()
        try await house.demandExact("cleared:")
    }
}
