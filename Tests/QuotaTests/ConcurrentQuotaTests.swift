import Hosting
import MetadataPostgreSQL
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import Metadata

/// Many who push at once, at several servers.
@Suite struct ConcurrentQuotaTests {
    private static let clientCount = 20

    /// Another server over the same stores; on PostgreSQL with connections of its own.
    private static func secondServer(
        _ house: QuotaHouse
    ) async throws -> (registry: any Registry, engine: (any MetadataEngine)?) {
        let stores = try await house.stores.elsewhere()
        guard stores.engine is PostgreSQLEngine else { return (stores.registry(), nil) }
        let engine = try await TestDatabase.current.open(in: stores.folder, file: "facts.sqlite")
        let host = RegistryHost(
            facts: FactStore(engine: engine),
            blobs: stores.blobs,
            options: RegistryHost.Options(isAlone: false),
            now: { [clock = stores.clock] in clock.now() }
        )
        return (host.registry(for: .tester), engine)
    }

    /// Lets clients push at once, each to the server of its number; how many blobs were taken and how many refused.
    private func pushAll(
        _ blobs: [[SampleBlob]],
        _ house: QuotaHouse
    ) async throws -> (taken: Int, refused: Int) {
        let second = try await Self.secondServer(house)
        let outcomes = try await withThrowingTaskGroup(of: [Bool].self) { group in
            for (number, own) in blobs.enumerated() {
                let registry = number.isMultiple(of: 2) ? house.registry : second.registry
                let repository = try RepositoryName("team/app\(number % 5)")
                group.addTask {
                    var outcomes: [Bool] = []
                    for blob in own {
                        do {
                            _ = try await registry.push(blob, to: repository)
                            outcomes.append(true)
                        } catch let error as RegistryError where error.code == .quotaExceeded {
                            outcomes.append(false)
                        }
                    }
                    return outcomes
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await second.engine?.close()
        return (outcomes.count { $0 }, outcomes.count { !$0 })
    }

    @Test func `20 clients who push at once fill a quota to the last blob, and never more`() async throws {
        try await QuotaHouse.with { house in
            // What is left is not a whole blob.
            try await house.set(.project("team"), QuotaLimits(bytes: 47 * 1000 + 999))
            let blobs = (0..<Self.clientCount).map { client in
                (0..<6).map { SampleBlob(count: 1000, seed: UInt64(10_000 + client * 100 + $0)) }
            }
            let (taken, refused) = try await pushAll(blobs, house)
            #expect(taken == 47 && refused == 120 - 47, "\(taken) were taken, \(refused) refused")
            #expect(try await house.used(.project("team")).bytes == 47_000)
            try await house.demandExact()
            // Nothing of the refused is left, but for what is to be removed.
            try await house.collect()
            try await house.demandExact()
        }
    }

    @Test func `a layer that all push at once counts once in the project, and once in each repository`() async throws {
        try await QuotaHouse.with { house in
            try await house.set(.project("team"), QuotaLimits(bytes: 100_000))
            try await house.set(.repository(RepositoryName("team/app1")), QuotaLimits(bytes: 100_000))
            let shared = (0..<4).map { SampleBlob(count: 5000, seed: UInt64(500 + $0)) }
            let (taken, refused) = try await pushAll(Array(repeating: shared, count: Self.clientCount), house)
            #expect(taken == 4 * Self.clientCount && refused == 0)
            #expect(try await house.used(.project("team")).bytes == 20_000)
            #expect(try await house.used(.repository(RepositoryName("team/app1"))).bytes == 20_000)
            try await house.demandExact()
        }
    }

    /// Pushes an image, again where the collection, which here waits for nobody, took a blob before the manifest came.
    private static func push(
        _ image: SampleImage,
        to name: RepositoryName,
        tags: String,
        _ house: QuotaHouse
    ) async throws {
        for _ in 0..<100 {
            do {
                try await house.registry.push(image, to: name, tags: tags)
                return
            } catch let error as RegistryError where error.code == .manifestBlobUnknown {}
        }
        Issue.record("the collection took a blob of \(name) a hundred times")
    }

    @Test func `counting, changes of the limit, pushes and deletions at once leave an exact count`() async throws {
        try await QuotaHouse.with { house in
            let images = (0..<30).map { SampleImage(seed: UInt64(700 + $0), layerSize: 500) }
            for image in images.prefix(10) { try await house.registry.push(image, to: house.app) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, image) in images.dropFirst(10).enumerated() {
                    let name = number.isMultiple(of: 2) ? house.app : house.other
                    group.addTask { try await Self.push(image, to: name, tags: "t\(number)", house) }
                }
                for image in images.prefix(10) {
                    group.addTask { try await house.registry.deleteManifest(image.manifest.name, in: house.app) }
                }
                group.addTask {
                    for number in 0..<5 {
                        try await house.set(.project("team"), QuotaLimits(bytes: 1_000_000 + Int64(number)))
                        try await house.set(.installation, QuotaLimits(tags: 1000 + Int64(number)))
                        try await house.collect()
                    }
                }
                try await group.waitForAll()
            }
            try await house.upkeep()
            try await house.demandExact()
        }
    }

    @Test func `pushes and deletions of images that share a layer leave an exact count without the trash`() async throws
    {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            try await house.set(.project("team"), QuotaLimits(bytes: 1_000_000), countsTrash: false)
            try await house.set(.repository(house.app), QuotaLimits(bytes: 1_000_000), countsTrash: false)
            let layer = SampleBlob(count: 5000, seed: 800)
            let configs = (0..<12).map { SampleBlob(count: 100, seed: UInt64(801 + $0)) }
            let images = configs.map { config in
                SampleManifest.image(
                    config: config.descriptor("application/vnd.oci.image.config.v1+json"),
                    layers: [layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
                )
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, (config, image)) in zip(configs, images).enumerated() {
                    let name = number.isMultiple(of: 3) ? house.other : house.app
                    group.addTask {
                        for blob in [config, layer] { try await house.registry.push(blob, to: name) }
                        try await house.registry.push(image, to: name)
                        try await house.registry.deleteManifest(image.name, in: name)
                        // By the manifest alone, as a client does that finds the blobs.
                        if number.isMultiple(of: 2) { try await house.registry.push(image, to: name) }
                    }
                }
                group.addTask { for _ in 0..<5 { try await house.purgeTrash() } }
                try await group.waitForAll()
            }
            try await house.demandExact("some are in the trash")
            let kept = zip(configs, images).enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            let bytes = kept.reduce(5000) { $0 + Int64($1.0.bytes.count + $1.1.bytes.count) }
            #expect(try await house.used(.project("team")).bytes == bytes)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, (_, image)) in kept.enumerated() {
                    let name = (2 * number).isMultiple(of: 3) ? house.other : house.app
                    group.addTask { try await house.registry.deleteManifest(image.name, in: name) }
                }
                try await group.waitForAll()
            }
            #expect(try await house.used(.project("team")).bytes == 0)
            try await house.demandExact("all are in the trash")
        }
    }
}
