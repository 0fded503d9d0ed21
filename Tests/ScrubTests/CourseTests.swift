import BlobStorage
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// How a scrub goes about it: in which order, how fast, from where it goes on, and when it stops.
@Suite struct CourseTests {
    /// Somebody kills it.
    struct Killed: Error {}

    private func push(_ count: Int, to house: ScrubHouse) async throws -> [SampleBlob] {
        let blobs = (0..<count).map { SampleBlob(count: 1000 + $0, seed: UInt64($0)) }
        for blob in blobs { try await house.registry.push(blob, to: house.app) }
        return blobs
    }

    @Test func `what was looked at longest ago is read first, and nothing twice within half of the time`() async throws
    {
        try await ScrubHouse.with { house in
            let blobs = try await push(5, to: house)
            house.faults.heal()
            #expect(try await house.run().blobCount == 5)
            #expect(house.faults.opened.map(\.description) == blobs.map(\.digest), "in the order in which they came")
            #expect(try await house.run().blobCount == 0)
            let late = SampleBlob("one that came late")
            try await house.registry.push(late, to: house.app)
            house.faults.heal()
            #expect(try await house.run().blobCount == 1, "its time is that of the test, some years ago")
            #expect(house.faults.opened.map(\.description) == [late.digest])
        }
    }

    @Test func `a scrub that is killed goes on where it was, with what it has found`() async throws {
        try await ScrubHouse.with { house in
            let blobs = try await push(130, to: house)
            try await house.damage(blobs[3], .flipped)
            var saved = Scrub.Report()
            await #expect(throws: Killed.self) {
                _ = try await house.scrub().run { report in
                    saved = report
                    if report.blobCount >= 100 { throw Killed() }
                }
            }
            #expect((saved.blobCount, saved.damageCount) == (100, 1))
            house.faults.heal()
            let report = try await house.scrub().run(goingOnFrom: saved)
            #expect((report.blobCount, report.damageCount, report.mendedCount) == (130, 1, 1))
            #expect(Set(house.faults.opened.map(\.description)) == Set(blobs[100...].map(\.digest) + [blobs[3].digest]))
        }
    }

    @Test func `no more is read in a second than is allowed, and what is stored is read in its time`() async throws {
        try await ScrubHouse.with { house in
            for seed in 0..<8 {
                try await house.registry.push(SampleBlob(count: 2 << 20, seed: UInt64(seed)), to: house.app)
            }
            // The least rate: 1 MiB a second, and a second that may be made up for.
            _ = try await house.scrub(within: .seconds(1_000_000)).run()
            #expect(house.time.elapsed > .seconds(14) && house.time.elapsed < .seconds(18))
            let (all, rate) = (Int64(16 << 20), try await house.scrub(within: .seconds(5)).rate())
            #expect(rate >= all / 5 && rate <= all / 2)
            #expect(try await house.scrub(within: .seconds(5)).lackingRate() == nil)
            let slow = house.scrub(within: .seconds(5), rateMax: 2 << 20)
            #expect(try await slow.rate() == 2 << 20)
            #expect(try await slow.lackingRate() == (all + 4) / 5)
        }
    }

    @Test func `what is damaged is read again now and then, and not by each run`() async throws {
        try await ScrubHouse.with { house in
            let blobs = try await push(2, to: house)
            try await house.damage(blobs[0], .flipped)
            #expect(try await house.run().damageCount == 1)
            house.faults.heal()
            #expect(try await house.scrub(againAfter: .seconds(3600)).run() == Scrub.Report())
            #expect(house.faults.opened.isEmpty)
            #expect(try await house.run().mendedCount == 1)
        }
    }

    @Test func `a run ends after its time, and the next one goes on`() async throws {
        try await ScrubHouse.with { house in
            for seed in 0..<220 {
                try await house.registry.push(SampleBlob(count: 40_000, seed: UInt64(seed)), to: house.app)
            }
            var plan = Scrub.Plan(within: .seconds(1_000_000), rateMax: 1 << 20)
            plan.runTimeMax = .seconds(1)
            func run() async throws -> Int {
                try await Scrub(
                    facts: house.stores.facts,
                    blobs: house.stores.blobs,
                    plan: plan,
                    time: house.time.scrubTime,
                    now: { house.stores.clock.now() },
                    forget: { _ in },
                    tell: { _ in }
                ).run().blobCount
            }
            let counts = [try await run(), try await run(), try await run(), try await run()]
            #expect(counts.reduce(0, +) == 220 && counts[0] < 220 && counts[3] == 0, "\(counts)")
        }
    }

    @Test func `too much damage at once stops the run, as does a store that is another one`() async throws {
        try await ScrubHouse.with { house in
            let blobs = try await push(20, to: house)
            for blob in blobs { try await house.damage(blob, .missing) }
            let stopped = await #expect(throws: Scrub.Stopped.self) { _ = try await house.scrub(damageMax: 5).run() }
            #expect(stopped?.description.contains("5 pieces of damage") == true)
            #expect(try await house.noted().count == 5)
            house.faults.heal()
            try await StorePairing(facts: house.stores.facts, blobs: house.stores.blobs).establish()
            for blob in blobs { try await house.damage(blob, .missing) }
            house.faults.pretend(to: .random())
            await #expect(throws: Scrub.Stopped.self) { _ = try await house.run() }
            #expect(try await house.noted().count == 5, "nothing more is taken out of service")
            try await house.demandExactUsage()
        }
    }

    @Test func `a manifest whose bytes have changed is found, named, and mended by a push`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 20)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.registry.push(SampleImage(seed: 21), to: house.app, tags: "2")
            let digest = SQLValue.text(image.manifest.digest)
            try await house.stores.engine.write { connection in
                let text: StaticString = "UPDATE manifest_content SET bytes = $2 WHERE digest = $1"
                try connection.run(Metadata.Statement(text), [digest, .blob([0x7B, 0x7D])])
            }
            let report = try await house.run()
            #expect((report.manifestCount, report.damageCount) == (2, 1))
            let finding = try #require(house.found.all.first)
            #expect(finding.kind == .manifest && finding.digest.description == image.manifest.digest)
            #expect(
                finding.images == [
                    NeedingImage(repository: house.app, manifest: try image.manifest.name, tags: [try Tag("1")])
                ]
            )
            #expect(try await house.noted() == [image.manifest.digest])
            #expect(try await house.run().manifestCount == 0, "it is not their turn")
            try await house.registry.push(image.manifest, to: house.app, tags: "1")
            #expect(try await house.noted() == [])
            try await house.stores.registry().demandWhole(image.manifest, as: "1", in: house.app)
            let last = try await house.runAll()
            #expect((last.manifestCount, last.damageCount) == (2, 0))
        }
    }
}
