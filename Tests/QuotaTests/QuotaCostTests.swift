import MetadataPostgreSQL
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import Metadata

/// What a quota costs those who push.
@Suite(.serialized) struct QuotaCostTests {
    private static let clientCount = 20
    private static let roundCount = TestSeed.isSoaking ? 12 : 3

    /// Lets clients push images into one project at once; how many images went through in a second.
    private func rate(_ isLimited: Bool, _ seed: UInt64) async throws -> Double {
        let (folder, imageCount) = (try TemporaryFolder(), TestSeed.isSoaking ? 30 : 6)
        let stores = try await TestStores.open(in: folder)
        let house = try QuotaHouse(stores)
        // Not the first pushes of a server, whose statements are not prepared yet.
        for number in 0..<10 {
            try await house.registry.push(SampleImage(seed: seed + 900_000 + UInt64(number)), to: house.app)
        }
        if isLimited { try await house.set(.project("team"), QuotaLimits(bytes: 1 << 40, tags: 1_000_000)) }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<Self.clientCount {
                let repository = try RepositoryName("team/app\(client)")
                group.addTask {
                    for number in 0..<imageCount {
                        let image = SampleImage(seed: seed + UInt64(client * 1000 + number), layerSize: 20_000)
                        try await house.registry.push(image, to: repository, tags: "\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if let counts = (stores.engine as? PostgreSQLEngine)?.counts {
            print("\(isLimited ? "with" : "without") a quota: \(counts)")
        }
        if isLimited { try await house.demandExact() }
        try await stores.close()
        return Double(Self.clientCount * imageCount) / seconds
    }

    /// Prints how much slower 20 clients are with a quota; that they are not much slower is held to a wide bound, since
    /// other tests run beside it.
    @Test func `20 clients at once are hardly slower with a quota than without`() async throws {
        var (with, without): ([Double], [Double]) = ([], [])
        for round in 0..<Self.roundCount {
            let seed = UInt64(round) * 10_000_000
            without.append(try await rate(false, seed))
            with.append(try await rate(true, seed))
        }
        let (limited, free) = (with.sorted()[with.count / 2], without.sorted()[without.count / 2])
        print(
            "images in a second by 20 clients: \(Int(free)) without a quota \(without.map { Int($0) }), "
                + "\(Int(limited)) with one \(with.map { Int($0) })"
        )
        #expect(limited > free * 0.5)
    }
}
