import Metadata
import Testing

@testable import MetadataPostgreSQL

@Suite("When a server has fewer connections than an engine may open")
struct ScarceConnectionTests {
    private typealias Started = (lane: Int, entry: Admission.Entry)

    private static let read = LanePool.Work(isWrite: false, subject: nil, run: { _ in }, fail: { _ in })

    private func admission(laneCount: Int, waiting count: Int) throws -> Admission {
        var admission = Admission(laneCount: laneCount, PostgreSQLOptions(connectionCount: laneCount))
        for _ in 0..<count { try admission.add(Self.read, admission.nextTicket()) }
        return admission
    }

    private func start(_ admission: inout Admission) throws -> Started {
        let started = admission.start()
        return try #require(started)
    }

    /// Whether a lane rests after what it has done.
    private func rests(_ started: Started, isConnected: Bool, _ admission: inout Admission) -> Bool {
        admission.next(after: started.entry, in: started.lane, isConnected: isConnected) == nil
    }

    @Test func `a lane that rests with a connection does what another could not do`() throws {
        var admission = try admission(laneCount: 2, waiting: 2)
        let (first, second) = (try start(&admission), try start(&admission))
        let hasRest = rests(first, isConnected: true, &admission)
        #expect(hasRest)
        // All lanes rest now, and one of them has a connection.
        admission.putBack(second.entry, from: second.lane)
        let again = try start(&admission)
        #expect(again.lane == first.lane && again.entry.ticket == second.entry.ticket)
        let more = admission.start() != nil
        #expect(!more)
    }

    @Test func `one that rests with a connection does so while others still try to connect`() throws {
        var admission = try admission(laneCount: 3, waiting: 3)
        let started = [try start(&admission), try start(&admission), try start(&admission)]
        let hasRest = rests(started[0], isConnected: true, &admission)
        #expect(hasRest)
        admission.putBack(started[1].entry, from: started[1].lane)
        let again = try start(&admission)
        #expect(again.lane == started[0].lane && again.entry.ticket == started[1].entry.ticket)
    }

    @Test func `lanes without a connection rest while another works`() throws {
        var admission = try admission(laneCount: 3, waiting: 2)
        let (first, second) = (try start(&admission), try start(&admission))
        admission.putBack(second.entry, from: second.lane)
        let isStarted = admission.start() != nil
        #expect(!isStarted)
        let next = admission.next(after: first.entry, in: first.lane, isConnected: true)
        #expect(next?.ticket == second.entry.ticket)
    }

    @Test func `where no connection is left at all, the next lane tries and nothing is stuck`() throws {
        var admission = try admission(laneCount: 2, waiting: 2)
        let (first, second) = (try start(&admission), try start(&admission))
        // Its connection broke, and what it did has failed.
        let hasRest = rests(first, isConnected: false, &admission)
        #expect(hasRest)
        admission.putBack(second.entry, from: second.lane)
        let again = try start(&admission)
        #expect(again.entry.ticket == second.entry.ticket)
    }
}
