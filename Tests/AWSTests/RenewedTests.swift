import Foundation
import Synchronization
import Testing

@testable import AWS

@Suite struct RenewedTests {
    /// A clock that is set, and a source that counts and can be held up or fail.
    private final class Source: Sendable {
        struct Failed: Error {}

        private struct State {
            var now = Date(timeIntervalSince1970: 1_000_000)
            var count = 0
            var isFailing = false
            var lifetime: TimeInterval? = 3600
            var isOpen = true
        }

        private let state = Mutex(State())

        var now: Date { state.withLock { $0.now } }
        var count: Int { state.withLock { $0.count } }

        func pass(_ seconds: TimeInterval) { state.withLock { $0.now += seconds } }
        func fail(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }
        func live(_ seconds: TimeInterval?) { state.withLock { $0.lifetime = seconds } }
        func open(_ isOpen: Bool) { state.withLock { $0.isOpen = isOpen } }

        func fetch() async throws -> Renewed<Int>.Fetched {
            let count = state.withLock { state in
                state.count += 1
                return state.count
            }
            while !state.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(1)) }
            return try state.withLock { state in
                if state.isFailing { throw Failed() }
                let now = state.now
                return .init(value: count, expiry: state.lifetime.map { now.addingTimeInterval($0) })
            }
        }

        func renewed() -> Renewed<Int> {
            Renewed(now: { self.now }, fetch: { try await self.fetch() })
        }
    }

    @Test func `a value is fetched again five minutes before its end`() async throws {
        let source = Source()
        let renewed = source.renewed()
        #expect(try await renewed.value() == 1)
        source.pass(3299)
        #expect(try await renewed.value() == 1)
        source.pass(2)
        #expect(try await renewed.value() == 2)
    }

    @Test func `a short life is used to its half, and what has ended is not kept`() async throws {
        let source = Source()
        source.live(60)
        let renewed = source.renewed()
        #expect(try await renewed.value() == 1)
        source.pass(29)
        #expect(try await renewed.value() == 1)
        source.pass(2)
        source.live(-10)
        #expect(try await renewed.value() == 2)
        #expect(try await renewed.value() == 3)
        source.live(nil)
        #expect(try await renewed.value() == 4)
        source.pass(299)
        #expect(try await renewed.value() == 4)
        source.pass(2)
        #expect(try await renewed.value() == 5)
    }

    @Test func `where fetching fails, the old value is given until it ends`() async throws {
        let source = Source()
        let renewed = source.renewed()
        #expect(try await renewed.value() == 1)
        source.fail(true)
        source.pass(3400)
        #expect(try await renewed.value() == 1)
        #expect(try await renewed.value() == 1)
        #expect(source.count == 2, "after a failure it is not asked for at once")
        source.pass(31)
        #expect(try await renewed.value() == 1)
        #expect(source.count == 3)
        source.pass(300)
        await #expect(throws: Source.Failed.self) { try await renewed.value() }
        source.fail(false)
        #expect(try await renewed.value() == 5)
    }

    @Test func `all who ask at once are answered by one fetch, also with its failure`() async throws {
        for isFailing in [false, true] {
            let source = Source()
            source.fail(isFailing)
            source.open(false)
            let renewed = source.renewed()
            let answers = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<20 { group.addTask { try? await renewed.value() } }
                while renewed.waitingCount < 19 { try await Task.sleep(for: .milliseconds(1)) }
                source.open(true)
                return try await group.reduce(into: [Int?]()) { $0.append($1) }
            }
            #expect(source.count == 1)
            #expect(answers == Array(repeating: isFailing ? nil : 1, count: 20))
        }
    }

    @Test func `who gives up does not take the others along`() async throws {
        let source = Source()
        source.open(false)
        let renewed = source.renewed()
        let first = Task { try await renewed.value() }
        while source.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let second = Task { try await renewed.value() }
        let third = Task { try await renewed.value() }
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        source.open(true)
        #expect(try await second.value == 2)
    }
}
