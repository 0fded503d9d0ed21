import OCI
import RegistryTesting
import Testing

@testable import Metadata

extension TrashFactsTests {
    @Test func `a manifest in the trash is found by its digest, with the deletion that brought it there`() async throws
    {
        let fixture = try await filled()
        let id = try await delete(50, fixture)
        func found() async throws -> [ManifestStanding] {
            try await fixture.facts.read { try $0.standings(ofManifest: Fixture.digest(50), limit: 9) }
        }
        let alone = try await found()
        #expect(alone.map(\.repository) == [fixture.name] && alone.map(\.trash?.entry) == [id])
        #expect(try #require(alone[0].trash?.purgeAt) > Fixture.now)
        let whole = try await fixture.facts.write {
            try $0.trashRepository(fixture.name, at: Fixture.now, by: "someone", keeping: Self.week)
        }
        // It comes back with its repository, and not before.
        #expect(try await found().map(\.trash?.entry) == [try #require(whole).id])
        _ = try await restore(try #require(whole).id, fixture)
        _ = try await restore(id, fixture)
        #expect(try await found().map(\.trash) == [nil])
    }
}
