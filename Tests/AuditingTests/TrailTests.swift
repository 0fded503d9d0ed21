import RegistryTesting
import Testing

@testable import Auditing
@testable import Metadata

@Suite struct TrailTests {
    private static let start = Timestamp(microseconds: 1_700_000_000_000_000)

    private func fact(
        _ target: String,
        outcome: AuditFact.Outcome = .allowed,
        at moment: Timestamp = start
    ) -> AuditFact {
        AuditFact(
            at: moment,
            principal: "user:alice",
            address: "192.0.2.7",
            requestID: "\(moment.microseconds)",
            action: "manifest.pull",
            target: target,
            outcome: outcome
        )
    }

    // MARK: Equal ones

    @Test func `the first of equal entries is written at once, and the others as one when a minute is over`() {
        var queue = AuditQueue(at: Self.start)
        for second in 0..<50 {
            let moment = Self.start + .seconds(second)
            queue.add(fact("team/app:1", at: moment), at: moment)
            queue.add(fact("team/app:2", outcome: second == 0 ? .allowed : .denied, at: moment), at: moment)
            let written = queue.take(at: moment)
            #expect(written.map(\.times) == (second == 0 ? [1, 1] : second == 1 ? [1] : []))
        }
        #expect(queue.take(at: Self.start + .seconds(59)) == [])
        let gathered = queue.take(at: Self.start + .seconds(60))
        #expect(gathered.map(\.target) == ["team/app:1"])
        #expect(gathered.first?.times == 49)
        #expect(gathered.first?.at == Self.start + .seconds(49))
        #expect(queue.take(at: Self.start + .seconds(61)).map(\.times) == [48])
        #expect(queue.take(at: Self.start + .seconds(1000), all: true) == [])
    }

    @Test func `the end of the program does not wait for the minute`() {
        var queue = AuditQueue(at: Self.start)
        for _ in 0..<3 { queue.add(fact("a"), at: Self.start) }
        #expect(queue.take(at: Self.start, all: true).map(\.times).sorted() == [1, 2])
    }

    @Test func `entries that differ in anything but the moment and the request stay apart`() {
        var queue = AuditQueue(at: Self.start)
        let changes: [(inout AuditFact) -> Void] = [
            { _ in }, { $0.principal = "x" }, { $0.address = "x" }, { $0.action = "x" }, { $0.target = "x" },
            { $0.outcome = .failed }, { $0.reason = "x" }, { $0.details = "{}" },
        ]
        for change in changes {
            var changed = fact("a")
            change(&changed)
            queue.add(changed, at: Self.start)
        }
        #expect(queue.take(at: Self.start).count == changes.count)
    }

    // MARK: Bounds

    @Test func `a flood of refusals is counted, and leaves room for what was done`() throws {
        var queue = AuditQueue(at: Self.start)
        var (written, denied) = ([AuditFact](), Int64(0))
        for second in 0..<600 {
            let moment = Self.start + .seconds(second)
            for number in 0..<1000 {
                queue.add(fact("team/\(second)-\(number)", outcome: .denied, at: moment), at: moment)
                denied += 1
            }
            queue.add(fact("push \(second)", at: moment), at: moment)
            written += queue.take(at: moment)
        }
        written += queue.take(at: Self.start + .seconds(600), all: true)
        #expect(written.count { $0.outcome == .allowed } == 600)
        let kept = written.count { $0.outcome == .denied }
        #expect((1190...1201).contains(kept), "600 at once and 60 in each of ten minutes")
        let lost = written.filter { $0.action == "audit.dropped" }
        #expect((9...11).contains(lost.count))
        #expect(lost.reduce(0) { $0 + $1.times } + Int64(kept) == denied)
        #expect(lost.allSatisfy { $0.principal == "system" && $0.details.contains(#""others":0"#) })
    }

    @Test func `no more wait than may, whatever comes`() {
        var queue = AuditQueue(at: Self.start)
        for number in 0..<30_000 { queue.add(fact("\(number)"), at: Self.start) }
        #expect(queue.count == AuditQueue.countMax)
        let first = queue.take(at: Self.start)
        #expect(first.count == AuditQueue.countMax + 1)
        #expect(first.last?.times == 20_000)
        for number in 0..<100 { queue.add(fact("later \(number)"), at: Self.start) }
        queue.putBack(first)
        #expect(queue.count == AuditQueue.countMax)
        #expect(queue.take(at: Self.start + .seconds(60)).last?.times == 20_100, "what was lost once is counted still")
    }

    @Test func `a clock that is set back does not stop the audit`() {
        var queue = AuditQueue(at: Self.start)
        queue.add(fact("a"), at: Self.start)
        #expect(queue.take(at: Self.start - .seconds(3600)).count == 1)
        queue.add(fact("b"), at: Self.start - .seconds(3600))
        #expect(queue.take(at: Self.start - .seconds(3600)).count == 1)
    }

    // MARK: The database

    @Test func `what is handed in is in the database after the next flush`() async throws {
        try await AuditHouse.with { house in
            let trail = house.trail
            let facts = (1...1200).map { house.fact($0) }
            for fact in facts { trail.record(fact) }
            #expect(trail.waitingCount == 1200)
            await trail.flush()
            let written = try await house.entries().map(\.fact)
            #expect(written == facts)
            #expect(trail.waitingCount == 0)
        }
    }

    @Test func `what cannot be written waits, and is written in order when it can`() async throws {
        try await AuditHouse.with { house in
            let failing = FailingMetadataEngine(house.stores.engine)
            let log = house.sealer().log
            let clock = house.clock
            let trail = AuditTrail(FactStore(engine: failing), now: { clock.now() }, log: log)
            trail.record(house.fact(1))
            failing.failStep(1, lasting: true)
            await trail.flush()
            #expect(trail.waitingCount == 1)
            #expect(house.log.all.contains { $0.contains("the audit could not be written") })
            trail.record(house.fact(2))
            failing.failStep(nil)
            await trail.flush()
            let written = try await house.entries().map(\.fact.requestID)
            #expect(written == ["request-1", "request-2"])
        }
    }

    @Test func `what a stranger sends is cut, and never more than a database can hold`() async throws {
        try await AuditHouse.with { house in
            let trail = house.trail
            let long = String(repeating: "é", count: 10_000)
            trail.record(
                house.fact(1) { ($0.target, $0.reason, $0.details) = (long, "a\u{0}b", "{\"a\":\"\(long)\"}") }
            )
            await trail.flush()
            let fact = try #require(try await house.entries().first?.fact)
            #expect(fact.target.utf8.count <= 1024 && fact.target.hasPrefix("éé"))
            #expect(fact.reason == "a?b")
            #expect(fact.details == #"{"left_out_bytes":20008}"#)
        }
    }

    @Test func `a run writes without being asked, and stops when it is told to`() async throws {
        try await AuditHouse.with { house in
            let (trail, sealer) = (house.trail, house.sealer())
            trail.record(house.fact(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await trail.run() }
                group.addTask { await sealer.run() }
                try await eventually("the entry is sealed") { try await house.entries().first?.seal == 1 }
                group.cancelAll()
            }
        }
    }
}
