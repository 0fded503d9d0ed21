import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// Quotas that the trash does not count in.
@Suite struct QuotaTrashTests {
    private static func size(_ blobs: [SampleBlob]) -> Int64 { blobs.reduce(0) { $0 + Int64($1.bytes.count) } }

    private static func size(_ image: SampleImage) -> Int64 { size(image.blobs) + Int64(image.manifest.bytes.count) }

    /// A house with a quota of the project `team` and one of its repository, in neither of which the trash counts.
    private func withHouse(
        _ limits: QuotaLimits = QuotaLimits(),
        _ body: (QuotaHouse) async throws -> Void
    ) async throws {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            try await house.set(.project("team"), limits, countsTrash: false)
            try await house.set(.repository(house.app), limits, countsTrash: false)
            try await body(house)
        }
    }

    private func demand(_ byteCount: Int64, _ house: QuotaHouse, _ place: String) async throws {
        for scope in [QuotaScope.project("team"), .repository(house.app)] {
            #expect(try await house.used(scope).bytes == byteCount, "\(scope), \(place)")
        }
        try await house.demandExact(place)
    }

    @Test func `an image does not count in the trash, counts when it is back, and not while it is purged`() async throws
    {
        try await withHouse { house in
            let image = SampleImage(seed: 1)
            try await house.registry.push(image, to: house.app, tags: "a")
            try await demand(Self.size(image), house, "pushed")
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            try await demand(0, house, "deleted")
            try await house.restoreNewest()
            try await demand(Self.size(image), house, "restored")
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            try await house.purgeTrash()
            try await demand(0, house, "purged")
            try await house.collect()
            try await demand(0, house, "collected")
            try await house.registry.push(image, to: house.app)
            try await demand(Self.size(image), house, "pushed again")
        }
    }

    @Test func `what another image needs goes on counting, and what is pushed again counts again`() async throws {
        try await withHouse { house in
            let shared = SampleBlob(count: 3000, seed: 1)
            let images = [UInt64(2), 3].map { SampleBlob(count: 500, seed: $0) }.map { own in
                SampleManifest.image(
                    config: own.descriptor("application/vnd.oci.image.config.v1+json"),
                    layers: [shared.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
                )
            }
            let own = [UInt64(2), 3].map { SampleBlob(count: 500, seed: $0) }
            for blob in own + [shared] { try await house.registry.push(blob, to: house.app) }
            for image in images { try await house.registry.push(image, to: house.app) }
            let manifests = images.map { Int64($0.bytes.count) }
            try await demand(4000 + manifests[0] + manifests[1], house, "both")
            try await house.registry.deleteManifest(images[0].name, in: house.app)
            try await demand(3500 + manifests[1], house, "one is in the trash")
            try await house.registry.deleteManifest(images[1].name, in: house.app)
            try await demand(0, house, "both are in the trash")
            // A client that finds the blobs pushes the manifest alone; another one pushes a blob.
            try await house.registry.push(images[0], to: house.app)
            try await demand(3500 + manifests[0], house, "one is pushed again")
            try await house.registry.push(own[1], to: house.app)
            try await demand(4000 + manifests[0], house, "and a blob of the other")
            try await house.purgeTrash()
            try await demand(4000 + manifests[0], house, "purged")
            try await house.collect()
            try await demand(3500 + manifests[0], house, "collected")
        }
    }

    @Test func `what is deleted makes room at once, and comes back only if there is room`() async throws {
        try await withHouse(QuotaLimits(bytes: 9000)) { house in
            let (image, large) = (SampleImage(seed: 1, layerSize: 5000), SampleBlob(count: 6000, seed: 2))
            try await house.registry.push(image, to: house.app, tags: "a")
            let refusal = try await house.refusal { try await house.registry.push(large, to: house.app) }
            #expect(
                refusal?.message.contains("which does not count in the trash, or ask") == true,
                "\(String(describing: refusal))"
            )
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            try await house.registry.push(large, to: house.app)
            try await demand(6000, house, "pushed in its place")
            await #expect(throws: QuotaExceeded.self) { try await house.restoreNewest() }
            #expect(try await house.trash().count == 1, "what was refused stays in the trash")
            // Nor by the way of a push, for which all blobs are there.
            let push = try await house.refusal { try await house.registry.push(image.manifest, to: house.app) }
            #expect(push != nil)
            try await demand(6000, house, "refused")
            try await house.registry.deleteBlob(large.name, in: house.app)
            try await house.restoreNewest()
            try await demand(Self.size(image), house, "restored")
        }
    }

    @Test func `a repository does not count in the trash, nor do its tags`() async throws {
        try await withHouse { house in
            let image = SampleImage(seed: 1)
            for name in [house.app, house.other] { try await house.registry.push(image, to: name, tags: "a", "b") }
            let (whole, manifest) = (Self.size(image), Int64(image.manifest.bytes.count))
            let both = QuotaAmounts(bytes: whole + manifest, tags: 4, repositories: 2)
            #expect(try await house.used(.project("team")) == both)
            try await house.deleteRepository(house.app)
            #expect(
                try await house.used(.project("team")) == QuotaAmounts(bytes: whole, tags: 2, repositories: 1)
            )
            #expect(try await house.used(.repository(house.app)) == .init())
            try await house.demandExact("deleted")
            try await house.restoreNewest()
            #expect(try await house.used(.project("team")) == both)
            #expect(
                try await house.used(.repository(house.app)) == QuotaAmounts(bytes: whole, tags: 2, repositories: 1)
            )
            try await house.demandExact("restored")
            for name in [house.app, house.other] { try await house.deleteRepository(name) }
            #expect(try await house.used(.project("team")) == .init())
            try await house.purgeTrash()
            try await house.collect()
            #expect(try await house.used(.project("team")) == .init())
            try await house.demandExact("purged")
        }
    }

    @Test func `where it changes whether the trash counts, all is counted anew, in steps`() async throws {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            let images = (1...5).map { SampleImage(seed: $0) }
            for image in images { try await house.registry.push(image, to: house.app) }
            for image in images.prefix(2) {
                try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            }
            let kept = images.dropFirst(2).reduce(0) { $0 + Self.size($1) }
            let trashed = images.prefix(2).reduce(0) { $0 + Self.size($1.blobs) }
            for scope in [QuotaScope.project("team"), .repository(house.app)] {
                try await house.set(scope, QuotaLimits(bytes: 1 << 20))
                #expect(try await house.used(scope).bytes == kept + trashed)
                let set = try await house.stores.facts.write {
                    try $0.setQuota(of: scope, to: QuotaLimits(bytes: 1), warnPercent: 80, countsTrash: false)
                }
                #expect(!set.countsTrash && !set.isCounted && set.used == .init())
                var stepCount = 0
                while let quota = try await house.stores.facts.read({ try $0.quotaToCount() }) {
                    _ = try await house.stores.facts.write { try $0.countQuota(quota, limit: 2) }
                    stepCount += 1
                    // What comes to the trash behind or before the place that is being counted.
                    if stepCount == 4 { try await house.deleteAndRestore(images[3].manifest.name) }
                }
                #expect(stepCount > 8)
                #expect(try await house.used(scope).bytes == kept)
                try await house.demandExact("\(scope) without the trash")
                try await house.upkeep()
                try await house.set(scope, QuotaLimits(bytes: 1 << 20), countsTrash: false)
                #expect(try await house.used(scope).bytes == kept, "a limit that changes leaves it as it is")
                try await house.set(scope, QuotaLimits(bytes: 1 << 20))
                #expect(try await house.used(scope).bytes == kept + trashed)
                try await house.demandExact("\(scope) with the trash")
            }
        }
    }

    @Test func `in the installation the trash counts, whatever is asked`() async throws {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            try await house.set(.installation, countsTrash: false)
            let image = SampleImage(seed: 1)
            try await house.registry.push(image, to: house.app)
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            #expect(try await house.used(.installation).bytes == Self.size(image.blobs))
            try await house.demandExact()
        }
    }

    @Test func `where nothing is kept in a trash, what is deleted counts until it is collected`() async throws {
        try await QuotaHouse.with { house in
            try await house.set(.project("team"), countsTrash: false)
            let image = SampleImage(seed: 1)
            try await house.registry.push(image, to: house.app)
            try await house.registry.deleteManifest(image.manifest.name, in: house.app)
            #expect(try await house.used(.project("team")).bytes == Self.size(image.blobs))
            try await house.collect()
            #expect(try await house.used(.project("team")).bytes == 0)
            try await house.demandExact()
        }
    }
}

extension QuotaHouse {
    /// Lets an image go to the trash and come back.
    fileprivate func deleteAndRestore(_ name: Digest) async throws {
        try await registry.deleteManifest(name, in: app)
        try await demandExact("deleted")
        try await restoreNewest()
    }
}
