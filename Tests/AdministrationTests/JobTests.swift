import AdminModel
import Administration
import Metadata
import RegistryTesting
import Testing

/// Jobs as an administrator deals with them; nobody runs them here.
@Suite("Jobs")
struct JobTests {
    @Test("are put into the queue with who asked for them, and the audit has them")
    func run() async throws {
        let office = try await TestAdministration()
        let version = try await office.facts.read { try $0.accessVersion() }
        let made = try await office.management("admin").run(NewJob(kind: TestJobs.plain))
        #expect(made.isNew)
        #expect(made.job.state == "queued" && !made.job.hasEnded)
        #expect(made.job.createdBy == "user:admin" && made.job.arguments.isEmpty)
        #expect(try await office.local.job("\(made.job.id)") == made.job)
        let entry = try #require(try await office.audit().last)
        #expect((entry.action, entry.target) == ("job.run", "job-kind:\(TestJobs.plain)"))
        #expect(entry.details == #"{"isNew":"true","job":"\#(made.job.id)"}"#)
        #expect(try await office.facts.read { try $0.accessVersion() } == version, "no rule has changed")
    }

    @Test("wait once: what is asked for again is the one that has not ended")
    func again() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.run(NewJob(kind: TestJobs.plain))
        let second = try await office.local.run(NewJob(kind: TestJobs.plain))
        #expect((first.isNew, second.isNew) == (true, false))
        #expect(first.job == second.job)
        _ = try await office.local.cancelJob("\(first.job.id)")
        let asked = try await office.local.run(NewJob(kind: TestJobs.asking, arguments: ["to": "\u{0}é/\""]))
        #expect(try await office.local.job("\(asked.job.id)").arguments == ["to": "\u{0}é/\""])
        let third = try await office.local.run(NewJob(kind: TestJobs.plain))
        #expect(third.isNew && third.job.id > first.job.id)
    }

    @Test("of a kind that there is not are refused, with those that there are; so are arguments that none takes")
    func unknown() async throws {
        let office = try await TestAdministration()
        let kind = await Self.problem { _ = try await office.local.run(NewJob(kind: "tests.plan")) }
        #expect((kind?.code, kind?.field) == (.unprocessable, "kind"))
        #expect(kind?.message == #"there is no kind of job "tests.plan"; there are tests.asking, tests.plain"#)
        let many = Dictionary(uniqueKeysWithValues: (0..<33).map { ("a\($0)", "b") })
        for arguments in [many, ["": "b"], ["to": String(repeating: "b", count: 17 << 10)], ["form": "b"]] {
            let problem = await Self.problem {
                _ = try await office.local.run(NewJob(kind: TestJobs.asking, arguments: arguments))
            }
            #expect((problem?.code, problem?.field) == (.unprocessable, "arguments"))
        }
        #expect(try await office.local.jobs(JobQuestion(), after: nil, limit: 10).items.isEmpty)
    }

    // MARK: One that is there

    @Test("that wait are paused, resumed and cancelled at once; what has ended stays so")
    func waiting() async throws {
        let office = try await TestAdministration()
        let id = "\(try await office.local.run(NewJob(kind: TestJobs.plain)).job.id)"
        #expect(try await office.local.pauseJob(id).state == "paused")
        #expect(try await office.local.pauseJob(id).state == "paused")
        #expect(try await office.local.resumeJob(id).state == "queued")
        let ended = try await office.management("admin").cancelJob(id)
        #expect(ended.state == "cancelled" && ended.hasEnded)
        #expect(ended.outcome == "cancelled by user:admin")
        #expect(try await office.local.cancelJob(id) == ended)
        let count = try await office.audit().count
        for change in [Management.pauseJob, Management.resumeJob] {
            let problem = await Self.problem { _ = try await change(office.local)(id) }
            #expect(problem?.code == .conflict)
            #expect(problem?.message == "the job \(id) has ended: its state is cancelled")
        }
        #expect(try await office.audit().count == count, "what was refused is no change")
        let log = try await office.local.jobLog(of: id, after: nil, limit: 10).items
        #expect(log.map(\.text).last == "cancelled by user:admin")
        #expect(Set(log.map(\.level)) == ["info"])
    }

    @Test("that run are asked to stop, and one that is to end neither pauses nor goes on")
    func running() async throws {
        let office = try await TestAdministration()
        let id = "\(try await office.local.run(NewJob(kind: TestJobs.plain)).job.id)"
        let claimed = try await office.facts.write {
            try $0.claimJob(kinds: [TestJobs.plain], runner: "here", lease: .seconds(60))
        }
        #expect(claimed.map { "\($0.id)" } == id)
        let paused = try await office.local.pauseJob(id)
        #expect((paused.state, paused.wish, paused.runner) == ("running", "pause", "here"))
        #expect(try await office.local.resumeJob(id).wish == nil)
        let cancelled = try await office.local.cancelJob(id)
        #expect((cancelled.state, cancelled.wish) == ("running", "cancel"))
        for change in [Management.pauseJob, Management.resumeJob] {
            #expect(await Self.problem { _ = try await change(office.local)(id) }?.code == .conflict)
        }
        #expect(try await office.local.job(id).wish == "cancel")
    }

    @Test("that are to end are no answer to who wants the same: that is said, and after their end a new one is put")
    func ending() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.run(NewJob(kind: TestJobs.plain)).job.id
        let claimed = try await office.facts.write {
            try $0.claimJob(kinds: [TestJobs.plain], runner: "here", lease: .seconds(60))
        }
        #expect(try await !office.local.run(NewJob(kind: TestJobs.plain)).isNew)
        _ = try await office.local.cancelJob("\(first)")
        let count = try await office.audit().count
        let problem = await Self.problem { _ = try await office.local.run(NewJob(kind: TestJobs.plain)) }
        #expect(problem?.code == .conflict)
        #expect(problem?.message.hasPrefix("the job \(first) does the same, and somebody has cancelled it") == true)
        #expect(try await office.audit().count == count, "what was refused is no change")
        let hold = try #require(claimed).hold
        #expect(try await office.facts.write { try $0.yieldJob(hold) } == .cancelled)
        let next = try await office.local.run(NewJob(kind: TestJobs.plain))
        #expect(next.isNew && next.job.id > first)
    }

    @Test("of a kind that were asked with something else are no answer: that is said, and nothing is put")
    func otherArguments() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.run(NewJob(kind: TestJobs.asking, arguments: ["to": "a"]))
        #expect(try await !office.local.run(NewJob(kind: TestJobs.asking, arguments: ["to": "a"])).isNew)
        for other in [["to": "b"], [:]] {
            let problem = await Self.problem {
                _ = try await office.local.run(NewJob(kind: TestJobs.asking, arguments: other))
            }
            #expect(problem?.code == .conflict)
            #expect(
                problem?.message == "there is one job of \(TestJobs.asking) at a time, and the job \(first.job.id) was "
                    + #"asked with other arguments: {"to":"a"}; wait until it has ended, or cancel it"#
            )
        }
        #expect(try await office.local.jobs(JobQuestion(), after: nil, limit: 10).items.count == 1)
    }

    @Test("have kinds, which are listed by name in pages with what they take")
    func kinds() async throws {
        let office = try await TestAdministration()
        let first = try await office.local.jobKinds(after: nil, limit: 1)
        #expect(first.items.map(\.name) == [TestJobs.asking] && first.next != nil)
        let next = try await office.local.jobKinds(after: first.next, limit: 10)
        #expect(next.items == [KnownJobKind(name: TestJobs.plain, title: "Does nothing.", attemptMax: 3)])
        #expect(next.next == nil)
        #expect(first.items[0].arguments == ["to"] && first.items[0].title == "Does nothing to something.")
    }

    @Test("that there are not are not there, whatever stands in the path", arguments: ["7", "07", "+1", "x", "-1"])
    func missing(_ id: String) async throws {
        let office = try await TestAdministration()
        try await TestJobs.furnish(office.facts)
        for change in [Management.job, Management.cancelJob, Management.pauseJob, Management.resumeJob] {
            #expect(await Self.problem { _ = try await change(office.local)(id) }?.code == .notFound)
        }
        let log = await Self.problem { _ = try await office.local.jobLog(of: id, after: nil, limit: 10) }
        #expect(log?.code == .notFound)
    }

    @Test("are listed the newest first, by kind and by state, in pages")
    func pages() async throws {
        let office = try await TestAdministration()
        try await office.facts.write { facts in
            for number in 1...7 {
                _ = try facts.putJob(JobOrder(kind: number % 2 == 0 ? "even" : "odd", createdBy: "system"))
            }
            _ = try facts.cancelJob(3, by: "system")
        }
        func ids(_ question: JobQuestion, limit: Int) async throws -> [[Int64]] {
            var (pages, after): ([[Int64]], Int64?) = ([], nil)
            repeat {
                let page = try await office.local.jobs(question, after: after, limit: limit)
                pages.append(page.items.map(\.id))
                after = page.next.flatMap { Int64($0) }
            } while after != nil
            return pages
        }
        #expect(try await ids(JobQuestion(), limit: 3) == [[7, 6, 5], [4, 3, 2], [1]])
        #expect(try await ids(JobQuestion(), limit: 7) == [[7, 6, 5, 4, 3, 2, 1]])
        #expect(try await ids(JobQuestion(kind: "odd"), limit: 10) == [[7, 5, 3, 1]])
        #expect(try await ids(JobQuestion(state: "cancelled"), limit: 10) == [[3]])
        #expect(try await ids(JobQuestion(kind: "odd", state: "queued"), limit: 2) == [[7, 5], [1]])
        let wrong = await Self.problem { _ = try await ids(JobQuestion(state: "done"), limit: 1) }
        #expect((wrong?.code, wrong?.field) == (.invalid, "state"))
    }

    // MARK: Schedules

    @Test("are put by schedules, which can be paused and go on")
    func schedules() async throws {
        let office = try await TestAdministration()
        try await TestJobs.furnish(office.facts)
        let schedule = try #require(try await office.local.jobSchedules(after: nil, limit: 10).items.first)
        #expect((schedule.name, schedule.kind, schedule.isPaused) == ("nightly", TestJobs.plain, false))
        let admin = try await office.management("admin")
        #expect(try await admin.changeJobSchedule("nightly", JobScheduleChange()) == schedule)
        #expect(try await admin.changeJobSchedule("nightly", JobScheduleChange(isPaused: true)).isPaused)
        #expect(try await office.local.jobSchedules(after: nil, limit: 10).items.map(\.isPaused) == [true])
        let entry = try #require(try await office.audit().last)
        #expect((entry.action, entry.target) == ("job-schedule.change", "job-schedule:nightly"))
        #expect(entry.details == #"{"isPaused":"true"}"#)
        #expect(try await admin.changeJobSchedule("nightly", JobScheduleChange(isPaused: false)) == schedule)
        let missing = await Self.problem {
            _ = try await office.local.changeJobSchedule("never", JobScheduleChange(isPaused: true))
        }
        #expect(missing?.code == .notFound)
    }

    private static func problem(_ body: () async throws -> Void) async -> Problem? {
        do {
            try await body()
            Issue.record("it was done")
            return nil
        } catch {
            #expect(error is Problem, "\(error)")
            return error as? Problem
        }
    }
}
