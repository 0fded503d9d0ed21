import BlobStorage
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// A collection that ends early, or is not alone, is as good as any other.
@Suite struct StoppedCollectionTests {
    /// A run was told to end.
    private struct Stopped: Error {}

    /// Pushes an image that stays and one that goes, which share a layer; returns what stays.
    private func push(_ seed: UInt64, to house: CollectionHouse) async throws -> [SampleBlob] {
        let (kept, gone) = (SampleImage(seed: seed), SampleImage(seed: seed + 1000))
        for image in [kept, gone] { try await house.registry.push(image, to: house.app) }
        try await house.registry.push(gone, to: house.other)
        let second = SampleManifest.image(
            config: gone.config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: [kept.layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
        )
        try await house.registry.push(second, to: house.app)
        for repository in [house.app, house.other] {
            try await house.registry.deleteManifest(gone.manifest.name, in: repository)
        }
        try await house.registry.deleteManifest(second.name, in: house.app)
        return kept.blobs
    }

    @Test func `keys of which nobody knows the digest are looked for together, after the others`() async throws {
        let store = Box<FailingRemovals>()
        try await CollectionHouse.with(blobs: { store.keep(FailingRemovals($0)) }) { house in
            let (lost, gone) = (SampleBlob(count: 700, seed: 1), SampleBlob(count: 500, seed: 2))
            let keys = (0..<250).map { _ in BlobKey.random() }
            // Finished by a server that died before it could say so.
            let bytes = [ByteBuffer(bytes: lost.bytes)]
            let digest = try Digest(lost.digest)
            _ = try await house.stores.blobs.finish(keys[7], appending: bytes, at: .start(.sha256), expecting: digest)
            try await house.registry.push(gone, to: house.app)
            try await house.registry.deleteBlob(Digest(gone.digest), in: house.app)
            try await house.stores.facts.write { facts in
                for key in keys { try facts.doom(DoomedKey(key: key.description, digest: nil, byteCount: 0)) }
            }
            let report = try await house.collect()
            #expect(report.removedKeyCount == 251 && report.failedKeyCount == 0, "\(report)")
            let looks = try #require(store.value).looks
            #expect(looks.map(\.keyCount) == [250] && looks.map(\.removalCount) == [1], "\(looks)")
            #expect(try await house.stores.blobs.list(after: nil, limit: 9).entries.isEmpty)
        }
    }

    @Test func `each step in the database may fail, and the next run ends the work`() async throws {
        let folder = try TemporaryFolder(inMemory: true)
        let engine = Box<FailingMetadataEngine>()
        let stores = try await TestStores.open(in: folder, before: { engine.keep(FailingMetadataEngine($0)) })
        let failing = try #require(engine.value)
        let house = try CollectionHouse(stores)
        var (kept, step): ([SampleBlob], Int) = ([], 0)
        while true {
            step += 1
            kept += try await push(UInt64(step), to: house)
            failing.failStep(step)
            do {
                try await house.collect()
                #expect(failing.stepCount < step, "a step that failed was not told: \(step)")
            } catch let error as MetadataError {
                #expect(error.code == .unavailable)
            }
            let isOver = failing.stepCount < step
            failing.failStep(nil)
            try await house.collect()
            try await house.demandExactly(kept)
            if isOver { break }
        }
        #expect(step > 20, "the collection makes too few steps to prove anything")
        try await stores.close()
    }

    @Test(arguments: FailingRemovals.Manner.allCases)
    func `each removal in the store may fail, and the next run ends the work`(
        manner: FailingRemovals.Manner
    ) async throws {
        let box = Box<FailingRemovals>()
        try await CollectionHouse.with(blobs: { box.keep(FailingRemovals($0)) }) { house in
            let failing = try #require(box.value)
            var (kept, number): ([SampleBlob], Int) = ([], 0)
            while true {
                number += 1
                kept += try await push(UInt64(number), to: house)
                failing.fail(number, manner)
                var report = GarbageCollection.Report()
                do {
                    report = try await house.collect()
                } catch is BlobStoreError {}
                let isOver = failing.count < number
                failing.fail(nil)
                #expect(report.failedKeyCount == (manner == .stuck && !isOver ? 1 : 0))
                try await house.collect()
                try await house.demandExactly(kept)
                if isOver { break }
            }
            #expect(number > 2, "the collection removes too little to prove anything")
        }
    }

    @Test func `a collector may stop after any of its steps, and another one ends the work`() async throws {
        try await CollectionHouse.with { house in
            var kept: [SampleBlob] = []
            for stop in 1...5 {
                kept += try await push(UInt64(stop), to: house)
                var steps = 0
                do {
                    _ = try await house.collector().run { _ in
                        steps += 1
                        if steps == stop { throw Stopped() }
                    }
                    #expect(steps < stop)
                } catch is Stopped {}
                for image in kept { #expect(try await house.has(image, house.app)) }
                try await house.collect()
                try await house.demandExactly(kept)
            }
        }
    }

    @Test func `many collectors at once do what one does, and count it once`() async throws {
        try await CollectionHouse.with { house in
            let images = (1...60).map { SampleImage(seed: 3000 + $0, layerSize: 100) }
            for image in images { try await house.registry.push(image, to: house.app) }
            for image in images.dropFirst(10) {
                try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            }
            let reports = try await withThrowingTaskGroup(of: GarbageCollection.Report.self) { group in
                for _ in 0..<4 { group.addTask { try await house.collect() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let last = try await house.collect()
            let all = reports + [last]
            #expect(all.map(\.removedLinkCount).reduce(0, +) == 100)
            #expect(all.map(\.removedBlobCount).reduce(0, +) == 100)
            #expect(all.map(\.removedKeyCount).reduce(0, +) == 100)
            try await house.demandExactly(images.prefix(10).flatMap(\.blobs))
        }
    }
}
