import RegistryTesting
import Testing

@testable import Metadata

@Suite(.everyEngine) struct JobManagingTests {
    private func put(_ fixture: Fixture, _ kind: String = "a") async throws -> Int64 {
        try await fixture.facts.write { try $0.putJob(JobOrder(kind: kind, createdBy: "local")).id }
    }

    private func claim(_ fixture: Fixture) async throws -> JobHold {
        let job = try await fixture.facts.write {
            try $0.claimJob(kinds: ["a"], runner: "one", lease: .seconds(600))
        }
        return try #require(job).hold
    }

    private func state(_ id: Int64, _ fixture: Fixture) async throws -> JobState? {
        try await fixture.facts.read { try $0.job(id)?.state }
    }

    @Test func `what waits or rests is cancelled at once`() async throws {
        let fixture = try await Fixture()
        let (waiting, resting) = (try await put(fixture), try await put(fixture))
        try await fixture.facts.write { (facts) throws in
            #expect(try facts.pauseJob(resting, by: "bob") == .paused)
            for id in [waiting, resting] { #expect(try facts.cancelJob(id, by: "bob") == .cancelled) }
            #expect(try facts.cancelJob(waiting, by: "eve") == .cancelled)
            #expect(try facts.pauseJob(waiting, by: "eve") == .cancelled)
            #expect(try facts.resumeJob(waiting, by: "eve") == .cancelled)
            #expect(try facts.cancelJob(waiting + 100, by: "eve") == nil)
            #expect(try facts.pauseJob(waiting + 100, by: "eve") == nil)
            #expect(try facts.resumeJob(waiting + 100, by: "eve") == nil)
        }
        let job = try await fixture.facts.read { try $0.job(waiting) }
        #expect(job?.outcome == "cancelled by bob" && job?.endedAt != nil)
        #expect(try await fixture.facts.read { try $0.jobLog(of: waiting, limit: 9).count } == 1)
    }

    @Test func `who runs a job is asked to end it, and does`() async throws {
        let fixture = try await Fixture()
        let id = try await put(fixture)
        let hold = try await claim(fixture)
        try await fixture.facts.write { (facts) throws in
            #expect(try facts.pauseJob(id, by: "bob") == .running)
            #expect(try facts.renewJob(hold, lease: .seconds(600)) == .held(wish: .pause))
            #expect(try facts.cancelJob(id, by: "bob") == .running)
            #expect(try facts.pauseJob(id, by: "eve") == .running)
            #expect(try facts.resumeJob(id, by: "eve") == .running)
            #expect(try facts.renewJob(hold, lease: .seconds(600)) == .held(wish: .cancel))
            #expect(try facts.yieldJob(hold) == .cancelled)
        }
        #expect(try await state(id, fixture) == .cancelled)
    }

    @Test func `a job that rests goes on where it was`() async throws {
        let fixture = try await Fixture()
        let id = try await put(fixture)
        let hold = try await claim(fixture)
        try await fixture.facts.write { (facts) throws in
            _ = try facts.saveJob(hold, checkpoint: "[7]", progress: JobProgress(done: 7))
            #expect(try facts.pauseJob(id, by: "bob") == .running)
            #expect(try facts.yieldJob(hold) == .paused)
            #expect(try facts.claimJob(kinds: ["a"], runner: "two", lease: .seconds(600)) == nil)
            #expect(try facts.resumeJob(id, by: "bob") == .queued)
        }
        let job = try await fixture.facts.write {
            try $0.claimJob(kinds: ["a"], runner: "two", lease: .seconds(600))
        }
        #expect(job?.checkpoint == "[7]" && job?.progress.done == 7 && job?.attempts == 1 && job?.wish == nil)
    }

    @Test func `a wish holds also when the one who was asked is gone`() async throws {
        let fixture = try await Fixture()
        let ids = [try await put(fixture), try await put(fixture)]
        try await fixture.facts.write { (facts) throws in
            for _ in ids { _ = try facts.claimJob(kinds: ["a"], runner: "one", lease: .seconds(-1)) }
        }
        // Claimed one after another, the first was taken back by the claim of the second.
        try await fixture.facts.write { (facts) throws in
            for id in ids { _ = try facts.cancelJob(id, by: "bob") }
            try facts.takeBackJobs(limit: 10)
        }
        for id in ids { #expect(try await state(id, fixture) == .cancelled) }
    }

    @Test func `jobs are listed newest first, by kind and by state`() async throws {
        let fixture = try await Fixture()
        var ids: [Int64] = []
        for number in 0..<12 { ids.append(try await put(fixture, number % 3 == 0 ? "b" : "a")) }
        let cancelled = [ids[0], ids[1], ids[3]]
        try await fixture.facts.write { (facts) throws in
            for id in cancelled { _ = try facts.cancelJob(id, by: "bob") }
        }
        let found = { (search: JobSearch, before: Int64?, limit: Int) in
            try await fixture.facts.read { try $0.jobs(search, before: before, limit: limit).map(\.id) }
        }
        #expect(try await found(JobSearch(), nil, 100) == ids.reversed())
        #expect(try await found(JobSearch(), ids[5], 2) == [ids[4], ids[3]])
        #expect(try await found(JobSearch(kind: "b"), nil, 100) == [ids[9], ids[6], ids[3], ids[0]])
        #expect(try await found(JobSearch(state: .cancelled), nil, 100) == cancelled.reversed())
        #expect(try await found(JobSearch(kind: "b", state: .cancelled), ids[3], 100) == [ids[0]])
        #expect(try await found(JobSearch(kind: "c"), nil, 100) == [])
        #expect(try await fixture.facts.read { try $0.jobCount(in: .queued, upTo: 100) } == 9)
        #expect(try await fixture.facts.read { try $0.jobCount(in: .queued, upTo: 5) } == 5)
    }

    @Test func `a list leaves checkpoints out, and a job has its own`() async throws {
        let fixture = try await Fixture()
        let id = try await put(fixture)
        let hold = try await claim(fixture)
        let text = String(repeating: "x", count: JobFact.checkpointByteCountMax)
        #expect(try await fixture.facts.write { try $0.saveJob(hold, checkpoint: text, progress: JobProgress()) })
        #expect(try await fixture.facts.read { try $0.jobs(JobSearch(), limit: 1).map(\.checkpoint) } == [nil])
        #expect(try await fixture.facts.read { try $0.job(id)?.checkpoint } == text)
        await #expect(throws: MetadataError(.constraint, "")) {
            try await fixture.facts.write { try $0.saveJob(hold, checkpoint: text + "x", progress: JobProgress()) }
        }
    }

    @Test func `what ended long ago goes with its log, and of too many the oldest`() async throws {
        let fixture = try await Fixture()
        var ids: [Int64] = []
        for _ in 0..<10 { ids.append(try await put(fixture)) }
        let (ended, waiting) = (ids.dropLast(), ids[9])
        for id in ended { _ = try await fixture.facts.write { try $0.cancelJob(id, by: "bob") } }
        let forget = { (keep: Duration, countMax: Int, limit: Int) in
            try await fixture.facts.write { try $0.deleteOldJobs(keeping: keep, countMax: countMax, limit: limit) }
        }
        #expect(try await forget(.seconds(600), 100, 100) == 0)
        #expect(try await forget(.seconds(600), 7, 100) == 2)
        #expect(try await fixture.facts.read { try $0.jobs(JobSearch(), limit: 100).count } == 8)
        #expect(try await forget(.seconds(-600), 100, 3) == 3)
        #expect(try await forget(.seconds(-600), 100, 100) == 4)
        #expect(try await fixture.facts.read { try $0.jobs(JobSearch(), limit: 100).map(\.id) } == [waiting])
        let lines = try #require(FactTable.named("job_log"))
        #expect(try await fixture.facts.read { try $0.rows(of: lines, limit: 10) } == [])
    }

    // MARK: Schedules

    private func schedule(_ name: String, cron: String = "0 * * * *", next: Timestamp) -> JobScheduleFact {
        JobScheduleFact(name: name, kind: "a", cron: cron, zone: "UTC", nextAt: next)
    }

    @Test func `a schedule that is put again keeps its next time and its rest`() async throws {
        let fixture = try await Fixture()
        let now = try await fixture.facts.read { try $0.databaseTime() }
        let first = schedule("s", next: now + .seconds(60))
        try await fixture.facts.write { (facts) throws in
            try facts.putSchedule(first)
            #expect(try facts.setSchedule("s", isPaused: true))
            #expect(try !facts.setSchedule("t", isPaused: true))
            try facts.putSchedule(schedule("s", next: now + .seconds(90)))
        }
        var expected = first
        expected.isPaused = true
        #expect(try await fixture.facts.read { try $0.jobSchedules() } == [expected])
        // One that was made while the clock was ahead is not waited for.
        try await fixture.facts.write { facts in
            try facts.putSchedule(schedule("s", next: now + .seconds(90)), latest: now + .seconds(70))
            #expect(try facts.jobSchedule("s")?.nextAt == first.nextAt)
            try facts.putSchedule(schedule("s", next: now + .seconds(90)), latest: now + .seconds(50))
            #expect(try facts.jobSchedule("s")?.nextAt == now + .seconds(50))
        }
        let other = schedule("s", cron: "1 * * * *", next: now + .seconds(90))
        try await fixture.facts.write { try $0.putSchedule(other) }
        let changed = try await fixture.facts.read { try $0.jobSchedule("s") }
        #expect(changed?.cron == "1 * * * *" && changed?.nextAt == now + .seconds(90) && changed?.isPaused == true)
        #expect(try await fixture.facts.write { try $0.deleteSchedule("s") })
        #expect(try await fixture.facts.read { try $0.jobSchedules() } == [])
    }

    @Test func `a schedule whose time has come is moved on once`() async throws {
        let fixture = try await Fixture()
        let now = try await fixture.facts.read { try $0.databaseTime() }
        let (late, later) = (schedule("b", next: now - .seconds(60)), schedule("a", next: now - .seconds(30)))
        var (resting, waiting) = (schedule("c", next: now - .seconds(9)), schedule("d", next: now + .seconds(90)))
        resting.isPaused = true
        waiting.lastJob = nil
        let all = [late, later, resting, waiting]
        try await fixture.facts.write { (facts) throws in
            for schedule in all { try facts.putSchedule(schedule) }
        }
        let due = { (kinds: [String]) in
            try await fixture.facts.read { try $0.dueSchedules(kinds: kinds, limit: 10) }
        }
        #expect(try await due(["a"]) == [late, later])
        #expect(try await due(["b"]) == [])
        #expect(try await fixture.facts.read { try $0.dueWork(kinds: ["a"]).hasSchedule })
        #expect(try await fixture.facts.read { try $0.dueWork(kinds: ["b"]).hasSchedule } == false)
        #expect(try await fixture.facts.write { try $0.advanceSchedule(late, to: now + .seconds(600)) })
        #expect(try await fixture.facts.write { try $0.advanceSchedule(late, to: now + .seconds(700)) } == false)
        try await fixture.facts.write { try $0.noteJob(17, of: "b") }
        let moved = try await fixture.facts.read { try $0.jobSchedule("b") }
        #expect(moved?.nextAt == now + .seconds(600) && moved?.lastJob == 17)
        #expect(try await due(["a"]) == [later])
    }
}
