import Metadata
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// What a collection costs grows with what goes, and not with what is stored.
///
/// That each statement finds its rows by an index, and looks at few others, is shown where the statements are
/// (`StatementsTests`, `GrowthTests`); here it is counted how many statements there are and how many rows they touch.
@Suite struct CollectionCostTests {
    /// How many statements each link takes that goes with its blob, and how many rows these give or change.
    private static let (statementsPerLink, rowsPerLink) = (9, 11)
    /// How many statements a run has besides: those that find nothing more.
    private static let statementsPerRun = 20

    /// What it costs to collect some images among others.
    private func cost(of garbageCount: Int, among storedCount: Int) async throws -> CountingEngine.Counts {
        let (folder, box) = (try TemporaryFolder(inMemory: true), Box<CountingEngine>())
        let stores = try await TestStores.open(in: folder, before: { box.keep(CountingEngine($0)) })
        let (house, engine) = (try CollectionHouse(stores), try #require(box.value))
        for number in 0..<storedCount {
            let image = SampleImage(seed: UInt64(7000 + number), layerSize: 50)
            try await house.registry.push(image, to: house.app)
        }
        try await house.collect()
        engine.reset()
        try await house.collect()
        #expect(engine.counts.statements <= Self.statementsPerRun)
        for number in 0..<garbageCount {
            let blob = SampleBlob(count: 50, seed: UInt64(9000 + number))
            try await house.registry.push(blob, to: house.app)
        }
        engine.reset()
        let report = try await house.collect()
        let counts = engine.counts
        #expect(report.removedBlobCount == garbageCount && report.linkCount == garbageCount)
        try await stores.close()
        return counts
    }

    @Test func `a run costs a bounded number of statements and rows for each link that goes, however much is there`()
        async throws
    {
        let (few, many) = (try await cost(of: 40, among: 2), try await cost(of: 40, among: 120))
        #expect(few == many)
        #expect(many.statements <= Self.statementsPerLink * 40 + Self.statementsPerRun, "\(many)")
        #expect(many.rows <= Self.rowsPerLink * 40 + Self.statementsPerRun, "\(many)")
        let more = try await cost(of: 120, among: 2)
        #expect(more.statements <= Self.statementsPerLink * 120 + Self.statementsPerRun, "\(more)")
        #expect(more.rows <= Self.rowsPerLink * 120 + Self.statementsPerRun, "\(more)")
        let (statements, rows) = (Double(more.statements) / 120, Double(more.rows) / 120)
        print("for each link that goes with its blob: \(statements) statements, \(rows) rows")
    }
}
