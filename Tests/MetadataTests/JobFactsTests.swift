import RegistryTesting
import Testing

@testable import Metadata

@Suite(.everyEngine) struct JobFactsTests {
    private static let long = Duration.seconds(600)

    private func put(_ order: JobOrder, _ fixture: Fixture) async throws -> Int64 {
        try await fixture.facts.write { try $0.putJob(order).id }
    }

    private func order(_ kind: String = "a.b", _ change: (inout JobOrder) -> Void = { _ in }) -> JobOrder {
        var order = JobOrder(kind: kind, createdBy: "user:alice")
        change(&order)
        return order
    }

    private func job(_ id: Int64, _ fixture: Fixture) async throws -> JobFact {
        try #require(try await fixture.facts.read { try $0.job(id) })
    }

    private func claim(
        _ fixture: Fixture,
        _ kinds: [String] = ["a.b"],
        as runner: String = "one",
        lease: Duration = long
    ) async throws -> JobFact? {
        try await fixture.facts.write { try $0.claimJob(kinds: kinds, runner: runner, lease: lease) }
    }

    private func log(_ id: Int64, _ fixture: Fixture) async throws -> [String] {
        try await fixture.facts.read { try $0.jobLog(of: id, limit: 10_000).map(\.text) }
    }

    // MARK: The queue

    @Test func `a job is found as it was put`() async throws {
        let fixture = try await Fixture()
        let wanted = order {
            ($0.arguments, $0.priority, $0.key, $0.attemptMax) = (#"{"é":1}"#, .high, "k", 7)
        }
        let id = try await put(wanted, fixture)
        let job = try await job(id, fixture)
        #expect(job.kind == "a.b" && job.arguments == #"{"é":1}"# && job.priority == .high && job.key == "k")
        #expect(job.state == .queued && job.attempts == 0 && job.attemptMax == 7 && job.createdBy == "user:alice")
        #expect(job.createdAt == job.dueAt && job.progress == JobProgress() && job.fence == 0)
        #expect(job.startedAt == nil && job.endedAt == nil && job.runner == nil && job.leaseUntil == nil)
        #expect(job.wish == nil && job.checkpoint == nil && job.outcome == nil)
        let now = try await fixture.facts.read { try $0.databaseTime() }
        #expect(job.createdAt <= now && job.createdAt > now - .seconds(60))
        #expect(try await fixture.facts.read { try $0.job(id + 1) } == nil)
    }

    @Test func `a key is had by one unfinished job`() async throws {
        let fixture = try await Fixture()
        let keyed = order { $0.key = "only" }
        let first = try await fixture.facts.write { try $0.putJob(keyed) }
        let second = try await fixture.facts.write { try $0.putJob(keyed) }
        #expect(first.isNew && !second.isNew && first.id == second.id)
        let job = try #require(try await claim(fixture))
        #expect(try await fixture.facts.write { try $0.putJob(keyed).isNew } == false)
        #expect(try await fixture.facts.write { try $0.succeedJob(job.hold, outcome: "done") })
        let third = try await fixture.facts.write { try $0.putJob(keyed) }
        #expect(third.isNew && third.id > first.id)
    }

    @Test func `of twenty at once one puts the job of a key`() async throws {
        let fixture = try await Fixture()
        let keyed = order { $0.key = "only" }
        let ids = try await withThrowingTaskGroup(of: (id: Int64, isNew: Bool).self) { group in
            for _ in 0..<20 { group.addTask { try await fixture.facts.write { try $0.putJob(keyed) } } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(ids.map(\.id)).count == 1 && ids.filter(\.isNew).count == 1)
    }

    @Test func `arguments that are too long are refused`() async throws {
        let fixture = try await Fixture()
        let long = order { $0.arguments = String(repeating: "x", count: JobFact.argumentByteCountMax + 1) }
        await #expect(throws: MetadataError(.constraint, "")) { try await put(long, fixture) }
    }

    @Test func `jobs are claimed by priority, then by the time when they were due, and none that is not due`()
        async throws
    {
        let fixture = try await Fixture()
        let low = try await put(order { $0.priority = .low }, fixture)
        let second = try await put(order(), fixture)
        let third = try await put(order(), fixture)
        let high = try await put(order { $0.priority = .high }, fixture)
        let first = try await put(order { $0.delay = .seconds(-60) }, fixture)
        let later = try await put(order { ($0.priority, $0.delay) = (.high, .seconds(60)) }, fixture)
        _ = try await put(order("other"), fixture)
        var claimed: [Int64] = []
        while let job = try await claim(fixture, ["x", "a.b"]) { claimed.append(job.id) }
        #expect(claimed == [high, first, second, third, low])
        #expect(try await job(later, fixture).state == .queued)
        #expect(try await claim(fixture, []) == nil)
        #expect(try await claim(fixture, ["othe", "ther"]) == nil)
        #expect(try await claim(fixture, ["other"])?.kind == "other")
    }

    @Test func `jobs claimed side by side are claimed once each`() async throws {
        let fixture = try await Fixture()
        for _ in 0..<30 { _ = try await put(order(), fixture) }
        let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for runner in 0..<6 {
                group.addTask {
                    var ids: [Int64] = []
                    while let job = try await claim(fixture, as: "\(runner)") { ids.append(job.id) }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 30 && Set(claimed).count == 30)
    }

    @Test func `what is due is told, by kind`() async throws {
        let fixture = try await Fixture()
        let due = { (kinds: [String]) in try await fixture.facts.read { try $0.dueWork(kinds: kinds) } }
        let nothing = DueWork(hasJob: false, hasEndedLease: false, hasSchedule: false)
        #expect(try await due(["a.b"]) == nothing)
        _ = try await put(order { $0.priority = .low }, fixture)
        #expect(try await due(["b"]) == nothing)
        #expect(try await due(["a.b"]) == DueWork(hasJob: true, hasEndedLease: false, hasSchedule: false))
        _ = try #require(try await claim(fixture, lease: .seconds(-1)))
        #expect(try await due(["b"]) == DueWork(hasJob: false, hasEndedLease: true, hasSchedule: false))
    }

    // MARK: What a runner writes

    @Test func `a claim is a right for a time, which is made longer`() async throws {
        let fixture = try await Fixture()
        let id = try await put(order(), fixture)
        let job = try #require(try await claim(fixture, lease: .seconds(60)))
        #expect(job.id == id && job.state == .running && job.attempts == 1 && job.runner == "one")
        let (started, end) = (try #require(job.startedAt), try #require(job.leaseUntil))
        #expect(end == started + .seconds(60))
        #expect(try await fixture.facts.write { try $0.renewJob(job.hold, lease: .seconds(600)) } == .held(wish: nil))
        let renewed = try await self.job(id, fixture)
        #expect(try #require(renewed.leaseUntil) >= end + .seconds(540))
        let progress = JobProgress(done: 3, total: 9, unit: "blobs")
        #expect(try await fixture.facts.write { try $0.saveJob(job.hold, checkpoint: "[1]", progress: progress) })
        #expect(try await fixture.facts.write { try $0.saveJob(job.hold, checkpoint: nil, progress: progress) })
        #expect(try await fixture.facts.write { try $0.appendLog(job.hold, level: .warning, "a\nb\0c") })
        let saved = try await self.job(id, fixture)
        #expect(saved.checkpoint == "[1]" && saved.progress == progress)
        #expect(try await log(id, fixture) == ["a b c"])
        #expect(try await fixture.facts.write { try $0.succeedJob(job.hold, outcome: "swept\n3") })
        let ended = try await self.job(id, fixture)
        #expect(ended.state == .succeeded && ended.outcome == "swept 3" && ended.runner == nil && ended.endedAt != nil)
    }

    @Test func `who has lost a job changes nothing of it`() async throws {
        let fixture = try await Fixture()
        let id = try await put(order(), fixture)
        let first = try #require(try await claim(fixture, lease: .seconds(-1))).hold
        let second = try #require(try await claim(fixture, as: "two"))
        #expect(second.id == id && second.attempts == 2 && second.fence > first.fence)
        let before = try await job(id, fixture)
        let lines = try await log(id, fixture)
        #expect(lines.count == 1 && lines.allSatisfy { $0.contains("one") })
        try await fixture.facts.write { (facts) throws in
            #expect(try facts.renewJob(first, lease: Self.long) == .lost)
            #expect(try !facts.saveJob(first, checkpoint: "{}", progress: JobProgress(done: 1)))
            #expect(try !facts.appendLog(first, "late"))
            #expect(try !facts.succeedJob(first, outcome: "late"))
            #expect(try facts.failJob(first, "late", retryAfter: .zero) == nil)
            #expect(try facts.yieldJob(first) == nil)
        }
        #expect(try await job(id, fixture) == before)
        #expect(try await log(id, fixture) == lines)
    }

    @Test func `a job whose program ends too often has failed`() async throws {
        let fixture = try await Fixture()
        let id = try await put(order { $0.attemptMax = 2 }, fixture)
        for _ in 0..<2 { #expect(try await claim(fixture, lease: .seconds(-1))?.id == id) }
        #expect(try await claim(fixture) == nil)
        let job = try await job(id, fixture)
        #expect(job.state == .failed && job.outcome == "its program ended 2 times while it ran")
    }

    @Test func `what fails is tried again after a time, until it was tried often enough`() async throws {
        let fixture = try await Fixture()
        let id = try await put(order { $0.attemptMax = 2 }, fixture)
        let first = try #require(try await claim(fixture)).hold
        #expect(try await fixture.facts.write { try $0.failJob(first, "no", retryAfter: .seconds(60)) } == .queued)
        let waiting = try await job(id, fixture)
        #expect(waiting.outcome == "no" && waiting.dueAt > waiting.createdAt + .seconds(30))
        #expect(try await claim(fixture) == nil)
        _ = try await fixture.facts.write { (facts) throws in
            _ = try facts.pauseJob(id, by: "bob")
            return try facts.resumeJob(id, by: "bob")
        }
        let second = try #require(try await claim(fixture)).hold
        #expect(try await fixture.facts.write { try $0.failJob(second, "never", retryAfter: .zero) } == .failed)
        #expect(try await job(id, fixture).outcome == "never")
        #expect(try await log(id, fixture) == ["no", "paused by bob", "resumed by bob", "never"])
        let other = try await put(order(), fixture)
        let third = try #require(try await claim(fixture)).hold
        #expect(try await fixture.facts.write { try $0.failJob(third, "hopeless", retryAfter: nil) } == .failed)
        #expect(try await job(other, fixture).attempts == 1)
    }

    @Test func `what is given back was not tried`() async throws {
        let fixture = try await Fixture()
        let id = try await put(order { $0.attemptMax = 1 }, fixture)
        for _ in 0..<3 {
            let hold = try #require(try await claim(fixture)).hold
            #expect(try await fixture.facts.write { try $0.yieldJob(hold) } == .queued)
        }
        #expect(try await job(id, fixture).attempts == 0)
    }

    @Test func `a log keeps its newest lines, and a line its first bytes`() async throws {
        let fixture = try await Fixture()
        let id = try await put(order(), fixture)
        let hold = try #require(try await claim(fixture)).hold
        let count = JobLogLine.countMax + 5
        try await fixture.facts.write { (facts) throws in
            for number in 1..<count { #expect(try facts.appendLog(hold, "\(number)")) }
            #expect(try facts.appendLog(hold, String(repeating: "ü", count: JobLogLine.byteCountMax)))
        }
        let lines = try await fixture.facts.read { try $0.jobLog(of: id, limit: 10_000) }
        #expect(lines.map(\.number) == Array((count - JobLogLine.countMax + 1)...count))
        #expect(lines.first?.text == "6" && lines.last?.text.utf8.count == JobLogLine.byteCountMax)
        let page = try await fixture.facts.read { try $0.jobLog(of: id, after: count - 2, limit: 1) }
        #expect(page.map(\.number) == [count - 1])
    }
}
