import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// What is in the trash outlives every collection, and goes with it once it is purged.
@Suite struct TrashTests {
    private static let week = Duration.seconds(7 * 86_400)

    private func trash(_ house: CollectionHouse) async throws -> [TrashFact] {
        try await house.stores.facts.read { try $0.trash(of: nil, before: nil, limit: 1000) }
    }

    private func restore(
        _ id: Int64,
        _ house: CollectionHouse,
        _ way: TrashReturn = TrashReturn()
    ) async throws -> TrashRestored {
        let moment = house.stores.clock.now()
        let restored = try await house.stores.facts.write { try $0.restore(id, way, at: moment, by: "tester") }
        house.host.forgetNames()
        return restored
    }

    private func trashRepository(_ name: RepositoryName, _ house: CollectionHouse) async throws -> Int64 {
        let moment = house.stores.clock.now()
        let gone = try await house.stores.facts.write {
            try $0.trashRepository(name, at: moment, by: "tester", keeping: Self.week)
        }
        house.host.forgetNames()
        return try #require(gone).id
    }

    private func purgeAll(_ house: CollectionHouse) async throws {
        for entry in try await trash(house) {
            _ = try await house.stores.facts.write { try $0.purgeTrash(entry.id) }
        }
        _ = try await TrashPurge(facts: house.stores.facts).run()
        #expect(try await trash(house) == [])
    }

    @Test func `what was deleted is collected only once it is purged, and comes back whole before`() async throws {
        try await CollectionHouse.with(trashTime: Self.week) { house in
            let images = (1...3).map { SampleImage(seed: UInt64(4000 + $0)) }
            for image in images {
                try await house.registry.push(image, to: house.app, tags: "v\(image.config.digest.suffix(4))")
            }
            try await house.registry.push(SampleBlob.emptyJSON, to: house.app)
            let referrer = SampleManifest.referrer(to: images[0].manifest.descriptor(), artifactType: "application/x")
            try await house.registry.push(referrer, to: house.app)
            let tags = try await house.registry.allTags(in: house.app)
            for image in images { try await house.registry.deleteManifest(image.manifest.name, in: house.app) }
            #expect(try await house.registry.allTags(in: house.app) == [])
            _ = try await house.collector().survey()
            try await house.collect()
            let all = images.flatMap(\.blobs) + [.emptyJSON]
            try await house.demandExactly(all)
            for blob in images[0].blobs {
                let error = await #expect(throws: RegistryError.self) {
                    try await house.registry.deleteBlob(blob.name, in: house.app)
                }
                #expect(error?.code == .blobInUse && error?.message.contains("trash") == true)
            }
            for entry in try await trash(house) { _ = try await restore(entry.id, house) }
            try await house.collect()
            for image in images { try await house.demandWhole(image, in: house.app) }
            #expect(try await house.registry.allTags(in: house.app) == tags)
            let referrers = try await house.registry.referrers(
                to: images[0].manifest.name,
                artifactType: nil,
                in: house.app,
                after: nil,
                limit: 10
            )
            #expect(referrers.elements.map(\.digest.description) == [referrer.digest])
            for image in images.dropFirst() {
                try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            }
            try await purgeAll(house)
            try await house.collect()
            try await house.demandExactly(images[0].blobs + [.emptyJSON])
            // What refers to the last of them goes with it.
            try await house.registry.deleteManifest(images[0].manifest.name, in: house.app)
            try await purgeAll(house)
            try await house.collect()
            try await house.demandExactly([])
        }
    }

    @Test func `kept for no time, what is deleted is gone at once`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 4100)
            try await house.registry.push(image, to: house.app, tags: "v1")
            try await house.registry.deleteTag(Tag("v1"), if: .none, in: house.app)
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            #expect(try await trash(house) == [])
            try await house.collect()
            try await house.demandExactly([])
        }
    }

    @Test func `a repository comes back whole, and an upload that outlived it ends in a new one`() async throws {
        try await CollectionHouse.with(trashTime: Self.week) { house in
            let (image, late) = (SampleImage(seed: 4200), SampleImage(seed: 4201))
            try await house.registry.push(image, to: house.app, tags: "v1")
            try await house.demandWhole(image, in: house.app)
            let upload = try await house.registry.startUpload(in: house.app, algorithm: .sha256).id
            let id = try await trashRepository(house.app, house)
            let error = await #expect(throws: RegistryError.self) {
                _ = try await house.registry.manifest(Reference("v1"), in: house.app)
            }
            #expect(error?.code == .nameUnknown)
            #expect(try await !house.has(image.layer, house.app))
            try await house.collect()
            _ = try await house.registry.finishUpload(
                upload,
                appending: late.layer.body(),
                at: 0,
                expecting: late.layer.name,
                in: house.app
            )
            try await house.registry.push(late, to: house.app, tags: "v2")
            await #expect(throws: TrashRefusal.nameTaken(house.app)) { _ = try await restore(id, house) }
            _ = try await restore(id, house, TrashReturn(name: house.other))
            try await house.collect()
            try await house.demandWhole(image, in: house.other)
            try await house.demandWhole(late, in: house.app)
            #expect(try await house.registry.allTags(in: house.other) == ["v1"])
            #expect(try await house.registry.allTags(in: house.app) == ["v2"])
            let second = try await trashRepository(house.other, house)
            _ = try await house.stores.facts.write { try $0.purgeTrash(second) }
            _ = try await TrashPurge(facts: house.stores.facts).run()
            try await house.collect()
            try await house.demandExactly(late.blobs)
        }
    }

    @Test func `whoever pushes while the repository is deleted loses nothing`() async throws {
        try await CollectionHouse.with(trashTime: Self.week) { house in
            let images = (0..<24).map { SampleImage(seed: UInt64(4300 + $0), layerSize: 200) }
            try await house.registry.push(SampleImage(seed: 4399), to: house.app, tags: "first")
            let pushed = try await withThrowingTaskGroup(of: SampleImage?.self) { group in
                for image in images {
                    group.addTask {
                        do {
                            try await house.registry.push(image, to: house.app)
                            return image
                        } catch let error as RegistryError
                            where [.manifestBlobUnknown, .nameUnknown].contains(error.code)
                        {
                            // Its blobs went with the repository: the client pushes them again.
                            try await house.registry.push(image, to: house.app)
                            return image
                        }
                    }
                }
                group.addTask {
                    _ = try await trashRepository(house.app, house)
                    return nil
                }
                return try await group.reduce(into: [SampleImage]()) { if let image = $1 { $0.append(image) } }
            }
            let entry = try #require(try await trash(house).first)
            _ = try await restore(entry.id, house, TrashReturn(name: house.other))
            for image in pushed {
                let isHere = (try? await house.demandWhole(image, in: house.app)) != nil
                let isThere = (try? await house.demandWhole(image, in: house.other)) != nil
                #expect(isHere || isThere, "an image is nowhere that was pushed")
            }
            #expect(pushed.count == images.count)
        }
    }
}
