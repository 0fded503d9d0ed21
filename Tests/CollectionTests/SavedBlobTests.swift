import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// What is on its way out is saved by whoever comes for it.
@Suite struct SavedBlobTests {
    private static let day = Duration.seconds(24 * 3600)

    /// A house in which a collector has just removed the links to an image's blobs.
    private func withUnlinked(_ body: (CollectionHouse, SampleImage) async throws -> Void) async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 70)
            for blob in image.blobs { try await house.registry.push(blob, to: house.app) }
            for blob in image.blobs { #expect(try await house.has(blob, house.app)) }
            #expect(try await house.collect(quarantine: Self.day).removedLinkCount == 2)
            try await body(house, image)
        }
    }

    @Test func `whoever was told that a blob is there can push its manifest within the quarantine`() async throws {
        try await withUnlinked { house, image in
            try await house.age(by: Self.day - .seconds(60))
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day) == .init())
            #expect(try await house.takes(image.manifest, house.app))
            try await house.collect()
            try await house.demandExactly(image.blobs)
            try await house.demandWhole(image, in: house.app)
        }
    }

    @Test func `once the quarantine is over the manifest is refused, and names what is missing`() async throws {
        try await withUnlinked { house, image in
            try await house.age(by: Self.day)
            #expect(try await house.collect(quarantine: Self.day).removedBlobCount == 2)
            #expect(try await !house.takes(image.manifest, house.app))
            try await house.demandExactly([])
            try await house.registry.push(image, to: house.app)
            try await house.collect()
            try await house.demandExactly(image.blobs)
        }
    }

    @Test func `nobody brings back by a manifest what another repository had`() async throws {
        try await withUnlinked { house, image in
            let isTaken = try await house.takes(image.manifest, house.other)
            #expect(!isTaken)
            for source in [MountSource.repository(house.app), .anywhere] {
                let isMounted = try await house.registry.mountBlob(image.layer.name, from: source, into: house.other)
                #expect(!isMounted)
            }
        }
    }

    @Test func `what a client deleted is not brought back by naming it`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 71)
            for blob in image.blobs { try await house.registry.push(blob, to: house.app) }
            try await house.collect(quarantine: Self.day)
            try await house.registry.push(image.layer, to: house.app)
            try await house.registry.deleteBlob(image.layer.name, in: house.app)
            #expect(try await !house.takes(image.manifest, house.app))
            try await house.collect()
            try await house.demandExactly([])
        }
    }

    @Test func `the children of an index that are blobs are brought back with it`() async throws {
        try await withUnlinked { house, image in
            let cache = SampleManifest.index(of: [
                image.layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
                SampleBlob("never there").descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
            ])
            #expect(try await house.takes(cache, house.app))
            try await house.collect()
            try await house.demandExactly([image.layer])
            try await house.registry.demandWhole(image.layer, in: house.app)
        }
    }

    @Test func `an upload of a blob that is on its way out puts its bytes in the place of the old ones`() async throws {
        try await withUnlinked { house, image in
            for blob in image.blobs { try await house.registry.push(blob, to: house.app) }
            #expect(try await house.stored() == image.blobs.map(\.digest).sorted())
            try await house.age(by: Self.day)
            // The list still has them: they are looked at again.
            let report = try await house.collect(grace: .seconds(2 * 24 * 3600), quarantine: Self.day)
            #expect(report.removedLinkCount == 0 && report.removedBlobCount == 0)
            #expect(try await house.takes(image.manifest, house.app))
            try await house.collect()
            try await house.demandExactly(image.blobs)
            try await house.demandWhole(image, in: house.app)
        }
    }

    @Test func `a mount keeps a blob whose own repository lets it go`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 72)
            try await house.registry.push(image, to: house.app)
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            try await house.age(by: Self.day)
            for blob in image.blobs {
                #expect(try await house.registry.mountBlob(blob.name, from: .repository(house.app), into: house.other))
            }
            #expect(try await house.collect(grace: Self.day, quarantine: Self.day).removedLinkCount == 2)
            #expect(try await house.takes(image.manifest, house.other))
            try await house.collect()
            try await house.demandExactly(image.blobs)
            try await house.demandWhole(image, in: house.other)
        }
    }

    @Test func `the second of two uploads leaves nothing behind, whoever removes its bytes`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 73)
            for repository in [house.app, house.other, house.app] {
                try await house.registry.push(image, to: repository)
            }
            #expect(try await house.stored() == image.blobs.map(\.digest).sorted())
            try await house.collect()
            try await house.demandExactly(image.blobs)
        }
    }

    @Test func `what is kept in memory of a link goes with the link`() async throws {
        try await CollectionHouse.with { house in
            let image = SampleImage(seed: 74)
            try await house.registry.push(image, to: house.app)
            try await house.demandWhole(image, in: house.app)
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            for blob in image.blobs { #expect(try await house.has(blob, house.app)) }
            try await house.collect()
            for blob in image.blobs {
                #expect(try await !house.has(blob, house.app))
                await #expect(throws: RegistryError(.blobUnknown, "")) {
                    _ = try await house.registry.blob(blob.name, in: house.app)
                }
            }
        }
    }
}
