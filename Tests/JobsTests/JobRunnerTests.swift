import Metadata
import RegistryTesting
import Synchronization
import Testing

@testable import Jobs

@Suite struct JobRunnerTests {
    @Test(arguments: TestDatabase.allCases)
    func `work that is put is done, and says what came of it`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let kind = JobKind("greet", "Greets.", argumentNames: ["whom"]) { run in
                run.report(JobProgress(done: 1, total: 2, unit: "words"))
                try await run.log("about to greet with \(run.arguments)")
                return "hello"
            }
            let queue = JobQueue(house.facts, kinds: house.kinds(kind))
            try await house.run(house.runner(queue, "one")) {
                let (id, isNew) = try await queue.enqueue(kind: "greet", arguments: #"{"whom":"x"}"#, by: "user:bob")
                #expect(isNew)
                try await house.wait(for: id, toBe: .succeeded)
                let job = try await house.job(id)
                #expect(job.outcome == "hello" && job.createdBy == "user:bob" && job.attempts == 1)
                #expect(job.progress == JobProgress(done: 1, total: 2, unit: "words"))
                #expect(try await house.log(id) == [#"about to greet with {"whom":"x"}"#])
            }
            #expect(house.seen.endings == [.succeeded])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `two runners do each job once, and no more at once than they may`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let gauge = ConcurrencyGauge()
            let kind = JobKind("add", "Adds.", isSingle: false) { run in
                await gauge.use { try? await Task.sleep(for: .milliseconds(5)) }
                house.seen.add("\(run.job.id)")
                return ""
            }
            let kinds = house.kinds(kind)
            let queues = [JobQueue(house.facts, kinds: kinds), JobQueue(house.facts, kinds: kinds)]
            var ids: [Int64] = []
            for _ in 0..<40 { ids.append(try await queues[0].enqueue(kind: "add", by: "local").id) }
            let runners = queues.enumerated().map { house.runner($1, "\($0)", lease: .seconds(60), concurrency: 2) }
            try await house.run(runners[0], runners[1]) {
                for id in ids { try await house.wait(for: id, toBe: .succeeded) }
            }
            #expect(house.seen.texts.compactMap { Int64($0) }.sorted() == ids)
            #expect(await gauge.most <= 4)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `the work of a process that was killed goes on elsewhere, where it was`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let queue = JobQueue(house.facts, kinds: house.kinds())
            let id = try await queue.enqueue(kind: "count", by: "local").id
            // Whoever is killed says nothing more.
            let dead = try await house.facts.write { facts in
                let job = try facts.claimJob(kinds: ["count"], runner: "dead", lease: .milliseconds(700))
                if let hold = job?.hold { _ = try facts.saveJob(hold, checkpoint: "6", progress: JobProgress(done: 6)) }
                return job
            }
            let hold = try #require(dead).hold
            try await house.run(house.runner(queue, "alive")) {
                try await house.wait(for: id, toBe: .succeeded)
            }
            #expect(house.seen.texts == ["from 6"])
            let job = try await house.job(id)
            #expect(job.attempts == 2 && job.checkpoint == "10" && job.startedAt == dead?.startedAt)
            #expect(try await house.log(id).contains { $0.hasPrefix("dead has not been heard of") })
            #expect(try await house.facts.write { try $0.succeedJob(hold, outcome: "late") } == false)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a runner that cannot reach the database stops its work before another begins it`(database: TestDatabase)
        async throws
    {
        try await JobHouse.with(database) { house in
            let stopped = Flag()
            let kind = JobKind("hold", "Holds on.", isSingle: true) { run in
                guard run.attempt == 1 else {
                    house.seen.add(stopped.isRaised ? "after" : "too early")
                    return ""
                }
                house.seen.add("waits")
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    stopped.raise()
                    throw error
                }
                return "nobody stopped it"
            }
            let cut = JobQueue(FactStore(engine: house.gate), kinds: house.kinds(kind))
            let other = JobQueue(house.facts, kinds: house.kinds(kind))
            let id = try await cut.enqueue(kind: "hold", by: "local").id
            try await house.run(house.runner(cut, "cut off", lease: .seconds(10))) {
                try await eventually("it runs") { house.seen.texts == ["waits"] }
                house.gate.failStep(1, lasting: true)
                try await house.run(house.runner(other, "other", lease: .seconds(60))) {
                    try await house.wait(for: id, toBe: .succeeded)
                }
                try await eventually("both have ended") { house.seen.endings.count == 2 }
                house.gate.failStep(nil)
            }
            #expect(house.seen.texts == ["waits", "after"])
            #expect(Set(house.seen.endings) == [.lost, .succeeded])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `work that was stopped because the database was away is given back, and that is no try`(
        database: TestDatabase
    ) async throws {
        try await JobHouse.with(database) { house in
            let stopped = Flag()
            let kind = JobKind("hold", "Holds on.") { run in
                house.seen.add("try \(run.attempt)")
                guard !stopped.isRaised else { return "done" }
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    stopped.raise()
                    throw error
                }
                return "nobody stopped it"
            }
            let queue = JobQueue(FactStore(engine: house.gate), kinds: house.kinds(kind))
            let id = try await queue.enqueue(kind: "hold", by: "local").id
            try await house.run(house.runner(queue, "one", lease: .seconds(20), insistence: .seconds(60))) {
                try await eventually("it runs") { house.seen.texts == ["try 1"] }
                house.gate.failStep(1, lasting: true)
                try await eventually("it is stopped") { stopped.isRaised }
                house.gate.failStep(nil)
                try await house.wait(for: id, toBe: .succeeded)
            }
            #expect(house.seen.texts == ["try 1", "try 1"])
            #expect(house.seen.endings == [.returned, .succeeded])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `time is made longer for as long as work takes`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let mayEnd = Flag()
            let kind = JobKind("slow", "Takes its time.") { run in
                run.report(JobProgress(done: 3, total: 6))
                while !mayEnd.isRaised { try await Task.sleep(for: .milliseconds(20)) }
                return "done"
            }
            let queue = JobQueue(house.facts, kinds: house.kinds(kind))
            let id = try await queue.enqueue(kind: "slow", by: "local").id
            try await house.run(
                house.runner(queue, "one", lease: .seconds(18)),
                house.runner(JobQueue(house.facts, kinds: house.kinds(kind)), "two", lease: .seconds(18))
            ) {
                try await eventually("it runs") { try await house.job(id).leaseUntil != nil }
                let end = try #require(try await house.job(id).leaseUntil)
                try await eventually("its time is longer") { try await house.job(id).leaseUntil ?? end > end }
                #expect(try await house.job(id).progress == JobProgress(done: 3, total: 6))
                mayEnd.raise()
                try await house.wait(for: id, toBe: .succeeded)
            }
            #expect(try await house.job(id).attempts == 1)
            #expect(house.seen.endings == [.succeeded])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a runner that stops gives its work back at once, and nothing is counted`(database: TestDatabase)
        async throws
    {
        try await JobHouse.with(database) { house in
            let queue = JobQueue(house.facts, kinds: house.kinds())
            let id = try await queue.enqueue(kind: "wait", by: "local").id
            for round in 1...2 {
                try await house.run(house.runner(queue, "\(round)", lease: .seconds(600))) {
                    try await eventually("it runs") { house.seen.texts.count == round }
                }
                let job = try await house.job(id)
                #expect(job.state == .queued && job.attempts == 0 && job.checkpoint == "[1]" && job.runner == nil)
            }
            // It may be claimed once more at the moment at which its runner stops.
            #expect(house.seen.endings.count >= 2 && Set(house.seen.endings) == [.returned])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `who wants work to end or to rest has it so, and it goes on when it may`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let queue = JobQueue(house.facts, kinds: house.kinds())
            try await house.run(house.runner(queue, "one", lease: .seconds(12))) {
                let id = try await queue.enqueue(kind: "wait", by: "local").id
                try await eventually("it runs") { house.seen.texts.count == 1 }
                #expect(try await house.facts.write { try $0.pauseJob(id, by: "bob") } == .running)
                try await house.wait(for: id, toBe: .paused)
                #expect(try await house.facts.write { try $0.resumeJob(id, by: "bob") } == .queued)
                try await eventually("it runs again") { house.seen.texts.count == 2 }
                #expect(try await house.facts.write { try $0.cancelJob(id, by: "bob") } == .running)
                try await house.wait(for: id, toBe: .cancelled)
            }
            #expect(house.seen.endings == [.paused, .cancelled])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what fails is tried again, unless that is of no use`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let flaky = JobKind(
                "flaky",
                "Fails twice.",
                backoff: JobKind.Backoff(first: .milliseconds(10), longest: .milliseconds(20))
            ) { run in
                guard run.attempt > 2 else { throw JobFailure("attempt \(run.attempt)") }
                return "third"
            }
            let hopeless = JobKind("hopeless", "Fails.") { _ in throw JobFailure("never", isWorthTrying: false) }
            let queue = JobQueue(house.facts, kinds: house.kinds(flaky, hopeless))
            try await house.run(house.runner(queue, "one")) {
                let first = try await queue.enqueue(kind: "flaky", by: "local").id
                let second = try await queue.enqueue(kind: "hopeless", by: "local").id
                try await house.wait(for: first, toBe: .succeeded)
                try await house.wait(for: second, toBe: .failed)
                #expect(try await house.job(second).outcome == "never")
                #expect(try await house.log(first) == ["attempt 1", "attempt 2"])
            }
            let endings = Dictionary(grouping: house.seen.endings) { $0 }.mapValues(\.count)
            #expect(endings == [.retried: 2, .succeeded: 1, .failed: 1])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a runner leaves alone what it does not know`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { house in
            let queue = JobQueue(house.facts, kinds: house.kinds())
            let newer = try await house.facts.write { try $0.putJob(JobOrder(kind: "newer", createdBy: "local")).id }
            try await house.run(house.runner(queue, "one")) {
                let id = try await queue.enqueue(kind: "count", by: "local").id
                try await house.wait(for: id, toBe: .succeeded)
            }
            #expect(try await house.job(newer).state == .queued)
        }
    }

    @Test func `a wait is twice as long after each failure, up to the longest`() {
        let backoff = JobKind.Backoff(first: .seconds(10), longest: .seconds(60))
        let expected = [10, 20, 40, 60, 60].map { Duration.seconds($0) }
        #expect((1...5).map(backoff.time) == expected)
        #expect(backoff.time(after: .max) == .seconds(60) && backoff.time(after: 0) == .seconds(10))
    }
}

/// Counts how many are inside at once.
private actor ConcurrencyGauge {
    private(set) var most = 0
    private var now = 0

    func use(_ body: () async -> Void) async {
        now += 1
        most = max(most, now)
        await body()
        now -= 1
    }
}

/// Something that can be said once and is then so.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isRaised: Bool { value.withLock { $0 } }

    func raise() { value.withLock { $0 = true } }
}
