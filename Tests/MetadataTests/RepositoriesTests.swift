import Metadata
import OCI
import Testing

@Suite(.everyEngine) struct RepositoriesTests {
    @Test func `a repository is made once and found by its name`() async throws {
        let fixture = try await Fixture()
        let again = try await fixture.facts.write { try $0.ensureRepository(fixture.name, at: Fixture.later) }
        #expect(again == fixture.repository)
        #expect(try await fixture.facts.read { try $0.repository(fixture.name) } == fixture.repository)
        #expect(try await fixture.facts.read { try $0.name(of: fixture.repository) } == fixture.name)
        let other = try RepositoryName("team/other")
        #expect(try await fixture.facts.read { try $0.repository(other) } == nil)
    }

    @Test func `the catalog goes on after any text, a name or not`() async throws {
        let fixture = try await Fixture()
        try await fixture.facts.write { facts in
            for name in ["alpine", "team", "team/app2", "zoo"] {
                _ = try facts.ensureRepository(try RepositoryName(name), at: Fixture.now)
            }
        }
        let page = { (text: String?, limit: Int) in
            try await fixture.facts.read { try $0.repositories(after: text, limit: limit) }.map(\.description)
        }
        #expect(try await page(nil, 10) == ["alpine", "team", "team/app", "team/app2", "zoo"])
        #expect(try await page("team", 2) == ["team/app", "team/app2"])
        #expect(try await page("team/ap~ P", 10) == ["zoo"])
        #expect(try await page("zoo", 10) == [])
    }

    @Test func `an upload makes no repository`() async throws {
        let fixture = try await Fixture()
        let name = try RepositoryName("new/one")
        let upload = Fixture.upload("1", in: name)
        try await fixture.facts.write { try $0.insertUpload(upload) }
        #expect(try await fixture.facts.read { try $0.repository(name) } == nil)
        #expect(try await fixture.facts.read { try $0.upload("1", in: name) } == upload)
    }
}
