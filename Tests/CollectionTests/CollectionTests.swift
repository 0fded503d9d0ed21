import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// What a collection removes and what it leaves, seen from outside.
@Suite struct CollectionTests {
    private static let day = Duration.seconds(24 * 3600)

    @Test func `what was deleted is gone to the byte, and what is needed stays`() async throws {
        try await CollectionHouse.with { house in
            let images = (1...5).map { SampleImage(seed: $0, layerSize: 1000 * Int($0)) }
            for (number, image) in images.enumerated() {
                try await house.registry.push(image, to: house.app, tags: "\(number)")
            }
            #expect(try await house.collect().removedLinkCount == 0)
            try await house.demandExactly(images.flatMap(\.blobs))
            for image in images.prefix(3) {
                try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            }
            let report = try await house.collect()
            #expect(report.removedLinkCount == 6 && report.removedBlobCount == 6 && report.removedKeyCount == 6)
            let byteCount = images.prefix(3).flatMap(\.blobs).reduce(0) { $0 + Int64($1.bytes.count) }
            #expect(report.removedByteCount == byteCount)
            try await house.demandExactly(images.suffix(2).flatMap(\.blobs))
            for image in images.suffix(2) { try await house.demandWhole(image, in: house.app) }
            #expect(try await house.collect() == GarbageCollection.Report())
        }
    }

    @Test func `a blob stays as long as one repository needs it, and goes from the others`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 10)
            try await house.registry.push(image, to: house.app, tags: "a")
            for blob in image.blobs {
                #expect(try await house.registry.mountBlob(blob.name, from: .repository(house.app), into: house.other))
            }
            try await house.registry.push(image.manifest, to: house.other, tags: "b")
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            #expect(try await house.collect().removedLinkCount == 2)
            #expect(try await !house.has(image.layer, house.app))
            try await house.demandExactly(image.blobs)
            try await house.demandWhole(image, in: house.other)
            try await house.registry.deleteManifest(image.manifest.name, in: house.other)
            try await house.collect()
            try await house.demandExactly([])
        }
    }

    @Test func `a layer stays that another manifest of the repository needs`() async throws {
        try await CollectionHouse.with { house in
            let (layer, configs) = (SampleBlob(count: 2000, seed: 1), [SampleBlob("one"), SampleBlob("two")])
            let manifests = configs.map { config in
                SampleManifest.image(
                    config: config.descriptor("application/vnd.oci.image.config.v1+json"),
                    layers: [layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
                )
            }
            for blob in configs + [layer] { try await house.registry.push(blob, to: house.app) }
            for manifest in manifests { try await house.registry.push(manifest, to: house.app) }
            try await house.registry.deleteManifest(manifests[0].name, in: house.app)
            try await house.collect()
            try await house.demandExactly([layer, configs[1]])
        }
    }

    @Test func `an index keeps its children, those that are blobs as well`() async throws {
        try await CollectionHouse.with { house in
            let (image, blob) = (SampleImage(seed: 20), SampleBlob(count: 3000, seed: 21))
            try await house.registry.push(image, to: house.app)
            try await house.registry.push(blob, to: house.app)
            let cache = SampleManifest.index(of: [
                image.manifest.descriptor(), blob.descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
            ])
            try await house.registry.push(cache, to: house.app, tags: "cache")
            try await house.collect()
            try await house.demandExactly(image.blobs + [blob])
            try await house.registry.demandWhole(blob, in: house.app)
            try await house.registry.deleteManifest(cache.name, in: house.app)
            try await house.collect()
            try await house.demandExactly(image.blobs)
        }
    }

    @Test func `a layer that need not be handed on stays where it was pushed, and may be missing`() async throws {
        try await CollectionHouse.with { house in
            let (image, foreign) = (SampleImage(seed: 30), SampleBlob(count: 500, seed: 31))
            let type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
            let manifest = SampleManifest.image(
                config: image.config.descriptor("application/vnd.oci.image.config.v1+json"),
                layers: [foreign.descriptor(type)]
            )
            for repository in [house.app, house.other] {
                try await house.registry.push(image.config, to: repository)
            }
            try await house.registry.push(foreign, to: house.app)
            for repository in [house.app, house.other] { try await house.registry.push(manifest, to: repository) }
            try await house.collect()
            try await house.demandExactly([image.config, foreign])
            #expect(try await house.has(foreign, house.app))
            try await house.registry.deleteManifest(manifest.name, in: house.app)
            try await house.collect()
            try await house.demandExactly([image.config])
        }
    }

    @Test func `nothing goes before grace and quarantine are over`() async throws {
        try await CollectionHouse.with { house in
            let blob = SampleBlob(count: 900, seed: 40)
            try await house.registry.push(blob, to: house.app)
            let wait = Self.day - .seconds(60)
            for _ in 0..<2 {
                #expect(try await house.collect(grace: Self.day, quarantine: Self.day) == .init())
                try await house.age(by: wait)
            }
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day).removedLinkCount == 1)
            #expect(try await !house.has(blob, house.app))
            #expect(try await house.stored() == [blob.digest])
            try await house.age(by: wait)
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day) == .init())
            try await house.age(by: wait)
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day).removedBlobCount == 1)
            try await house.demandExactly([])
        }
    }

    @Test func `a link whose manifest goes and comes again has all of its time anew`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 50)
            try await house.registry.push(image, to: house.app)
            try await house.collect(grace: Self.day, quarantine: Self.day)
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            try await house.age(by: Self.day - .seconds(60))
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day).linkCount == 0)
            try await house.registry.push(image.manifest, to: house.app)
            try await house.age(by: Self.day)
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day).removedLinkCount == 0)
            try await house.demandExactly(image.blobs)
        }
    }

    @Test func `what a survey finds is what an older program has left`() async throws {
        try await CollectionHouse.with { house in
            let (kept, left, unlinked) = (SampleImage(seed: 60), SampleImage(seed: 61), SampleBlob("unlinked"))
            for image in [kept, left] { try await house.registry.push(image, to: house.app) }
            try await house.registry.push(unlinked, to: house.other)
            try await house.registry.deleteManifest(left.manifest.name, in: house.app)
            // As if nothing had ever been noted.
            try await house.forgetWhatIsNoted(unlinked)
            #expect(try await house.collect() == .init())
            let survey = try await house.collector().survey()
            #expect(survey.count == 9 && survey.markedLinkCount == 2 && survey.doomedBlobCount == 1)
            try await house.collect()
            try await house.demandExactly(kept.blobs)
            let again = try await house.collector().survey()
            #expect(again.count == 4 && again.markedLinkCount == 0 && again.doomedBlobCount == 0)
        }
    }
}
