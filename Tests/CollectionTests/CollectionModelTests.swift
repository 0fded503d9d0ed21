import RegistryTesting
import Testing

/// The protocol of the collection, searched to its end.
@Suite struct CollectionModelTests {
    @Test func `whatever happens in whatever order, nothing that is needed goes and nothing else stays`() {
        let keyCount = TestSeed.isSoaking ? 3 : 2
        let (stateCount, finding) = CollectionModel(keyCount: keyCount).search()
        #expect(finding == nil, "\(finding?.problem ?? ""), after \(finding?.steps ?? [])")
        #expect(stateCount > 50_000)
    }

    @Test(arguments: CollectionModel.Omission.allCases)
    func `each part of the protocol is needed: without it the search finds what breaks`(
        omission: CollectionModel.Omission
    ) throws {
        let finding = try #require(CollectionModel(without: omission).search().finding)
        #expect(!finding.steps.isEmpty)
    }
}
