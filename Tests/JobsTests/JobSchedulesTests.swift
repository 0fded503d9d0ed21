import Metadata
import RegistryTesting
import Testing

@testable import Jobs

@Suite struct JobSchedulesTests {
    private func kind(_ name: String, _ timetable: JobTimetable?, _ house: JobHouse) -> JobKind {
        JobKind(name, "Says that it was done.", timetable: timetable) { _ in
            house.seen.add(name)
            return "done"
        }
    }

    /// Has a schedule be due since some time.
    private func expire(_ name: String, by time: Duration, _ house: JobHouse) async throws {
        try await house.facts.write { facts in
            let schedule = try #require(try facts.jobSchedule(name))
            #expect(try facts.advanceSchedule(schedule, to: facts.databaseTime() - time))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what is done in intervals begins at once, and what has a time at its next`(database: TestDatabase)
        async throws
    {
        try await JobHouse.with(database) { house in
            let yearly = try JobTimetable("0 0 1 1 *", zone: "Europe/Berlin")
            let kinds = house.kinds(kind("often", .every(.seconds(3600)), house), kind("yearly", yearly, house))
            let queue = JobQueue(house.facts, kinds: kinds)
            try await house.run(house.runner(queue, "one")) {
                try await eventually("it is done") { house.seen.texts == ["often"] }
                try await eventually("it has ended") { house.seen.endings == [.succeeded] }
            }
            let schedules = try await house.facts.read { try $0.jobSchedules() }
            let now = try await house.facts.read { try $0.databaseTime() }
            #expect(schedules.map(\.name) == ["often", "yearly"])
            #expect(schedules.map(\.cron) == ["@every 3600s", "0 0 1 1 *"] && schedules[1].zone == "Europe/Berlin")
            #expect(schedules.allSatisfy { $0.nextAt > now })
            let last = try #require(schedules[0].lastJob)
            #expect(try await house.job(last).createdBy == "schedule:often" && schedules[1].lastJob == nil)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `of many servers one puts the job, and what was missed is made good once`(database: TestDatabase) async throws
    {
        try await JobHouse.with(database) { house in
            let daily = try JobTimetable("0 0 * * *", zone: "UTC")
            let schedules = JobSchedules(facts: house.facts, kinds: house.kinds(kind("daily", daily, house)))
            try await schedules.establish()
            for round in 1...3 {
                try await expire("daily", by: .seconds(10 * 86_400), house)
                let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<8 { group.addTask { try await schedules.putDue().count } }
                    return try await group.reduce(0, +)
                }
                #expect(counts == 1)
                let jobs = try await house.facts.read { try $0.jobs(JobSearch(kind: "daily"), limit: 10) }
                #expect(jobs.count == round)
                // The one before has ended before it is time again.
                _ = try await house.facts.write { try $0.cancelJob(jobs[0].id, by: "test") }
            }
            try await schedules.establish()
            #expect(try await schedules.putDue().count == 0)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what has not ended when it is time again is not put twice`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let kinds = house.kinds(kind("often", .every(.seconds(60)), house))
            let schedules = JobSchedules(facts: house.facts, kinds: kinds)
            try await schedules.establish()
            #expect(try await schedules.putDue().count == 1)
            try await expire("often", by: .seconds(1), house)
            #expect(try await schedules.putDue().count == 0)
            let put = try await JobQueue(house.facts, kinds: kinds).enqueue(kind: "often", by: "user:bob")
            #expect(!put.isNew)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a schedule that rests puts nothing until it goes on`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let schedules = JobSchedules(
                facts: house.facts,
                kinds: house.kinds(kind("often", .every(.seconds(60)), house))
            )
            try await schedules.establish()
            #expect(try await house.facts.write { try $0.setSchedule("often", isPaused: true) })
            try await schedules.establish()
            #expect(try await schedules.putDue().count == 0)
            #expect(try await house.facts.write { try $0.setSchedule("often", isPaused: false) })
            #expect(try await schedules.putDue().count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a schedule that cannot be read is told of and rests, and others go on`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let schedules = JobSchedules(
                facts: house.facts,
                kinds: house.kinds(kind("often", .every(.seconds(60)), house))
            )
            try await schedules.establish()
            let strange = ["* * * *", "@every 5m"]
            try await house.facts.write { facts in
                for (number, cron) in strange.enumerated() {
                    try facts.putSchedule(
                        JobScheduleFact(
                            name: "bad\(number)",
                            kind: "count",
                            cron: cron,
                            zone: "UTC",
                            nextAt: facts.databaseTime() - .seconds(9)
                        )
                    )
                }
            }
            let (count, problems) = try await schedules.putDue()
            #expect(count == 1 && problems.count == 2 && problems.allSatisfy { $0.hasPrefix("bad") })
            #expect(try await schedules.putDue().problems == [])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a schedule of a kind that is not known here is left to others`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let newer = JobSchedules(
                facts: house.facts,
                kinds: house.kinds(kind("newer", .every(.seconds(60)), house))
            )
            try await newer.establish()
            let older = JobSchedules(facts: house.facts, kinds: house.kinds())
            #expect(try await older.putDue().count == 0)
            #expect(try await newer.putDue().count == 1)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `jobs that ended long ago are forgotten, by the batch`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let queue = JobQueue(house.facts, kinds: house.kinds())
            for _ in 0..<45 {
                let id = try await queue.enqueue(kind: "count", by: "local").id
                _ = try await house.facts.write { try $0.cancelJob(id, by: "local") }
            }
            #expect(try await JobUpkeep(house.facts, keep: .seconds(600)).run() == 0)
            #expect(try await JobUpkeep(house.facts, keep: .seconds(600), countMax: 41).run() == 4)
            let kind = JobUpkeep(house.facts, keep: .seconds(-600)).kind
            let clearing = JobQueue(house.facts, kinds: house.kinds(kind))
            try await house.run(house.runner(clearing, "one")) {
                let id = try await clearing.enqueue(kind: "jobs.clear", by: "local").id
                try await house.wait(for: id, toBe: .succeeded)
                #expect(try await house.job(id).outcome == "forgot 41 jobs")
            }
        }
    }
}
