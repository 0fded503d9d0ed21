import Foundation
import OCI
import RegistryTesting
import Testing

@testable import Metadata

/// What is forgotten of tags, and what stays known.
@Suite(.everyEngine) struct TagHistoryFactsTests {
    private static let day = Duration.seconds(86_400)
    private static let hour: Int64 = 3_600_000_000
    /// Whole days are counted back from here; a test takes less than half a day.
    private static let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    private static let imageCount = 4

    /// A moment so many days ago.
    private static func ago(_ days: Double) -> Timestamp {
        now - day * days
    }

    /// What of a tag is known of a moment.
    private enum Known: Equatable {
        case pointed(Digest), nowhere, forgotten
    }

    private func filled() async throws -> Fixture {
        let fixture = try await Fixture()
        try await fixture.push(1, 2, 3, 4)
        return fixture
    }

    /// Points a tag to an image, or takes it away, so many days ago.
    private func move(_ tag: String, to number: Int?, _ days: Double, _ fixture: Fixture) async throws {
        let tag = try Tag(tag)
        try await fixture.facts.write { facts in
            let moment = Self.ago(days)
            guard let number else {
                try facts.deleteTag(tag, in: fixture.repository, at: moment, by: "someone")
                return
            }
            try facts.moveTag(tag, to: Fixture.digest(number), in: fixture.repository, at: moment, by: "someone")
        }
    }

    /// Forgets what is older than so many days, a step of so many moves after the other; how many went.
    @discardableResult
    private func forget(
        _ days: Double,
        _ fixture: Fixture,
        batch: Int = 100,
        limit: Int = 100,
        steps: Int = .max
    ) async throws -> Int {
        var (count, stepCount) = (0, 0)
        while stepCount < steps,
            let moves = try await fixture.facts.read({ try $0.agedTagMoves(asOldAs: Self.day * days, limit: batch) })
        {
            let gone = try await fixture.facts.write { try $0.forgetTagMoves(before: moves, limit: limit) }
            #expect(gone <= limit)
            count += gone
            stepCount += 1
        }
        return count
    }

    private func history(_ tag: String, _ fixture: Fixture) async throws -> TagHistoryFact {
        let tag = try Tag(tag)
        return try await fixture.facts.read { try $0.history(of: tag, in: fixture.name, before: nil, limit: 10_000) }
    }

    private func versions(_ tag: String, _ fixture: Fixture) async throws -> [Int64] {
        try await history(tag, fixture).events.map(\.version)
    }

    /// What clients make of a history.
    private func known(_ history: TagHistoryFact, _ whole: Timestamp?, at moment: Timestamp) -> Known {
        if let event = history.events.first(where: { $0.at <= moment }) {
            return event.new.map(Known.pointed) ?? .nowhere
        }
        let begin = history.events.last.map(history.forgottenBefore) ?? whole
        return begin.map { moment < $0 } == true ? .forgotten : .nowhere
    }

    // MARK: What stays

    @Test func `where a tag points now and since when stays, and where it pointed at the beginning of what is kept`()
        async throws
    {
        let fixture = try await filled()
        for (number, days) in [(1, 40.0), (2, 30), (3, 20), (4, 10)] {
            try await move("prod", to: number, days, fixture)
        }
        try await move("old", to: 1, 400, fixture)
        #expect(try await forget(35, fixture) == 0)
        #expect(try await forget(25, fixture) == 1)
        #expect(try await versions("prod", fixture) == [4, 3, 2])
        let history = try await history("prod", fixture)
        #expect(history.events.last.flatMap(history.forgottenBefore) == Self.ago(30))
        #expect(try await forget(25, fixture) == 0)
        #expect(try await forget(1, fixture) == 2)
        #expect(try await versions("prod", fixture) == [4])
        #expect(try await versions("old", fixture) == [1])
        let old = try await self.history("old", fixture)
        #expect(old.events.last.flatMap(old.forgottenBefore) == nil)
        // Numbers go on.
        try await move("prod", to: 1, 0, fixture)
        #expect(try await versions("prod", fixture) == [5, 4])
        #expect(try await fixture.facts.read { try $0.tagsForgottenBefore() } == nil)
    }

    @Test func `a deletion stays while it says what was at the beginning of what is kept, and no longer`() async throws
    {
        let fixture = try await filled()
        for tag in ["gone", "back"] {
            try await move(tag, to: 1, 40, fixture)
            try await move(tag, to: 2, 35, fixture)
            try await move(tag, to: nil, 30, fixture)
        }
        try await move("back", to: 3, 10, fixture)
        #expect(try await forget(32, fixture) == 2)
        #expect(try await forget(20, fixture) == 3)
        #expect(try await versions("gone", fixture) == [])
        #expect(try await versions("back", fixture) == [4, 3])
        #expect(try await fixture.facts.read { try $0.tagsForgottenBefore() } == Self.ago(30))
        #expect(try await forget(5, fixture) == 1)
        #expect(try await versions("back", fixture) == [4])
        // All is forgotten, and so its number: what comes is told from a tag that never was by the moment alone.
        try await move("gone", to: 1, 4, fixture)
        let history = try await history("gone", fixture)
        #expect(history.events.map(\.version) == [1])
        #expect(known(history, nil, at: Self.ago(36)) == .forgotten)
        #expect(known(history, nil, at: Self.ago(29)) == .nowhere)
        #expect(known(history, nil, at: Self.ago(3)) == .pointed(Fixture.digest(1)))
    }

    @Test func `a step forgets no more than it may, and a tag that is gone never comes back by it`() async throws {
        let fixture = try await filled()
        // The clock of who deleted it was behind: the deletion is the first that is old.
        for number in 0..<50 { try await move("gone", to: 1 + number % 2, 60 - Double(number), fixture) }
        try await move("gone", to: nil, 100, fixture)
        for left in stride(from: 44, through: 2, by: -7) {
            try await forget(90, fixture, limit: 7, steps: 1)
            let history = try await history("gone", fixture)
            #expect(history.events.count == left && history.events.first?.new == nil, "\(left)")
            #expect(known(history, nil, at: Self.now) == .nowhere)
        }
        try await forget(90, fixture, limit: 7)
        #expect(try await versions("gone", fixture) == [])
        #expect(try await fixture.facts.read { try $0.agedTagMoves(asOldAs: .zero, limit: 9) } == nil)
    }

    @Test func `who is behind does nothing`() async throws {
        let fixture = try await filled()
        for days in [40.0, 30, 20, 10] { try await move("prod", to: Int(days) / 10, days, fixture) }
        let moves = try #require(
            try await fixture.facts.read { try $0.agedTagMoves(asOldAs: Self.day * 15, limit: 100) }
        )
        #expect(try await forget(5, fixture) == 3)
        #expect(try await fixture.facts.write { try $0.forgetTagMoves(before: moves, limit: 100) } == 0)
        #expect(try await versions("prod", fixture) == [4])
    }

    @Test func `a tag that is deleted and forgotten comes back from the trash`() async throws {
        let fixture = try await filled()
        try await move("prod", to: 1, 40, fixture)
        let tag = try Tag("prod")
        let entry = try await fixture.facts.write { facts in
            try facts.deleteTag(
                tag,
                in: fixture.repository,
                at: Self.ago(30),
                by: "someone",
                keeping: Self.day * 60
            )
            return try facts.trash(of: nil, before: nil, limit: 1).first?.id
        }
        try await forget(20, fixture)
        #expect(try await versions("prod", fixture) == [])
        let id = try #require(entry)
        _ = try await fixture.facts.write { try $0.restore(id, at: Self.now, by: "someone") }
        #expect(try await versions("prod", fixture) == [1])
        #expect(try await fixture.facts.read { try $0.tag(tag, in: fixture.repository)?.digest } == Fixture.digest(1))
    }

    @Test func `a place is read as it was written`() throws {
        let place = TagHistoryPlace(at: Self.now, repository: 7, name: "v1.0", version: 3)
        for place in [place, .start] { #expect(TagHistoryPlace(place.description) == place) }
        for text in ["", "1 2 a", "1 2 a b", "x 1 a 1", "1 2 a 3 4"] { #expect(TagHistoryPlace(text) == nil) }
    }
}

// MARK: - At random

extension TagHistoryFactsTests {
    /// All that ever was of some tags.
    private struct Whole {
        /// The moves of each tag, the oldest first.
        var moves: [String: [(at: Timestamp, digest: Digest?)]] = [:]
        /// The latest moment before which something may have been forgotten.
        var horizon = Timestamp(microseconds: .min)
        /// The latest moment before which all was forgotten that may be.
        var done = Timestamp(microseconds: .min)

        func digest(of tag: String) -> Digest? { moves[tag]?.last?.digest ?? nil }

        func known(_ tag: String, at moment: Timestamp) -> Known {
            let last = moves[tag, default: []].last { $0.at <= moment }
            return (last?.digest).map(Known.pointed) ?? .nowhere
        }
    }

    /// Clocks of servers may differ, by days here.
    @Test(arguments: [false, true])
    func `whatever happens, what was in the time that is kept is known, and what is known is right`(
        clocksDiffer: Bool
    ) async throws {
        let roundCount = TestSeed.count(3, soaking: 60, of: "random histories of tags")
        for round in 0..<roundCount {
            var random = SeededGenerator(seed: TestSeed.round(round))
            try await live(clocksDiffer, "round \(round), TEST_SEED=\(TestSeed.run)", &random)
        }
    }

    private func live(_ clocksDiffer: Bool, _ situation: String, _ random: inout SeededGenerator) async throws {
        let (fixture, tags) = (try await filled(), ["a", "b", "c", "d", "e"])
        var (whole, day, forgotten) = (Whole(), 100.0, 0)
        while day > 1 {
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                day = max(1, day - Double.random(in: 0...0.8, using: &random))
                let moment = clocksDiffer ? max(1, day + Double.random(in: -9...9, using: &random)) : day
                let tag = tags[Int.random(in: tags.indices, using: &random)]
                let isDeletion = Int.random(in: 0..<3, using: &random) == 0
                let number = isDeletion ? nil : Int.random(in: 1...Self.imageCount, using: &random)
                let digest = number.map { Fixture.digest($0) }
                if whole.digest(of: tag) != digest {
                    whole.moves[tag, default: []].append((Self.ago(moment), digest))
                }
                try await move(tag, to: number, moment, fixture)
            }
            // Now and then more is kept than before.
            let days = day + Double.random(in: 0...30, using: &random)
            let mayStop = Int.random(in: 0..<3, using: &random) == 0
            forgotten += try await forget(
                days,
                fixture,
                batch: Int.random(in: 1...9, using: &random),
                limit: Int.random(in: 1...9, using: &random),
                steps: mayStop ? Int.random(in: 0...3, using: &random) : .max
            )
            // By the clock of the database, which went on meanwhile.
            let late = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
            whole.horizon = max(whole.horizon, late - Self.day * days)
            if !mayStop { whole.done = max(whole.done, Self.ago(days)) }
            try await compare(tags, whole, fixture, situation, isExact: !clocksDiffer)
        }
        #expect(forgotten > 10, "\(situation)")
    }

    private func compare(
        _ tags: [String],
        _ whole: Whole,
        _ fixture: Fixture,
        _ situation: String,
        isExact: Bool
    ) async throws {
        let forgottenBefore = try await fixture.facts.read { try $0.tagsForgottenBefore() }
        for tag in tags {
            let (name, history) = (try Tag(tag), try await history(tag, fixture))
            let now = try await fixture.facts.read { try $0.tag(name, in: fixture.repository)?.digest }
            #expect(now == whole.digest(of: tag), "\(tag) now, \(situation)")
            #expect(history.events.first?.new ?? nil == now, "\(tag) now by its history, \(situation)")
            for hours in stride(from: Int64(0), through: 24 * 112, by: 5) {
                let moment = Timestamp(microseconds: Self.now.microseconds - hours * Self.hour)
                let (told, was) = (known(history, forgottenBefore, at: moment), whole.known(tag, at: moment))
                let mayBeForgotten = moment < whole.horizon && told == .forgotten
                #expect(told == was || mayBeForgotten, "\(tag) \(hours) hours ago, \(situation)")
            }
            guard isExact, let moves = whole.moves[tag] else { continue }
            // What held at that moment, and what came after.
            let older = moves.filter { $0.at <= whole.done }
            let isGone = older.count == moves.count && older.last?.digest == nil
            let kept = isGone ? 0 : moves.count - max(0, older.count - 1)
            #expect(history.events.count <= kept, "\(tag), \(situation)")
        }
    }
}
