import Synchronization
import Testing

@testable import RegistryClient

@Suite("What many do at once is done once, or in turn")
struct SharingTests {
    /// Waits until a condition holds, and fails after a while.
    private func wait(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            await Task.yield()
        }
    }

    @Test("When who makes a value is cancelled, another makes it")
    func abandoned() async throws {
        let flight = SingleFlight<Int, String>()
        let begun = Shared(0)
        let first = Task {
            try await flight.value(for: 1) {
                begun.withLock { $0 += 1 }
                try await Task.sleep(for: .seconds(60))
                return "first"
            }
        }
        try await wait { begun.withLock { $0 } == 1 }
        let second = Task {
            try await flight.value(for: 1) {
                begun.withLock { $0 += 1 }
                return "second"
            }
        }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let value = try await second.value
        #expect(value == "second")
    }

    @Test("Who waits for a value may give up, and the others get it")
    func givenUp() async throws {
        let flight = SingleFlight<Int, Int>()
        let begun = Shared(0)
        let mayEnd = Shared(false)
        @Sendable func make() async throws -> Int {
            try await flight.value(for: 1) {
                begun.withLock { $0 += 1 }
                while !mayEnd.withLock({ $0 }) { await Task.yield() }
                return 7
            }
        }
        let tasks = (0..<3).map { _ in Task { try await make() } }
        try await wait { begun.withLock { $0 } == 1 }
        let late = Task { try await make() }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        mayEnd.withLock { $0 = true }
        for task in tasks {
            let value = try await task.value
            #expect(value == 7)
        }
    }

    @Test("An error of who makes a value is the error of all who waited")
    func failed() async throws {
        struct Failure: Error {}
        let flight = SingleFlight<Int, Int>()
        await #expect(throws: Failure.self) { try await flight.value(for: 1) { throw Failure() } }
        let value = try await flight.value(for: 1) { 3 }
        #expect(value == 3)
    }

    @Test("Turns are taken one at a time, and one that is given up is passed over")
    func turns() async throws {
        let turns = Turns<String>()
        let state = Shared(Entries())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let task = Task {
                    try await turns.run("a") {
                        state.withLock { state in
                            state.inside += 1
                            state.most = max(state.most, state.inside)
                        }
                        await Task.yield()
                        state.withLock { state in
                            state.inside -= 1
                            state.done += 1
                        }
                    }
                }
                if number % 5 == 4 { task.cancel() }
                group.addTask {
                    do { try await task.value } catch is CancellationError {}
                }
            }
            try await group.waitForAll()
        }
        let entries = state.withLock { $0 }
        #expect(entries.inside == 0)
        #expect(entries.most == 1)
        #expect(entries.done >= 16)
    }
}

/// A value that tasks share.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) {
        self.value = Mutex(value)
    }

    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { body(&$0) }
    }
}

/// How many are inside, were at most, and have gone through.
private struct Entries: Sendable {
    var inside = 0
    var most = 0
    var done = 0
}
