import Metadata
import OCI
import Testing

@Suite(.everyEngine) struct TagsTests {
    @Test func `a tag moves, and each move is an event with the target before`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1, 2)
        #expect(try await fixture.move("latest", to: 1) == nil)
        #expect(try await fixture.move("latest", to: 2) == Fixture.digest(1))
        #expect(try await fixture.move("latest", to: 2) == Fixture.digest(2), "a move to the same place")
        let tag = try Tag("latest")
        try await fixture.facts.read { facts in
            let fact = try #require(try facts.tag(tag, in: fixture.repository))
            #expect(fact.digest == Fixture.digest(2) && fact.version == 2 && fact.movedBy == "someone")
            let events = try facts.events(of: tag, in: fixture.repository, after: 0, limit: 10)
            #expect(events.map(\.version) == [1, 2])
            #expect(events.map(\.old) == [nil, Fixture.digest(1)])
            #expect(events.map(\.new) == [Fixture.digest(1), Fixture.digest(2)])
        }
    }

    @Test func `versions go on after a tag was deleted`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1)
        let tag = try Tag("latest")
        try await fixture.move("latest", to: 1)
        let delete: @Sendable () async throws -> Digest? = {
            try await fixture.facts.write {
                try $0.deleteTag(tag, in: fixture.repository, at: Fixture.now, by: "someone")
            }
        }
        #expect(try await delete() == Fixture.digest(1))
        #expect(try await fixture.facts.read { try $0.tag(tag, in: fixture.repository) } == nil)
        #expect(try await delete() == nil)
        #expect(try await fixture.move("latest", to: 1) == nil)
        #expect(try await fixture.facts.read { try $0.tag(tag, in: fixture.repository)?.version } == 3)
    }

    @Test func `a tag cannot point to what is not in the repository`() async throws {
        let fixture = try await Fixture()
        let error = try await metadataError { try await fixture.move("latest", to: 1) }
        #expect(error?.code == .constraint)
        #expect(try await fixture.facts.read { try $0.tags(in: fixture.name, after: nil, limit: 9) } == [])
    }

    @Test func `a condition that does not hold leaves the tag where it is`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1, 2)
        let tag = try Tag("latest")
        let place = { try await fixture.facts.read { try $0.tag(tag, in: fixture.repository)?.digest } }
        let refused = { (number: Int, expectation: TagExpectation) in
            try await metadataError { try await fixture.move("latest", to: number, expecting: expectation) }?.code
        }
        #expect(try await refused(1, .digest(Fixture.digest(1))) == .conditionFailed)
        #expect(try await place() == nil)
        #expect(try await refused(1, .absent) == nil)
        #expect(try await refused(2, .absent) == .conditionFailed)
        #expect(try await refused(2, .digest(Fixture.digest(2))) == .conditionFailed)
        #expect(try await place() == Fixture.digest(1))
        #expect(try await refused(2, .digest(Fixture.digest(1))) == nil)
        #expect(try await place() == Fixture.digest(2))
        let error = try await metadataError {
            _ = try await fixture.facts.write {
                try $0.deleteTag(
                    tag,
                    in: fixture.repository,
                    at: Fixture.now,
                    by: "someone",
                    expecting: .digest(Fixture.digest(1))
                )
            }
        }
        #expect(error?.code == .conditionFailed)
        #expect(try await place() == Fixture.digest(2))
    }

    @Test func `of many who expect the same old target one moves the tag`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(0, 1, 2, 3, 4, 5, 6, 7, 8)
        try await fixture.move("latest", to: 0)
        let winners = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...8 {
                group.addTask {
                    let error = try await metadataError {
                        try await fixture.move("latest", to: number, expecting: .digest(Fixture.digest(0)))
                    }
                    return error == nil ? number : 0
                }
            }
            return try await group.reduce(into: [Int]()) { if $1 > 0 { $0.append($1) } }
        }
        let tag = try Tag("latest")
        let place = try await fixture.facts.read { try $0.tag(tag, in: fixture.repository)?.digest }
        #expect(winners.count == 1 && place == Fixture.digest(winners[0]))
    }

    @Test func `tags are listed bytewise, after any text`() async throws {
        let fixture = try await Fixture()
        try await fixture.push(1)
        let names = ["1.10", "1.9", "A", "Z", "_x", "a", "a-b", "a.b", "a_b", "ab", "z"]
        for name in names.shuffled() { try await fixture.move(name, to: 1) }
        let page = { (text: String?, limit: Int) in
            try await fixture.facts.read { try $0.tags(in: fixture.name, after: text, limit: limit) }
                .map(\.description)
        }
        #expect(try await page(nil, 100) == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(try await page("Z", 3) == ["_x", "a", "a-b"])
        #expect(try await page("a/ no tag", 2) == ["a_b", "ab"])
    }
}
