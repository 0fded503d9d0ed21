import Foundation
import OCI
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// Where tags pointed long ago is forgotten, whenever a run ends.
@Suite struct TagHistoryUpkeepTests {
    private struct Stopped: Error {}

    private static func name() throws -> RepositoryName {
        try RepositoryName("team/app")
    }

    private static let day = Duration.seconds(86_400)
    private static let keep = day * 30
    private static let tagCount = 4
    private static let images = [SampleManifest.index(of: []), .index(of: [], extra: #","annotations":{"a":"b"}"#)]

    /// Tags that moved each of the last sixty days but ten; every other was deleted forty days ago instead.
    private func fill(_ facts: FactStore, tagCount: Int = tagCount) async throws {
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let images = Self.images
        try await facts.write { facts in
            let repository = try facts.ensureRepository(try Self.name(), at: now)
            for image in images {
                let fact = ManifestFact(
                    digest: try image.name,
                    mediaType: .imageIndex,
                    artifactType: nil,
                    subject: nil,
                    byteCount: Int64(image.bytes.count),
                    pushedAt: now,
                    pushedBy: "user:a"
                )
                try facts.insertManifest(fact, bytes: image.bytes, edges: [], in: repository)
            }
            for number in 0..<tagCount {
                let tag = try Tag("v\(number)")
                for days in stride(from: 60, to: 10, by: -5) {
                    let moment = now - Self.day * days
                    if number.isMultiple(of: 2), days <= 40 {
                        try facts.deleteTag(tag, in: repository, at: moment, by: "user:a")
                    } else {
                        let image = images[days / 5 % 2]
                        try facts.moveTag(tag, to: try image.name, in: repository, at: moment, by: "user:a")
                    }
                }
            }
        }
    }

    private func versions(_ facts: FactStore) async throws -> [[Int64]] {
        try await facts.read { facts in
            try (0..<Self.tagCount).map { number in
                let tag = try Tag("v\(number)")
                return try facts.history(of: tag, in: try Self.name(), before: nil, limit: 100).events.map(\.version)
            }
        }
    }

    /// Forty days ago is version 5, thirty version 7, fifteen the last.
    private static let kept = (0..<tagCount).map { $0.isMultiple(of: 2) ? [] : [10, 9, 8, 7] as [Int64] }
    /// Of those that were deleted five, of the others six.
    private static let goneCount = tagCount / 2 * (5 + 6)

    @Test func `what is older than is kept is forgotten, once`() async throws {
        for database in TestDatabase.allCases {
            try await TestDatabase.$current.withValue(database) {
                try await TestStores.with { stores in
                    try await fill(stores.facts)
                    let upkeep = TagHistoryUpkeep(facts: stores.facts, keep: Self.keep, batchCount: 3)
                    #expect(try await upkeep.run() == Self.goneCount)
                    #expect(try await versions(stores.facts) == Self.kept)
                    #expect(try await upkeep.run() == 0)
                    #expect(try await stores.facts.integrityProblems() == [])
                }
            }
        }
    }

    @Test func `each step in the database may fail, and the next run ends the work`() async throws {
        var step = 0
        while true {
            step += 1
            let (folder, box) = (try TemporaryFolder(inMemory: true), Box<FailingMetadataEngine>())
            let stores = try await TestStores.open(in: folder, before: { box.keep(FailingMetadataEngine($0)) })
            let failing = try #require(box.value)
            try await fill(stores.facts)
            failing.failStep(step)
            let upkeep = TagHistoryUpkeep(facts: stores.facts, keep: Self.keep, batchCount: 20)
            do {
                #expect(try await upkeep.run() == Self.goneCount)
                #expect(failing.stepCount < step, "a step that failed was not told: \(step)")
            } catch let error as MetadataError {
                #expect(error.code == .unavailable)
            }
            let isOver = failing.stepCount < step
            failing.failStep(nil)
            _ = try await upkeep.run()
            #expect(try await versions(stores.facts) == Self.kept, "step \(step)")
            try await stores.close()
            if isOver { break }
        }
        #expect(step > 15, "it makes too few steps to prove anything")
    }

    @Test func `it may stop after any of its steps, and many at once do what one does`() async throws {
        for stop in [1, 2, 4, 7] {
            try await TestStores.with { stores in
                try await fill(stores.facts)
                let upkeep = TagHistoryUpkeep(facts: stores.facts, keep: Self.keep, batchCount: 4)
                var (steps, count) = (0, 0)
                do {
                    _ = try await upkeep.run { gone in
                        (steps, count) = (steps + 1, gone)
                        if steps == stop { throw Stopped() }
                    }
                } catch is Stopped {}
                // What is left of a tag are its newest moves, without a gap.
                for versions in try await versions(stores.facts) where !versions.isEmpty {
                    #expect(versions == Array((versions.last ?? 0)...(versions.first ?? 0)).reversed(), "\(stop)")
                }
                let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<3 { group.addTask { try await upkeep.run() } }
                    return try await group.reduce(into: [count]) { $0.append($1) }
                }
                #expect(counts.reduce(0, +) == Self.goneCount, "\(stop): \(counts)")
                #expect(try await versions(stores.facts) == Self.kept, "\(stop)")
            }
        }
    }

    @Test func `tags move, go and come back while their history goes, and stay where they were put`() async throws {
        for database in TestDatabase.allCases {
            try await TestDatabase.$current.withValue(database) { try await TestStores.with(race) }
        }
    }

    /// Moves that are old from the beginning, beside two runs after another.
    private func race(_ stores: TestStores) async throws {
        try await fill(stores.facts, tagCount: 0)
        let (facts, upkeep) = (stores.facts, TagHistoryUpkeep(facts: stores.facts, keep: Self.keep, batchCount: 3))
        let begin = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) - Self.day * 90
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<3 {
                group.addTask {
                    let tag = try Tag("v\(lane)")
                    for step in 1...60 {
                        let moment = begin + .seconds(step * 60)
                        let image = try Self.images[step % 2].name
                        let old = try await facts.write { facts in
                            let repository = try facts.ensureRepository(Self.name(), at: moment)
                            return step % 5 == 0
                                ? try facts.deleteTag(tag, in: repository, at: moment, by: "user:a")
                                : try facts.moveTag(tag, to: image, in: repository, at: moment, by: "user:a")
                        }
                        // Where it pointed is what the step before has left, whatever is known of it.
                        let before = try Self.images[(step - 1) % 2].name
                        #expect(old == ((step - 1) % 5 == 0 ? nil : before), "lane \(lane), step \(step)")
                    }
                    return 0
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    var count = 0
                    for _ in 0..<40 { count += try await upkeep.run() }
                    return count
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let gone = counts.reduce(0, +) + (try await upkeep.run())
        #expect(gone > 50, "\(counts)")
        #expect(try await facts.integrityProblems() == [])
    }

    @Test func `a run that finds nothing costs the same, however many tags there are`() async throws {
        var costs: [CountingEngine.Counts] = []
        for tagCount in [Self.tagCount, 60] {
            let (folder, box) = (try TemporaryFolder(inMemory: true), Box<CountingEngine>())
            let stores = try await TestStores.open(in: folder, before: { box.keep(CountingEngine($0)) })
            let engine = try #require(box.value)
            try await fill(stores.facts, tagCount: tagCount)
            let upkeep = TagHistoryUpkeep(facts: stores.facts, keep: Self.keep)
            engine.reset()
            let gone = try await upkeep.run()
            // Each move is looked at once, and goes once.
            #expect(engine.counts.rows <= 4 * gone + 20, "\(engine.counts) for \(gone)")
            engine.reset()
            #expect(try await upkeep.run() == 0)
            costs.append(engine.counts)
            try await stores.close()
        }
        #expect(costs[0] == costs[1] && costs[0].statements <= 3, "\(costs)")
    }
}
