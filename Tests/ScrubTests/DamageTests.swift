import BlobStorage
import Foundation
import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// Bytes that are not what they were: found, named, not served, and mended by a push.
@Suite struct DamageTests {
    @Test(arguments: FaultyBlobs.Fault.allCases)
    func `a damaged blob is found, named with its images, and not served`(fault: FaultyBlobs.Fault) async throws {
        try await ScrubHouse.with { house in
            let (image, whole) = (SampleImage(seed: 1), SampleImage(seed: 2))
            try await house.registry.push(image, to: house.app, tags: "1", "latest")
            try await house.registry.push(image, to: house.other, tags: "x")
            try await house.registry.push(whole, to: house.app, tags: "2")
            try await house.damage(image.layer, fault)
            // It is in memory that the repository has it.
            #expect(try await house.has(image.layer, house.app))

            let report = try await house.run()
            #expect((report.blobCount, report.damageCount, report.unreadCount) == (4, 1, 0))
            #expect(house.found.digests(.damaged) == [image.layer.digest])
            let images = try #require(house.found.all.first?.images)
            let manifest = try image.manifest.name
            #expect(
                images == [
                    NeedingImage(repository: house.app, manifest: manifest, tags: [try Tag("1"), try Tag("latest")]),
                    NeedingImage(repository: house.other, manifest: manifest, tags: [try Tag("x")]),
                ]
            )
            #expect(try await house.noted() == [image.layer.digest])
            try await house.demandExactUsage()

            for repository in [house.app, house.other] {
                #expect(try await !house.has(image.layer, repository))
                let refusal = await #expect(throws: RegistryError.self) {
                    _ = try await house.registry.blob(image.layer.name, in: repository)
                }
                #expect(refusal?.code == .blobUnknown && refusal?.message.contains("damaged") == true)
            }
            try await house.registry.demandWhole(whole.manifest, as: "2", in: house.app)
            for blob in whole.blobs { try await house.registry.demandWhole(blob, in: house.app) }
        }
    }

    @Test func `a push to one repository mends a blob for every repository that has it`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 3)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.registry.push(image, to: house.other, tags: "1")
            let before = try await house.standing(image.layer)
            try await house.damage(image.layer, .flipped)
            try await house.run()
            try await house.registry.push(image.layer, to: house.other)
            for repository in [house.app, house.other] {
                try await house.registry.demandWhole(image.layer, in: repository)
            }
            #expect(try await house.standing(image.layer).key != before.key)
            #expect(try await house.noted() == [])
            try await house.demandExactUsage()
            await #expect(throws: BlobStoreError.self, "the damaged bytes are gone") {
                let key = try #require(BlobKey(before.key))
                _ = try await house.faults.base.open(key, digest: before.digest)
            }
            #expect(try await house.run().damageCount == 0)
        }
    }

    @Test func `nobody gets a damaged blob by a mount, or by naming it`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 4)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.damage(image.config, .missing)
            try await house.run()
            for source in [MountSource.repository(house.app), .anywhere] {
                #expect(try await !house.registry.mountBlob(image.config.name, from: source, into: house.other))
            }
            let refusal = await #expect(throws: RegistryError.self) {
                try await house.registry.push(image.manifest, to: house.app, tags: "2")
            }
            #expect(refusal?.code == .manifestBlobUnknown)
            #expect(refusal?.digests.map(\.description) == [image.config.digest])
        }
    }

    @Test func `what fails once, or for all, is no damage`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 5)
            try await house.registry.push(image, to: house.app, tags: "1")
            for fault in FaultyBlobs.Fault.allCases {
                try await house.damage(image.layer, fault, times: 1)
                let report = try await house.runAll()
                #expect((report.blobCount, report.damageCount, report.unreadCount) == (2, 0, 0), "\(fault)")
            }
            house.faults.goAway()
            let report = try await house.runAll()
            #expect((report.damageCount, report.unreadCount) == (0, 2))
            house.faults.heal()
            #expect(try await house.noted() == [])
            #expect(try await house.has(image.layer, house.app))
            try await house.demandExactUsage()
        }
    }

    @Test func `a blob whose bytes are whole after all is served again`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 6)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.damage(image.layer, .missing)
            try await house.run()
            #expect(try await !house.has(image.layer, house.app))
            #expect(try await house.run().mendedCount == 0)
            #expect(house.found.digests(.damaged).count == 1, "it is told once")
            house.faults.heal()
            #expect(try await house.run().mendedCount == 1)
            try await house.registry.demandWhole(image.layer, in: house.app)
            #expect(try await house.noted() == [])
            try await house.demandExactUsage()
        }
    }

    @Test func `a damaged blob that nobody needs is collected, and what is counted stays exact`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 7)
            try await house.registry.push(image, to: house.app, tags: "1")
            try await house.damage(image.layer, .flipped)
            try await house.run()
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            let collection = GarbageCollection(
                facts: house.stores.facts,
                blobs: house.stores.blobs,
                patience: .init(grace: .zero, quarantine: .zero),
                forgetLinks: { house.host.forgetLinks() }
            )
            #expect(try await collection.run().removedBlobCount == 2)
            #expect(try await house.stores.facts.read { try $0.usage() } == Usage(blobCount: 0, byteCount: 0))
            #expect(try await house.noted() == [])
            #expect(try await house.stores.facts.read { try $0.damages(after: nil, limit: 10).count } == 0)
        }
    }

    @Test func `bytes that were replaced meanwhile are not taken for those that were read`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 8)
            try await house.registry.push(image, to: house.app, tags: "1")
            var old = try await house.standing(image.layer)
            old.key = BlobKey.random().description
            let stale = old
            let isTaken = try await house.stores.facts.write { try $0.quarantine(stale, because: "") }
            #expect(!isTaken)
            let isFreed = try await house.stores.facts.write { try $0.release(stale) }
            #expect(!isFreed)
            #expect(try await house.has(image.layer, house.app))
            try await house.demandExactUsage()
        }
    }

    @Test(
        .enabled(if: TestBlobs.current == .files, "it goes to the files"),
        arguments: ["flipped", "removed", "shortened"]
    )
    func `a file that somebody has changed on the disk is found`(change: String) async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 9, layerSize: 3_000_000)
            try await house.registry.push(image, to: house.app, tags: "1")
            let fact = try await house.standing(image.layer)
            let hex = fact.digest.encoded
            let path = "\(house.stores.folder.path)/blobs/sha256/\(hex.prefix(2))/\(hex.dropFirst(2)).\(fact.key)"
            var bytes = try Data(contentsOf: URL(filePath: path))
            #expect(bytes.count == 3_000_000)
            switch change {
            case "flipped":
                bytes[2_999_999] ^= 1
                try bytes.write(to: URL(filePath: path))
            case "removed": try FileManager.default.removeItem(atPath: path)
            default: try bytes.dropLast().write(to: URL(filePath: path))
            }
            #expect(try await house.run().damageCount == 1)
            #expect(house.found.digests(.damaged) == [image.layer.digest])
            #expect(try await !house.has(image.layer, house.app))
            try await house.registry.push(image.layer, to: house.app)
            try await house.registry.demandWhole(image.layer, in: house.app)
        }
    }

    @Test func `an object that is gone from the store is found`() async throws {
        try await ScrubHouse.with { house in
            let image = SampleImage(seed: 10)
            try await house.registry.push(image, to: house.app, tags: "1")
            let fact = try await house.standing(image.layer)
            try await house.faults.base.remove(try #require(BlobKey(fact.key)), digest: fact.digest)
            #expect(try await house.run().damageCount == 1)
            try await house.registry.push(image.layer, to: house.app)
            try await house.registry.demandWhole(image.layer, in: house.app)
            try await house.demandExactUsage()
        }
    }
}
