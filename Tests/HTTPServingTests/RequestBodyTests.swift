import NIOCore
import Synchronization
import Testing

@testable import HTTPServing

@Suite struct RequestBodyTests {
    /// A body, and how often its reader asked the connection for more.
    private final class Incoming: Sendable {
        let demands: Demands
        let body: RequestBody

        init(budget: BodyBudget = BodyBudget(byteCount: 1 << 20)) {
            let demands = Demands()
            self.demands = demands
            body = RequestBody(declaredByteCount: nil, budget: budget, source: .init(demand: { demands.add() }))
        }
    }

    private final class Demands: Sendable {
        private let total = Atomic(0)
        var count: Int { total.load(ordering: .relaxed) }
        func add() { total.wrappingAdd(1, ordering: .relaxed) }
    }

    private static func text(_ batch: [ByteBuffer]?) -> String? {
        batch.map { $0.map { String(buffer: $0) }.joined() }
    }

    @Test func `bytes that are there are handed out without a wait`() async throws {
        let body = RequestBody(ByteBuffer(string: "abc"))
        #expect(body.declaredByteCount == 3)
        #expect(Self.text(try await body.next(upTo: 1)) == "abc")
        #expect(try await body.next(upTo: 1) == nil)
    }

    @Test func `a reader that waits is woken when it has what it asked for`() async throws {
        let incoming = Incoming()
        async let batch = incoming.body.next(upTo: 6)
        try await eventually("the reader waits") { incoming.body.isAwaited }
        #expect(incoming.demands.count == 1)
        incoming.body.receive(ByteBuffer(string: "abc"))
        #expect(incoming.body.isAwaited)
        incoming.body.receive(ByteBuffer(string: "def"))
        let text = Self.text(try await batch)
        #expect(text == "abcdef")
    }

    @Test func `the end hands out what is there, and then says so`() async throws {
        let incoming = Incoming()
        async let batch = incoming.body.next(upTo: 100)
        try await eventually("the reader waits") { incoming.body.isAwaited }
        incoming.body.receive(ByteBuffer(string: "abc"))
        incoming.body.end()
        let text = Self.text(try await batch)
        #expect(text == "abc")
        #expect(try await incoming.body.next(upTo: 100) == nil)
        #expect(try await incoming.body.next(upTo: 100) == nil)
    }

    @Test(arguments: [RequestBody.Failure.connectionClosed, .stalled, .malformed])
    func `a failure comes behind the bytes that came before it`(failure: RequestBody.Failure) async throws {
        let incoming = Incoming()
        incoming.body.receive(ByteBuffer(string: "abc"))
        incoming.body.fail(failure)
        #expect(Self.text(try await incoming.body.next(upTo: 100)) == "abc")
        await #expect(throws: failure) { try await incoming.body.next(upTo: 100) }
        await #expect(throws: failure) { try await incoming.body.next(upTo: 100) }
    }

    @Test func `a failure wakes a reader that waits`() async throws {
        let incoming = Incoming()
        async let outcome = Self.outcome(incoming.body)
        try await eventually("the reader waits") { incoming.body.isAwaited }
        incoming.body.fail(.connectionClosed)
        #expect(await outcome == "connectionClosed")
    }

    private static func outcome(_ body: RequestBody) async -> String {
        do {
            return text(try await body.next(upTo: 100)) ?? "the end"
        } catch {
            return "\(error)"
        }
    }

    @Test func `the first of several failures counts, and none after the end`() async throws {
        let failed = Incoming()
        failed.body.fail(.stalled)
        failed.body.fail(.connectionClosed)
        await #expect(throws: RequestBody.Failure.stalled) { try await failed.body.next(upTo: 1) }
        let ended = Incoming()
        ended.body.end()
        ended.body.fail(.connectionClosed)
        #expect(try await ended.body.next(upTo: 1) == nil)
    }

    @Test func `the connection reads no further than the reader asked`() async throws {
        let incoming = Incoming()
        #expect(incoming.body.wantsMore)
        incoming.body.receive(ByteBuffer(repeating: 0, count: RequestBody.aheadByteCount))
        #expect(!incoming.body.wantsMore)
        let batch = try await incoming.body.next(upTo: 1000)
        #expect(batch?.first?.readableBytes == RequestBody.aheadByteCount)
        #expect(incoming.body.wantsMore)
        #expect(incoming.demands.count == 1, "the connection was not told that there is room again")
        incoming.body.receive(ByteBuffer(repeating: 0, count: 1000))
        #expect(!incoming.body.wantsMore)
    }

    /// A hundred thousand readers and writers meet in every order that two threads give.
    @Test func `no reader is left waiting when the end, a failure or bytes come as it begins to wait`() async throws {
        for round in 0..<20_000 {
            let incoming = Incoming()
            async let read = Self.drain(incoming.body)
            await Task.yield()
            if round % 2 == 0 { incoming.body.receive(ByteBuffer(string: "abc")) }
            if round % 3 == 0 { incoming.body.fail(.connectionClosed) } else { incoming.body.end() }
            #expect(await read == (round % 2 == 0 ? 3 : 0))
        }
    }

    private static func drain(_ body: RequestBody) async -> Int {
        var count = 0
        do {
            while let batch = try await body.next(upTo: 2) { count += batch.reduce(0) { $0 + $1.readableBytes } }
        } catch {}
        return count
    }

    @Test func `small pieces are gathered, so that they do not keep large reads in memory`() async throws {
        let incoming = Incoming()
        var read = ByteBuffer(repeating: 7, count: 64 << 10)
        for _ in 0..<10_000 { incoming.body.receive(read.readSlice(length: 6) ?? ByteBuffer()) }
        let batch = try #require(try await incoming.body.next(upTo: 1))
        #expect(batch.count <= 4)
        #expect(batch.map(\.storageCapacity).reduce(0, +) <= 4 * 16 << 10)
        #expect(batch.map(\.readableBytes).reduce(0, +) == 60_000)
        #expect(batch.allSatisfy { $0.readableBytesView.allSatisfy { $0 == 7 } })
    }

    @Test func `gathered pieces keep their place among whole reads`() async throws {
        let incoming = Incoming()
        let large = ByteBuffer(repeating: UInt8(ascii: "-"), count: 8 << 10)
        var small = ByteBuffer(string: String(repeating: "ab", count: 4 << 10))
        for _ in 0..<3 {
            incoming.body.receive(small.readSlice(length: 2) ?? ByteBuffer())
            incoming.body.receive(large)
        }
        incoming.body.receive(small.readSlice(length: 1) ?? ByteBuffer())
        incoming.body.receive(small.readSlice(length: 1) ?? ByteBuffer())
        incoming.body.end()
        let text = Self.text(try await incoming.body.next(upTo: 1 << 20))
        let dashes = String(repeating: "-", count: 8 << 10)
        #expect(text == "ab\(dashes)ab\(dashes)ab\(dashes)ab")
    }
}

@Suite struct BodyBudgetTests {
    @Test func `batches shrink as bodies grow in number, and grow again`() {
        let budget = BodyBudget(byteCount: 8 << 20)
        #expect(budget.batchByteCount == 1 << 20)
        var bodies: [RequestBody] = []
        func body() -> RequestBody { RequestBody(declaredByteCount: nil, budget: budget, source: .init(demand: {})) }
        for _ in 0..<4 { bodies.append(body()) }
        #expect(budget.batchByteCount == 1 << 20)
        for _ in 0..<4 { bodies.append(body()) }
        #expect(budget.batchByteCount == 512 << 10)
        for _ in 0..<24 { bodies.append(body()) }
        #expect(budget.batchByteCount == 128 << 10)
        #expect(bodies.count * 2 * budget.batchByteCount <= 8 << 20)
        for _ in 0..<1000 { bodies.append(body()) }
        #expect(budget.batchByteCount == BodyBudget.batchByteCountMin)
        bodies.removeAll()
        #expect(budget.batchByteCount == BodyBudget.batchByteCountMax)
    }
}
